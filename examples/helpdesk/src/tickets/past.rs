//! What a ticket was, and who changed it.

use chrono::{DateTime, Utc};
use helpdesk_entity::ticket;
use maud::{Markup, html};
use sea_orm::DatabaseConnection;
use threadline::prelude::*;
use threadline::{Absence, ActorType, Registry, Reified, Version, change_diff};

use super::page::{Names, name};
use super::read::{self, Told};
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

/// What there is to show of a moment.
pub(crate) enum Then {
    /// The ticket and everything around it.
    Told(Box<Told>),
    /// No ticket, and why.
    Not(Reified<ticket::Model>),
}

/// The ticket and everything around it as it stood at a moment, by the query of the page of today.
pub(crate) async fn ticket(
    db: &DatabaseConnection,
    registry: &Registry,
    id: i64,
    at: DateTime<Utc>,
) -> Result<Then, AppError> {
    let row = ticket::Entity::as_of(id, at, db).await?;
    if row.model().is_none() {
        return Ok(Then::Not(row));
    }
    Ok(match read::ticket(&db.as_of(at, registry), id).await? {
        Some(told) => Then::Told(Box::new(told)),
        None => Then::Not(row),
    })
}

/// That this is the past.
pub(crate) fn banner(id: i64, at: DateTime<Utc>) -> Markup {
    html! {
        p.past { "As it stood at " (view::moment(at)) " · " a href={ "/tickets/" (id) } { "now" } }
    }
}

/// Why there is nothing to show.
pub(crate) fn absence(ticket: &Reified<ticket::Model>) -> Markup {
    html! {
        @match ticket {
            Reified::Unreadable { why, .. } => p { "It cannot be read any more: " (why) },
            Reified::Absent(absence) => p { (reason(absence)) },
            _ => p { "Nothing is known of it." },
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
