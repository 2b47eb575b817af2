//! What a page answers, and how it refuses; plain values that any web framework can send.

use maud::Markup;
use threadline::{Error, FilterProblems};

use super::told::Told;
use crate::access::Capability;

/// What is sent.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A page.
    Page(Markup),
    /// A page about something that was found wanting in the request: it has the status of the refusal.
    Refused(u16, Markup),
    /// The same, about something that passes: it may be asked again after so many seconds.
    Later { status: u16, seconds: u64, page: Markup },
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
    /// Fields of a form or an address that cannot be, each with what would do.
    #[error("{} cannot be", listed(.0))]
    Fields(Vec<BadField>),
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
    /// What the installation's inspection said, unless it is one of the above.
    #[error(transparent)]
    Health(threadline_migration::Error),
    /// A page panicked, which is logged by whoever caught it.
    #[error("a page panicked")]
    Panicked,
    /// What was told and logged already, when it happened.
    #[error("{}", .0.title)]
    Told(Box<Told>),
}

/// A field that cannot be as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadField {
    pub(crate) key: String,
    /// As it was given; its beginning if it is long.
    pub(crate) value: String,
    /// What is wrong with it, and what would do.
    pub(crate) why: String,
    /// One that would do: `schema=public`.
    pub(crate) example: Option<String>,
}

impl BadField {
    pub(crate) fn new(key: &str, value: &str, why: impl Into<String>) -> Self {
        let (key, value) = (beginning(key), beginning(value));
        Self { key, value, why: why.into(), example: None }
    }

    pub(crate) fn example(mut self, example: impl Into<String>) -> Self {
        self.example = Some(example.into());
        self
    }
}

/// The longest value that is told back, in characters.
const SHOWN: usize = 80;

fn beginning(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn listed(fields: &[BadField]) -> String {
    fields.iter().map(|field| field.key.as_str()).collect::<Vec<_>>().join(", ")
}

impl From<threadline_migration::Error> for Refusal {
    /// An error of the database means the same, whoever asked it.
    fn from(error: threadline_migration::Error) -> Self {
        match error {
            threadline_migration::Error::Db(error) => Self::Trail(Error::from_read(error)),
            threadline_migration::Error::Audit(error) => Self::Trail(error),
            error => Self::Health(error),
        }
    }
}

impl Refusal {
    /// The word for it, as in logs.
    pub(crate) fn class(&self) -> &'static str {
        match self {
            Self::NotFound | Self::Trail(Error::NotFound { .. }) => "not_found",
            Self::Bad(_) | Self::Fields(_) | Self::Filter(_) => "bad_request",
            Self::Trail(
                Error::InvalidFilter(_)
                | Error::InvalidCursor(_)
                | Error::InvalidKey(_)
                | Error::InvalidMoment { .. }
                | Error::InvalidName { .. },
            ) => "bad_request",
            Self::Lacks(_) => "no_capability",
            Self::NotConfigured(_) => "not_configured",
            Self::TooMany(_) | Self::Busy => "too_many",
            Self::Trail(_) | Self::Health(_) | Self::Panicked | Self::Told(_) => "failed",
        }
    }
}
