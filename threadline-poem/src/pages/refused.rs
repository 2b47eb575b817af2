//! A page for each way in which there is none.

use maud::{Markup, html};

use super::told::{Told, told};
use super::{Answer, Refusal, Visit};
use crate::view::{self, Column, Icon, Missing};

/// The page of a refusal, in the frame of all pages. It asks the database nothing, so it is there when the
/// database is not.
pub(crate) async fn refused(visit: &Visit, refusal: &Refusal) -> Answer {
    let told = told(refusal);
    let mut chrome = visit.frame(None, told.title, visit.known_pill());
    chrome.command = told.command.filter(|_| missing(refusal).is_none()).map(str::to_owned);
    let body = match missing(refusal) {
        Some(missing) => unsupported(visit, missing, &told),
        None => trouble(visit, &told),
    };
    let page = view::shell(&chrome, body);
    match told.again {
        Some(seconds) => Answer::Later { status: told.status, seconds, page },
        None => Answer::Refused(told.status, page),
    }
}

/// Of which kind it is that a page is not there for this viewer.
fn missing(refusal: &Refusal) -> Option<Missing> {
    match refusal {
        Refusal::Lacks(_) => Some(Missing::Right),
        Refusal::NotConfigured(_) => Some(Missing::Setup),
        _ => None,
    }
}

fn unsupported(visit: &Visit, missing: Missing, told: &Told) -> Markup {
    let (contact, home) = (visit.site.contact.as_deref(), visit.links.home());
    view::unsupported(missing, &told.text, contact, told.command, &home)
}

fn trouble(visit: &Visit, told: &Told) -> Markup {
    let icon = if told.status == 404 { Icon::Search } else { Icon::Alert };
    html! {
        section.nothing {
            (view::icon(icon))
            h1 { (told.title) }
            p { (view::visible(&told.text)) }
            @if !told.fields.is_empty() { (fields(told)) }
            @if let Some(incident) = &told.incident { (number(&incident.to_string())) }
            @if let (500.., Some(contact)) = (told.status, &visit.site.contact) {
                p { (view::visible(contact)) }
            }
            ul.ways {
                @if told.again.is_some() {
                    li { (view::button_link("Try again", &visit.address(&visit.path))) }
                }
                @if !told.fields.is_empty() && visit.form.is_empty() {
                    li { (view::button_link("This page without it", &bare(visit))) }
                }
                li { (view::button_link("Back to the first page", &visit.links.home())) }
            }
        }
    }
}

/// The page without its query.
fn bare(visit: &Visit) -> String {
    format!("{}{}", visit.links.home(), visit.path.trim_start_matches('/'))
}

/// What is wrong, field by field.
fn fields(told: &Told) -> Markup {
    let columns = [Column::new("Field"), Column::new("Was"), Column::new("What is wrong")];
    let rows: Vec<Vec<Markup>> = told
        .fields
        .iter()
        .map(|field| {
            vec![
                html! { code { (view::visible(&field.key)) } },
                html! {
                    @if field.value.is_empty() { span.meta { "nothing" } }
                    @else { code { (view::visible(&field.value)) } }
                },
                html! {
                    (super::mend::prose(&field.why))
                    @if let Some(example) = &field.example {
                        p.note { "For example: " code { (view::visible(example)) } }
                    }
                },
            ]
        })
        .collect();
    html! { div role="alert" { (view::data_table("What is wrong", &columns, &rows)) } }
}

fn number(incident: &str) -> Markup {
    html! { p.meta { "Incident " code { (incident) } " " (view::copy_button(incident, "the incident's number")) } }
}
