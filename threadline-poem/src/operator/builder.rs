use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use poem::Request;
use threadline::sea_orm::DatabaseConnection;
use threadline::{ActorRef, Registry, RowKey, TableName};
use tokio::sync::Semaphore;

use super::Surface;
use super::authorise::Authorise;
use super::limits::Turns;
use crate::access::Decision;
use crate::pages::{Checkup, HostLinkFn, Limits, NamesFn, Routes, Site};
use crate::view::Theme;

/// A surface for which nobody has said yet who may see it. It cannot be built.
#[derive(Debug)]
pub enum Unauthorised {}

/// A surface that has an authoriser.
#[derive(Debug)]
pub enum Authorised {}

/// A [`Surface`] in the making: see [`Surface::builder`].
#[must_use = "a surface serves nothing until it is built and mounted"]
pub struct SurfaceBuilder<State> {
    site: Draft,
    authorise: Option<Authorise>,
    public_path: Option<String>,
    allowed_origins: Vec<String>,
    state: PhantomData<State>,
}

struct Draft {
    db: DatabaseConnection,
    registry: Registry,
    brand: String,
    banner: Option<String>,
    contact: Option<String>,
    theme: Option<Theme>,
    poll: Duration,
    names: Option<Arc<NamesFn>>,
    host_link: Option<Arc<HostLinkFn>>,
    limits: Limits,
}

/// A page may not ask more often than this.
const SHORTEST_POLL: Duration = Duration::from_secs(5);
/// How many panels that count are read at once, in the whole process.
const HEAVY_AT_ONCE: usize = 4;

impl SurfaceBuilder<Unauthorised> {
    pub(super) fn new(db: DatabaseConnection, registry: Registry) -> Self {
        let site = Draft {
            db,
            registry,
            brand: "Audit".to_owned(),
            banner: None,
            contact: None,
            theme: None,
            poll: Duration::from_secs(30),
            names: None,
            host_link: None,
            limits: Limits::default(),
        };
        let (public_path, allowed_origins) = (None, Vec::new());
        Self { site, authorise: None, public_path, allowed_origins, state: PhantomData }
    }

    /// Asks this function, at every request, who it is that asks and what they may see. It should read
    /// what the host's authentication left in the request. Take what is needed out of the request first,
    /// and do what has to be awaited in the future.
    ///
    /// The future gives a [`Decision`], an `Option<Grant>`, or a `Result` of either. An error, a panic,
    /// or more than 5 seconds are a refusal.
    pub fn authorize<F, D>(
        self,
        authorise: impl Fn(&Request) -> F + Send + Sync + 'static,
    ) -> SurfaceBuilder<Authorised>
    where
        F: Future<Output = D> + Send + 'static,
        D: Into<Decision>,
    {
        SurfaceBuilder {
            site: self.site,
            authorise: Some(Authorise::new(authorise)),
            public_path: self.public_path,
            allowed_origins: self.allowed_origins,
            state: PhantomData,
        }
    }
}

impl<State> SurfaceBuilder<State> {
    /// What the pages call the application: `ACME`.
    pub fn brand(mut self, brand: impl Into<String>) -> Self {
        self.site.brand = brand.into();
        self
    }

    /// A line above every page, as the name of the environment: `Staging`.
    pub fn banner(mut self, banner: impl Into<String>) -> Self {
        self.site.banner = Some(banner.into());
        self
    }

    /// Whom to ask for what a viewer may not see, in a sentence.
    pub fn contact(mut self, contact: impl Into<String>) -> Self {
        self.site.contact = Some(contact.into());
        self
    }

    /// One theme for everybody. Without it, viewers choose, and begin with that of their system.
    pub fn theme(mut self, theme: Theme) -> Self {
        self.site.theme = Some(theme);
        self
    }

    /// How often an open page asks what is new; 30 seconds by default, and never less than 5.
    pub fn poll_every(mut self, interval: Duration) -> Self {
        self.site.poll = interval.max(SHORTEST_POLL);
        self
    }

    /// The path under which browsers see the surface, where it is not the one it is mounted at: behind a
    /// proxy that takes a part of the path away, say.
    pub fn public_path(mut self, path: impl Into<String>) -> Self {
        self.public_path = Some(path.into());
        self
    }

    /// Takes forms also from pages of this origin (`https://ops.example`), beside the surface's own. Only
    /// browsers that do not send `Sec-Fetch-Site` are asked for their origin.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.allowed_origins.push(origin.into());
        self
    }

    /// Asks this function what actors are called. It gets all those of a page at once; those it has no
    /// name for are shown by their reference. It has half a second, after which the page goes without.
    ///
    /// ```
    /// # use std::collections::HashMap;
    /// # use threadline::{ActorRef, Registry, sea_orm::DatabaseConnection};
    /// # fn example(db: DatabaseConnection, registry: &Registry) {
    /// let builder = threadline_poem::Surface::builder(db, registry).actor_names(|actors| async move {
    ///     // … one query for all of them …
    ///     actors.into_iter().map(|actor| (actor, "Amy Jones".to_owned())).collect()
    /// });
    /// # let _ = builder;
    /// # }
    /// ```
    pub fn actor_names<F>(
        mut self,
        names: impl Fn(Vec<ActorRef>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = std::collections::HashMap<ActorRef, String>> + Send + 'static,
    {
        self.site.names = Some(Arc::new(move |actors| Box::pin(names(actors))));
        self
    }

    /// Asks this function where the host itself shows a row: `/tickets/7`. Only a path of the host, which
    /// begins with one slash, becomes a link.
    pub fn host_link(
        mut self,
        link: impl Fn(&TableName, &RowKey) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.site.host_link = Some(Arc::new(link));
        self
    }

    /// The most rows that one export has; 5 000 by default. An export is complete before it is sent, so
    /// it is held in memory, and never larger than 8 MiB.
    pub fn export_rows(mut self, rows: u32) -> Self {
        self.site.limits.export_rows = rows.max(1);
        self
    }
}

impl SurfaceBuilder<Authorised> {
    /// The surface.
    ///
    /// # Panics
    ///
    /// Never, unless this crate's own table of pages contradicts itself, which its tests would show.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a table of constants, and an authoriser by the type")]
    pub fn build(self) -> Surface {
        let Draft { db, registry, brand, banner, contact, theme, poll, names, host_link, limits } =
            self.site;
        let checkup = Arc::new(Checkup::new(db.clone(), registry.clone(), limits.page));
        let site = Site {
            db,
            registry,
            brand,
            banner,
            contact,
            theme,
            poll,
            names,
            host_link,
            limits,
            heavy: Semaphore::new(HEAVY_AT_ONCE),
            checkup,
        };
        Surface {
            site: Arc::new(site),
            authorise: self.authorise.expect("the type says that there is one"),
            routes: Routes::new().expect("the table of pages is sound"),
            turns: Turns::default(),
            public_path: self.public_path,
            allowed_origins: self.allowed_origins,
        }
    }
}
