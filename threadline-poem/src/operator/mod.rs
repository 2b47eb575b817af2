//! The operator pages as a Poem endpoint. Only this folder and the middleware know Poem.

mod authorise;
mod builder;
mod headers;
mod limits;
mod mount;
mod origin;
mod request;
mod send;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt;
use poem::http::{Method, StatusCode};
use poem::{Endpoint, Request, Response};

use crate::access::{Capability, Decision, Grant};
use crate::pages::{self, Found, Refusal, Routes, Site, Verb};
use crate::view::Links;
use authorise::Authorise;
pub use builder::{Authorised, SurfaceBuilder, Unauthorised};

/// The operator pages, to be mounted in a Poem application.
///
/// ```no_run
/// use poem::{EndpointExt, Route};
/// use threadline::{ActorRef, Predicate, Registry, sea_orm::DatabaseConnection};
/// use threadline_poem::{Capability, Decision, Grant, Surface};
///
/// #[derive(Clone)]
/// struct CurrentUser { id: i64, organization: i64, is_admin: bool } // put there by the host's authentication
///
/// fn audit(db: DatabaseConnection, registry: &Registry) -> Surface {
///     Surface::builder(db, registry)
///         .authorize(|req| {
///             let user = req.data::<CurrentUser>().cloned();
///             async move {
///                 let Some(user) = user else { return Decision::Login("/login".to_owned()) };
///                 if user.is_admin {
///                     return Decision::Allow(
///                         Grant::everything(ActorRef::admin(user.id))
///                             .allow(Capability::Export)
///                             .allow(Capability::Coverage),
///                     );
///                 }
///                 Decision::Allow(Grant::scoped(
///                     ActorRef::user(user.id),
///                     format!("organization {}", user.organization),
///                     Predicate::column("organization_id", user.organization),
///                 ))
///             }
///         })
///         .brand("ACME")
///         .build()
/// }
///
/// # fn example(db: DatabaseConnection, registry: &Registry) {
/// let app = Route::new().nest("/audit", audit(db, registry)); // and then the host's authentication
/// # let _ = app;
/// # }
/// ```
///
/// Without an authoriser there is nothing to mount:
///
/// ```compile_fail,E0599
/// # fn example(db: threadline::sea_orm::DatabaseConnection, registry: &threadline::Registry) {
/// let surface = threadline_poem::Surface::builder(db, registry).build();
/// # }
/// ```
///
/// The pages are read-only, work without JavaScript, load nothing from elsewhere, and bring headers that
/// forbid it. They never answer with an error that another layer could turn into something else: what
/// goes wrong is a page, too.
pub struct Surface {
    site: Arc<Site>,
    authorise: Authorise,
    routes: Routes,
    turns: limits::Turns,
    public_path: Option<String>,
    allowed_origins: Vec<String>,
}

impl Surface {
    /// Begins a surface on this database. `registry` says what is declared about the tables.
    ///
    /// Give it a connection of a role that can read the trail and the audited tables and write nothing,
    /// if there is one: see the guide on roles. Panels are read side by side, so the pool should have
    /// four connections to spare for each page that is read at a time.
    pub fn builder(
        db: threadline::sea_orm::DatabaseConnection,
        registry: &threadline::Registry,
    ) -> SurfaceBuilder<Unauthorised> {
        SurfaceBuilder::new(db, registry.clone())
    }

    async fn answer(&self, req: Request) -> Response {
        let links = Links::new(mount::public_path(&req, self.public_path.as_deref()));
        let path = mount::path_below(&req);
        if let Some(name) = path.strip_prefix("/assets/") {
            return send::asset(req.method(), name);
        }
        if request::is_too_long(&req) {
            return send::plain(StatusCode::URI_TOO_LONG, "The address is too long.");
        }
        match self.authorise.decide(&req).await {
            Decision::Allow(grant) => self.page(req, grant, links, path).await,
            Decision::Login(to) => send::login(req.method(), &to, &links),
            Decision::Deny => send::denied(req.method(), &links),
        }
    }

    /// The answer for somebody who has a grant.
    async fn page(&self, req: Request, grant: Grant, links: Links, path: String) -> Response {
        let is_head = req.method() == Method::HEAD;
        let verb = match *req.method() {
            Method::GET | Method::HEAD => Verb::Get,
            Method::POST => Verb::Post,
            _ => return send::wrong_verb(&self.routes.verbs(&path)),
        };
        if verb == Verb::Post && !origin::is_own(req.headers(), &self.allowed_origins) {
            tracing::info!(
                name: "threadline.operator.refused",
                target: "threadline",
                status = "cross_site",
                "a form that was not sent from the operator pages was refused"
            );
            return send::plain(
                StatusCode::FORBIDDEN,
                "This was not sent from one of these pages.",
            );
        }
        let found = self.routes.find(&path, verb);
        let visit = match request::visit(req, self.site.clone(), grant, links).await {
            Ok(visit) => visit,
            Err(refusal) => return refusal,
        };
        let answer = match found {
            Found::Page(page, segments) => {
                let visit = pages::Visit { segments, ..visit };
                return send::answer(self.run(page, &visit).await, is_head);
            }
            Found::WrongVerb(verbs) => return send::wrong_verb(&verbs),
            Found::Elsewhere(path) => pages::Answer::Moved(visit.address(&path)),
            Found::Nothing => pages::refused(&visit, &Refusal::NotFound).await,
        };
        send::answer(answer, is_head)
    }

    /// The page's answer, if it is the viewer's turn.
    async fn in_turn(
        &self,
        page: &'static pages::Page,
        visit: &pages::Visit,
    ) -> Result<pages::Answer, Refusal> {
        let _place = self.turns.place(visit.grant.viewer()).await?;
        let _turn = self.turns.admit(page.cost, visit.grant.viewer(), Instant::now())?;
        caught(page, visit).await
    }

    async fn run(&self, page: &'static pages::Page, visit: &pages::Visit) -> pages::Answer {
        let lacking = page.needs.filter(|capability| !visit.grant.may(*capability));
        let answer = match lacking {
            Some(capability) => Err(Refusal::Lacks(capability)),
            None => self.in_turn(page, visit).await,
        };
        match answer {
            Ok(answer) => answer,
            Err(refusal) => {
                tracing::info!(
                    name: "threadline.operator.refused",
                    target: "threadline",
                    page = page.path,
                    status = refusal.class(),
                    "an operator page was refused"
                );
                pages::refused(visit, &refusal).await
            }
        }
    }
}

/// A page as the tests know it: what it is asked with, its path, and what the viewer must be allowed.
type Entry = (Method, &'static str, Option<Capability>);

impl Surface {
    /// Every page, for the tests that ask all of them. It is no part of the interface.
    #[doc(hidden)]
    pub fn __pages() -> Vec<Entry> {
        let method = |verb| match verb {
            Verb::Get => Method::GET,
            Verb::Post => Method::POST,
        };
        pages::PAGES.iter().map(|page| (method(page.verb), page.path, page.needs)).collect()
    }
}

/// The page's answer. One that panics is told in the frame of all pages; what is left to panic after
/// that is caught once more where the response is made.
async fn caught(
    page: &'static pages::Page,
    visit: &pages::Visit,
) -> Result<pages::Answer, Refusal> {
    let answer = AssertUnwindSafe(async { (page.answer)(visit).await }).catch_unwind().await;
    answer.unwrap_or(Err(Refusal::Panicked))
}

impl Endpoint for Surface {
    type Output = Response;

    async fn call(&self, req: Request) -> poem::Result<Response> {
        // A panic would cost the client its connection, and the log its reason.
        let answer = AssertUnwindSafe(self.answer(req)).catch_unwind().await;
        let mut response = answer.unwrap_or_else(|_| send::panicked());
        headers::set(&mut response);
        Ok(response)
    }
}
