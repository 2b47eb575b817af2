//! Tickets: opened, answered, closed, and looked at as they once were.

mod form;
mod page;
mod past;
pub mod read;
mod write;

use helpdesk_entity::ticket;
use maud::{Markup, html};
use poem::handler;
use poem::web::{Data, Html};
use sea_orm::DatabaseConnection;

use crate::error::AppError;
use crate::session::Viewer;
use crate::{login, view};

pub(crate) use page::show;
pub(crate) use write::{close, open, reply};

/// `GET /`: the newest tickets, or the login form.
#[handler]
pub(crate) async fn index(
    viewer: Option<Viewer>,
    Data(db): Data<&DatabaseConnection>,
) -> Result<Html<String>, AppError> {
    let Some(viewer) = viewer else {
        return Ok(view::page("Sign in", None, login::form(None)));
    };
    let tickets = read::newest(db, viewer.only_organization()).await?;
    let body = html! {
        (list(&tickets))
        h2 { "Open a ticket" }
        (form::new_ticket())
    };
    Ok(view::page("Tickets", Some(&viewer), body))
}

fn list(tickets: &[ticket::Model]) -> Markup {
    html! {
        @if tickets.is_empty() { p { "There are no tickets yet." } }
        @else {
            table {
                thead { tr { th { "#" } th { "Subject" } th { "Status" } th { "Priority" } } }
                tbody {
                    @for ticket in tickets {
                        tr {
                            td { (ticket.id) }
                            td { a href={ "/tickets/" (ticket.id) } { (ticket.subject) } }
                            td { (word(ticket.status)) }
                            td { (word(ticket.priority)) }
                        }
                    }
                }
            }
        }
    }
}

/// A status or a priority, as it is stored.
fn word(value: impl sea_orm::ActiveEnum<Value = String>) -> String {
    value.into_value()
}
