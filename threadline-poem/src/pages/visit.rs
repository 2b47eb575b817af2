use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::desk::Desk;
use super::site::Site;
use crate::access::{Capability, Grant};
use crate::view::{Chrome, Links, Pill, Place, Theme};

/// One request, as the pages see it: what was asked, by whom, and where the answers are.
pub(crate) struct Visit {
    pub(crate) site: Arc<Site>,
    pub(crate) grant: Grant,
    pub(crate) links: Links,
    /// The path below the mount, and the query as it came.
    pub(crate) path: String,
    pub(crate) query: String,
    /// The variable segments of the path, decoded.
    pub(crate) segments: BTreeMap<String, String>,
    /// The fields of a form that was posted, in order.
    pub(crate) form: Vec<(String, String)>,
    pub(crate) preferences: Preferences,
    /// The tag of what the caller has already.
    pub(crate) if_none_match: Option<String>,
    pub(crate) now: DateTime<Utc>,
}

/// What a viewer has chosen about how pages look; kept in a cookie, and about nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Preferences {
    pub(crate) theme: Option<Theme>,
}

impl Visit {
    /// A variable segment of the path; empty if the page's path has none of that name.
    pub(crate) fn segment(&self, name: &str) -> &str {
        self.segments.get(name).map_or("", String::as_str)
    }

    /// The pairs of the query, in order and decoded.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    /// Where the viewer's questions go.
    pub(crate) fn desk(&self) -> Desk<'_> {
        Desk::new(&self.site, &self.grant)
    }

    /// The frame of a page. `title` is what it is about, most particular first.
    pub(crate) async fn chrome(&self, place: Option<Place>, title: impl Into<String>) -> Chrome {
        let pill = if self.grant.may(Capability::Coverage) { self.site.pill().await } else { None };
        self.frame(place, title, pill)
    }

    /// What the header may say without asking the database.
    pub(crate) fn known_pill(&self) -> Option<Pill> {
        if self.grant.may(Capability::Coverage) { self.site.known_pill() } else { None }
    }

    /// The frame of a page whose header says this of coverage.
    pub(crate) fn frame(
        &self,
        place: Option<Place>,
        title: impl Into<String>,
        pill: Option<Pill>,
    ) -> Chrome {
        let site = &self.site;
        Chrome {
            links: self.links.clone(),
            title: title.into(),
            place,
            places: self.places(),
            brand: site.brand.clone(),
            banner: site.banner.clone(),
            viewer: self.grant.display_name(),
            scope: self.grant.scope_label().map(str::to_owned),
            pill,
            theme: site.theme.or(self.preferences.theme).unwrap_or_default(),
            is_theme_fixed: site.theme.is_some(),
            here: self.here(),
            command: None,
            poll_seconds: site.poll.as_secs(),
            pulse: self.grant.may(Capability::Coverage).then(|| self.links.pulse()),
            now: self.now,
            assets: super::assets::names(),
        }
    }

    /// This page, to come back to.
    fn here(&self) -> String {
        self.address(&self.path)
    }

    /// The address of a path below the mount, with the query of this request.
    pub(crate) fn address(&self, path: &str) -> String {
        let base = format!("{}{}", self.links.home(), path.trim_start_matches('/'));
        if self.query.is_empty() { base } else { format!("{base}?{}", self.query) }
    }

    fn places(&self) -> Vec<Place> {
        let mut places = vec![Place::Home, Place::Timeline, Place::Rows, Place::Actors];
        if self.grant.may(Capability::Coverage) {
            places.push(Place::Coverage);
        }
        if self.grant.may(Capability::Policy) {
            places.push(Place::Redaction);
        }
        places
    }
}
