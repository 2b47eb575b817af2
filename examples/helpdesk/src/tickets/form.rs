//! The forms, and what they send.

use helpdesk_entity::ticket::Priority;
use maud::{Markup, html};
use serde::Deserialize;

use crate::error::AppError;
use crate::input;

const MAX_SUBJECT_CHARS: usize = 200;
const MAX_TEXT_CHARS: usize = 10_000;

/// What the form for a new ticket sends.
#[derive(Deserialize)]
pub(crate) struct NewTicket {
    subject: String,
    body: String,
    priority: Option<Priority>,
}

impl NewTicket {
    /// Subject, text and priority, checked.
    pub(crate) fn checked(self) -> Result<(String, String, Priority), AppError> {
        Ok((
            input::line("subject", &self.subject, MAX_SUBJECT_CHARS)?,
            input::text("body", &self.body, MAX_TEXT_CHARS)?,
            self.priority.unwrap_or(Priority::Normal),
        ))
    }
}

/// What the form for a reply sends.
#[derive(Deserialize)]
pub(crate) struct NewReply {
    body: String,
}

impl NewReply {
    /// The text, checked.
    pub(crate) fn checked(self) -> Result<String, AppError> {
        input::text("body", &self.body, MAX_TEXT_CHARS)
    }
}

pub(crate) fn new_ticket() -> Markup {
    html! {
        form.stacked method="post" action="/tickets" {
            label { "Subject" input name="subject" maxlength=(MAX_SUBJECT_CHARS) required; }
            label { "What happened?" textarea name="body" rows="5" required {} }
            label {
                "Priority"
                select name="priority" {
                    option value="low" { "low" }
                    option value="normal" selected { "normal" }
                    option value="high" { "high" }
                }
            }
            button { "Open ticket" }
        }
    }
}

pub(crate) fn new_reply(ticket_id: i64) -> Markup {
    html! {
        form.stacked method="post" action={ "/tickets/" (ticket_id) "/replies" } {
            label { "Reply" textarea name="body" rows="4" required {} }
            button { "Send reply" }
        }
        form method="post" action={ "/tickets/" (ticket_id) "/close" } {
            button.quiet { "Close ticket" }
        }
    }
}
