//! The frame of every page. maud escapes whatever is put into a page.

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{DOCTYPE, Markup, html};
use poem::web::Html;

use crate::audit;
use crate::session::Viewer;

/// A page, with a way out for whoever is signed in.
pub(crate) fn page(title: &str, viewer: Option<&Viewer>, body: Markup) -> Html<String> {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Helpdesk" }
                link rel="stylesheet" href="/assets/helpdesk.css";
            }
            body {
                header {
                    a.home href="/" { "Helpdesk" }
                    @if let Some(viewer) = viewer {
                        nav {
                            @if audit::may_enter(viewer) {
                                a href=(audit::links().home()) { "Audit trail" }
                            }
                            form method="post" action="/logout" {
                                span { (viewer.name) }
                                button.quiet { "Sign out" }
                            }
                        }
                    }
                }
                main {
                    h1 { (title) }
                    (body)
                }
            }
        }
    };
    Html(document.into_string())
}

/// A moment, for people and for machines.
pub(crate) fn moment(at: DateTime<Utc>) -> Markup {
    html! {
        time datetime=(exact(at)) { (at.format("%Y-%m-%d %H:%M:%S UTC")) }
    }
}

/// A moment with all its digits, as a URL or a machine takes it.
pub(crate) fn exact(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
