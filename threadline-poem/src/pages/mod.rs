//! The operator pages. A page takes a [`Visit`], asks its [`Desk`](desk::Desk) and answers; it knows
//! neither the web framework nor SQL. The table [`PAGES`] is what there is: routes, rights and the tests
//! that every page has to pass are made of it.

mod action;
mod actor;
mod answer;
pub(crate) mod assets;
mod change;
mod compare;
mod coverage;
mod desk;
mod export;
mod filtered;
mod home;
mod key;
mod mend;
mod panel;
mod preferences;
mod pulse;
mod query;
mod redaction;
mod refused;
mod routes;
mod row;
mod rows;
mod shapes;
mod site;
mod stale;
mod timeline;
mod told;
mod transaction;
mod visit;

use std::pin::Pin;

use crate::access::Capability;

pub(crate) use answer::{Answer, Refusal};
pub(crate) use desk::Checkup;
pub(crate) use preferences::COOKIE;
pub(crate) use refused::refused;
pub(crate) use routes::{Found, Routes};
pub(crate) use site::{HostLinkFn, Limits, NamesFn, Site};
pub(crate) use visit::{Preferences, Visit};

/// A page at work.
pub(crate) type Going<'v> = Pin<Box<dyn Future<Output = Result<Answer, Refusal>> + Send + 'v>>;

/// One entry of the table.
pub(crate) struct Page {
    /// Its path below the mount; `{name}` is one segment.
    pub(crate) path: &'static str,
    pub(crate) verb: Verb,
    /// What the viewer must be allowed beyond entry.
    pub(crate) needs: Option<Capability>,
    pub(crate) cost: Cost,
    pub(crate) answer: for<'v> fn(&'v Visit) -> Going<'v>,
}

/// What a page is asked with. What reads also answers to HEAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
}

/// What a page costs beyond what its own limits of time bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    Little,
    /// It is asked again and again by every page that is open.
    Poll,
    /// A whole document is made before the first byte is sent.
    Export,
}

const fn get(path: &'static str, answer: for<'v> fn(&'v Visit) -> Going<'v>) -> Page {
    Page { path, verb: Verb::Get, needs: None, cost: Cost::Little, answer }
}

const fn post(path: &'static str, answer: for<'v> fn(&'v Visit) -> Going<'v>) -> Page {
    Page { path, verb: Verb::Post, needs: None, cost: Cost::Little, answer }
}

impl Page {
    const fn needs(self, capability: Capability) -> Self {
        Self { needs: Some(capability), ..self }
    }

    const fn costs(self, cost: Cost) -> Self {
        Self { cost, ..self }
    }
}

/// Every page.
#[rustfmt::skip]
pub(crate) const PAGES: &[Page] = &[
    get("/", |visit| Box::pin(home::answer(visit))),
    get("/timeline", |visit| Box::pin(timeline::answer(visit))),
    get("/_/pulse.json", |visit| Box::pin(pulse::answer(visit))).costs(Cost::Poll),
    get("/transactions/{id}", |visit| Box::pin(transaction::answer(visit))),
    get("/changes/{id}", |visit| Box::pin(change::answer(visit))),
    get("/rows", |visit| Box::pin(rows::answer(visit))),
    get("/rows/{table}", |visit| Box::pin(rows::answer(visit))),
    get("/rows/{table}/{key}", |visit| Box::pin(row::answer(visit))),
    get("/compare", |visit| Box::pin(compare::answer(visit))),
    get("/actors", |visit| Box::pin(actor::find(visit))),
    get("/actors/{kind}", |visit| Box::pin(actor::answer(visit))),
    get("/actors/{kind}/{id}", |visit| Box::pin(actor::answer(visit))),
    get("/actions/{name}", |visit| Box::pin(action::answer(visit))),
    get("/exports/{file}", |visit| Box::pin(export::answer(visit))).needs(Capability::Export).costs(Cost::Export),
    get("/coverage", |visit| Box::pin(coverage::answer(visit))).needs(Capability::Coverage),
    get("/health.json", |visit| Box::pin(coverage::health(visit))).needs(Capability::Coverage),
    get("/policy/redaction", |visit| Box::pin(redaction::answer(visit))).needs(Capability::Policy),
    post("/prefs", |visit| Box::pin(preferences::answer(visit))),
];

/// Whether a text is a path of the host, and cannot lead anywhere else: browsers read `//` and `/\\` as
/// the beginning of another host.
pub(crate) fn is_host_path(text: &str) -> bool {
    let is_odd = |c: char| c.is_control() || c == '\\' || c.is_whitespace();
    text.starts_with('/') && !text.starts_with("//") && !text.contains(is_odd)
}
