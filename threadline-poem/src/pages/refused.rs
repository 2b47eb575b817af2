//! A page for each way in which there is none.

use maud::html;
use threadline::Error;
use uuid::Uuid;

use super::{Answer, Refusal, Visit};
use crate::view;

/// What is told, and under which status.
pub(super) struct Told {
    status: u16,
    title: &'static str,
    pub(super) text: String,
    command: Option<&'static str>,
}

/// The page of a refusal, in the frame of all pages. What the viewer cannot help is logged under a number,
/// and of it the viewer learns only the number.
pub(crate) async fn refused(visit: &Visit, refusal: &Refusal) -> Answer {
    let told = told(refusal);
    let mut chrome = visit.chrome(None, told.title).await;
    chrome.command = told.command.map(str::to_owned);
    let contact = visit.site.contact.as_deref();
    let body = html! {
        h1 { (told.title) }
        p { (told.text) }
        @if let (403 | 501, Some(contact)) = (told.status, contact) { p { (contact) } }
        p { a href=(visit.links.home()) { "Back to the first page" } }
    };
    Answer::Refused(told.status, view::shell(&chrome, body))
}

pub(super) fn told(refusal: &Refusal) -> Told {
    let (status, title, text) = match refusal {
        Refusal::NotFound => (404, "Not found", not_found()),
        Refusal::Bad(why) => (422, "This cannot be asked", why.clone()),
        Refusal::Filter(problems) => (422, "This filter cannot be", problems.to_string()),
        Refusal::Lacks(capability) => (
            403,
            "Not available here",
            format!(
                "You may look at the audit trail, but not at this part of it ({}).",
                capability.as_str()
            ),
        ),
        Refusal::NotConfigured(why) => (501, "Not available here", (*why).to_owned()),
        Refusal::TooMany(seconds) => {
            (429, "Too many at once", format!("Try again in {seconds} seconds."))
        }
        Refusal::Busy => {
            (503, "Too much is being read at the moment", "Try again in a few seconds.".to_owned())
        }
        Refusal::Trail(error) => return of_trail(error),
        Refusal::Health(threadline_migration::Error::Db(error)) => {
            (500, "Something went wrong", incident(error))
        }
        Refusal::Health(error) => (500, "Something went wrong", incident(error)),
    };
    let command = match refusal {
        Refusal::Lacks(capability) => match capability {
            crate::Capability::Coverage => Some("threadline health coverage"),
            crate::Capability::Policy => Some("threadline policy show"),
            crate::Capability::Export => Some("threadline export"),
            _ => None,
        },
        _ => None,
    };
    Told { status, title, text, command }
}

fn of_trail(error: &Error) -> Told {
    let told = |status, title, text: String| Told { status, title, text, command: None };
    match error {
        Error::NotFound { .. } => told(404, "Not found", not_found()),
        Error::InvalidFilter(problems) => told(422, "This filter cannot be", problems.to_string()),
        Error::InvalidCursor(_)
        | Error::InvalidKey(_)
        | Error::InvalidMoment { .. }
        | Error::InvalidName { .. } => told(422, "This cannot be asked", error.to_string()),
        Error::TimedOut { .. } => told(
            503,
            "It took too long",
            "The answer took longer than a page may. Narrow the time, or name a table or a row."
                .to_owned(),
        ),
        Error::NotInstalled { .. } => Told {
            status: 503,
            title: "There is no audit trail yet",
            text: "This database has no audit trail of this version. Run the migrations."
                .to_owned(),
            command: Some("threadline doctor"),
        },
        error if error.is_unavailable() => told(
            503,
            "The database cannot be reached",
            format!("Nothing can be shown until it can. {}", incident(error)),
        ),
        error => told(500, "Something went wrong", incident(error)),
    }
}

/// The same for what does not exist, what was purged and what is out of scope.
fn not_found() -> String {
    "There is nothing at this address that you may see: it never was, it is no longer kept, or it is \
     not within what your view is narrowed to."
        .to_owned()
}

fn incident(error: &dyn std::fmt::Display) -> String {
    let incident = Uuid::now_v7();
    tracing::error!(
        name: "threadline.operator.incident",
        target: "threadline",
        %incident,
        "{error}"
    );
    format!("It is logged as incident {incident}; whoever runs this application can look it up.")
}
