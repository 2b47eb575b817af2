//! The frame of every page: a whole document, without a script or a style in it.

use maud::{DOCTYPE, Markup, html};

use super::chrome::{Chrome, Place, Theme};
use super::help::help;
use super::icon::{Icon, icon, sprite};
use super::link::{cli_hint, local};
use super::text::{plain, visible};
use super::time::clock;
use super::verdict::{Level, banner, pill};

/// A page: `body` in its frame.
pub(crate) fn shell(chrome: &Chrome, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-theme=(chrome.theme.word()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content=(color_scheme(chrome.theme));
                title { (plain(&chrome.title)) " — Audit · " (plain(&chrome.brand)) }
                link rel="icon" type="image/svg+xml" href=(local(&chrome.links.asset(chrome.assets.icons)));
                link rel="stylesheet" href=(local(&chrome.links.asset(chrome.assets.style)));
                script type="module" src=(local(&chrome.links.asset(chrome.assets.script))) {}
            }
            body data-pulse=[chrome.pulse.as_deref().map(local)] data-poll=(chrome.poll_seconds) {
                div hidden { (sprite()) }
                a.skip href="#main" { "Skip to the content" }
                (header(chrome))
                @if let Some(text) = &chrome.banner {
                    aside aria-label="Environment" { (banner(Level::Info, text)) }
                }
                main #main tabindex="-1" { (body) }
                (footer(chrome))
                (help())
            }
        }
    }
}

/// The page for whoever may not come in. It has no frame: not even the application's name is told.
pub(crate) fn closed(style: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-theme=(Theme::System.word()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content=(color_scheme(Theme::System));
                title { "No access" }
                link rel="stylesheet" href=(local(style));
            }
            body {
                main #main {
                    section.empty {
                        h1 { "No access" }
                        p { "You may not look at this. If you should, ask whoever runs this application." }
                    }
                }
            }
        }
    }
}

fn color_scheme(theme: Theme) -> &'static str {
    match theme {
        Theme::Light => "light",
        Theme::Dark => "dark",
        Theme::System | Theme::HighContrast => "light dark",
    }
}

fn header(chrome: &Chrome) -> Markup {
    html! {
        header.top {
            a.brand href=(local(&chrome.links.home())) data-go="h" {
                (icon(Icon::Logo)) span { "Audit" } span.of { (visible(&chrome.brand)) }
            }
            nav.places aria-label="Pages" {
                @for place in chrome.places.iter().filter(|place| **place != Place::Home) { (entry(chrome, *place)) }
            }
            div.status {
                @if let Some(covered) = chrome.pill { (pill(covered, &chrome.links.coverage(None))) }
                button.zone.js type="button" data-zone title="Times in your zone or in UTC (u)" { "UTC" }
                span.zone.no-js { "UTC" }
                (display(chrome))
                (viewer(chrome))
            }
        }
    }
}

fn entry(chrome: &Chrome, place: Place) -> Markup {
    let links = &chrome.links;
    let (href, key) = match place {
        Place::Home => (links.home(), "h"),
        Place::Timeline => (links.timeline(&threadline::Filter::default()), "t"),
        Place::Rows => (links.rows(), "r"),
        Place::Actors => (links.actors(), "a"),
        Place::Coverage => (links.coverage(None), "c"),
        Place::Redaction => (links.redaction(), "p"),
    };
    let is_here = chrome.place == Some(place);
    html! { a href=(local(&href)) data-go=(key) aria-current=[is_here.then_some("page")] { (place.label()) } }
}

fn display(chrome: &Chrome) -> Markup {
    html! {
        details.menu {
            summary.button.plain title="Display" { (icon(Icon::Theme)) span.vh { "Display" } }
            div.pop {
                @if !chrome.is_theme_fixed { (themes(chrome)) }
                fieldset.js {
                    legend { "In this browser" }
                    label { input type="checkbox" data-keys checked; " Single-key shortcuts" }
                    label { input type="checkbox" data-refresh checked; " Look for newer changes" }
                }
                p { button.js type="button" data-help { (icon(Icon::Key)) "Keyboard shortcuts" } }
            }
        }
    }
}

fn themes(chrome: &Chrome) -> Markup {
    html! {
        form method="post" action=(local(&chrome.links.preferences())) data-theme-form {
            fieldset {
                legend { "Theme" }
                @for theme in Theme::ALL {
                    label {
                        input type="radio" name="theme" value=(theme.word()) checked[theme == chrome.theme];
                        " " (name(theme))
                    }
                }
            }
            input type="hidden" name="back" value=(chrome.here);
            button type="submit" { "Use" }
        }
    }
}

fn name(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "As the system",
        Theme::Light => "Light",
        Theme::Dark => "Dark",
        Theme::HighContrast => "High contrast",
    }
}

fn viewer(chrome: &Chrome) -> Markup {
    html! {
        span.viewer {
            bdi.name { (visible(&chrome.viewer)) }
            @if let Some(scope) = &chrome.scope {
                span.scope title="You see only what belongs to this" { "Scoped to " bdi { (visible(scope)) } }
            }
        }
    }
}

fn footer(chrome: &Chrome) -> Markup {
    html! {
        footer.bottom {
            @if let Some(command) = &chrome.command { (cli_hint(chrome.unscoped("On a terminal", "On a terminal, not narrowed to your view"), command)) }
            p.meta {
                "Read " (clock(chrome.now)) " " span.zone-name { "UTC" }
                span.js { " " span data-checked {} }
            }
        }
    }
}

/// Where a list says that there are newer entries than it shows; the script fills it in. `href` leads to
/// the list with them.
pub(crate) fn newer_notice(href: &str) -> Markup {
    html! {
        div.newer role="status" {
            a href=(local(href)) data-newer hidden { span data-newer-text { "Newer changes" } " — show" }
        }
    }
}
