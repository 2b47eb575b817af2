//! What a page answers, and how it refuses; plain values that any web framework can send.

use maud::Markup;
use threadline::{Error, FilterProblems};

use crate::access::Capability;

/// What is sent.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A page.
    Page(Markup),
    /// A page about something that was found wanting in the request: it has the status of the refusal.
    Refused(u16, Markup),
    /// Data for the page's own script; the tag says whether it has changed.
    Json { body: Vec<u8>, tag: Option<String> },
    /// A file, complete before its first byte is sent, and how many changes it has.
    Download { name: String, media: &'static str, body: Vec<u8>, rows: u64 },
    /// Elsewhere within the surface (or, for a login, within the host): 303.
    SeeOther(String),
    /// The same, with a cookie that keeps a choice.
    Kept { to: String, cookie: String },
    /// The same, once and for all: 308.
    Moved(String),
    /// What the caller has already.
    NotModified,
}

/// Why a page does not answer. Each becomes a page of its own, within the same frame.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// It does not exist, or is not in the viewer's scope, or is purged: nobody can tell which.
    #[error("there is nothing at this address")]
    NotFound,
    /// The request's own fault, said to the reader.
    #[error("{0}")]
    Bad(String),
    /// A filter that cannot be.
    #[error("the filter cannot be: {0}")]
    Filter(FilterProblems),
    /// The viewer may not.
    #[error("the viewer lacks the capability `{}`", .0.as_str())]
    Lacks(Capability),
    /// The host has not set it up.
    #[error("{0}")]
    NotConfigured(&'static str),
    /// Too much at once; try again after so many seconds.
    #[error("too many requests")]
    TooMany(u64),
    /// Too many others count at the moment.
    #[error("too much is being counted at the moment")]
    Busy,
    /// Anything that the database or the trail said.
    #[error(transparent)]
    Trail(#[from] Error),
    /// What the installation's inspection said.
    #[error(transparent)]
    Health(#[from] threadline_migration::Error),
}

impl Refusal {
    /// The word for it, as in logs.
    pub(crate) fn class(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Bad(_) | Self::Filter(_) => "bad_request",
            Self::Lacks(_) => "no_capability",
            Self::NotConfigured(_) => "not_configured",
            Self::TooMany(_) | Self::Busy => "too_many",
            Self::Trail(_) | Self::Health(_) => "failed",
        }
    }
}
