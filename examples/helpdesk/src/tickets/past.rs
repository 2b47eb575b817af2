//! What a ticket was, and who changed it.

use chrono::{DateTime, Utc};
use helpdesk_entity::ticket;
use maud::{Markup, html};
use threadline::{Absence, ActorRef, ActorType, Reified, Version, change_diff};

use super::page::{Names, facts, name};
use crate::error::AppError;
use crate::{audit, view};

/// The moment of `?at=`.
pub(crate) fn moment(text: &str) -> Result<DateTime<Utc>, AppError> {
    // In a URL, `+` stands for a blank: `?at=2026-01-02T03:04:05+01:00` arrives with one.
    let text = text.trim().replace(' ', "+");
    DateTime::parse_from_rfc3339(&text).map(|at| at.to_utc()).map_err(|_| {
        AppError::Invalid(
            "at must be a moment as in RFC 3339, such as 2026-01-02T03:04:05Z".to_owned(),
        )
    })
}

/// The ticket as it stood at a moment.
pub(crate) fn stood(at: DateTime<Utc>, ticket: &Reified<ticket::Model>, names: &Names) -> Markup {
    html! {
        section.past {
            h2 { "As it stood at " (view::moment(at)) }
            @match ticket {
                Reified::Exact(ticket) => {
                    p { b { (ticket.subject) } }
                    (facts(ticket, names))
                }
                Reified::Lossy(ticket, notes) => {
                    p { b { (ticket.subject) } }
                    (facts(ticket, names))
                    ul { @for note in notes { li { (note) } } }
                }
                Reified::Unreadable { why, .. } => p { "It cannot be read any more: " (why) },
                Reified::Absent(absence) => p { (reason(absence)) },
                _ => p { "Nothing is known of it." },
            }
        }
    }
}

fn reason(absence: &Absence) -> Markup {
    html! {
        @match absence {
            Absence::NeverExisted => "There was no such ticket yet.",
            Absence::BeforeHorizon { since } | Absence::Unrecorded { since } => {
                "Nobody can know: tickets are audited since " (view::moment(*since)) "."
            }
            Absence::Deleted { at, .. } => { "It was deleted at " (view::moment(*at)) "." }
            Absence::Truncated { at, .. } => {
                "All tickets were removed at " (view::moment(*at)) "."
            }
            _ => "Nothing is known of it.",
        }
    }
}

/// Who changed what, the newest change first.
pub(crate) fn history(id: i64, versions: &[Version<ticket::Entity>], names: &Names) -> Markup {
    html! {
        ol.history reversed {
            @for version in versions.iter().rev() {
                // Before the commit nobody else could see the change.
                @let at = version.transaction.committed_at.unwrap_or(version.change.captured_at);
                li {
                    p.facts {
                        a href={ "/tickets/" (id) "?at=" (view::exact(at)) } { (view::moment(at)) }
                        " · " (who(version.actor(), names))
                        @if let Some(action) = &version.action { " · " (action.name) }
                    }
                    (audit::diff(&change_diff(&version.change)))
                }
            }
        }
    }
}

fn who(actor: Option<&ActorRef>, names: &Names) -> String {
    let Some(actor) = actor else { return "somebody who did not say".to_owned() };
    let is_user = matches!(actor.actor_type(), ActorType::User | ActorType::Admin);
    match actor.id().and_then(|id| id.parse().ok()) {
        Some(id) if is_user => name(names, id),
        _ => actor.to_string(),
    }
}
