//! What is said about the state of something: calmly, with what to do about it.

use maud::{Markup, html};

use super::chrome::Pill;
use super::icon::{Icon, icon};
use super::link::{button_link, copy_button, local};
use super::text::{counted, visible};

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// As it should be.
    Good,
    /// Worth knowing.
    Info,
    /// Not as it should be, and nothing is lost.
    Warning,
    /// Something is lost, or will be.
    Bad,
    /// It could not be found out.
    Unknown,
}

impl Level {
    fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Bad => "bad",
            Self::Unknown => "unsure",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Good => Icon::Check,
            Self::Info => Icon::Display,
            Self::Warning | Self::Bad => Icon::Alert,
            Self::Unknown => Icon::Unknown,
        }
    }

    /// The level in a word, for those who do not see its colour.
    fn word(self) -> &'static str {
        match self {
            Self::Good => "Good: ",
            Self::Info => "Note: ",
            Self::Warning => "Warning: ",
            Self::Bad => "Problem: ",
            Self::Unknown => "Not known: ",
        }
    }
}

/// One plain sentence, and the command or statement that mends what it says.
pub(crate) fn verdict(level: Level, text: &str, fix: Option<&str>) -> Markup {
    html! {
        div class={ "verdict " (level.class()) } {
            (icon(level.icon()))
            div {
                p { span.vh { (level.word()) } (visible(text)) }
                @if let Some(fix) = fix { div.fix { code.text { (visible(fix)) } (copy_button(fix, "the fix")) } }
            }
        }
    }
}

/// A state in a word or two, for tables and headings.
pub(crate) fn badge(level: Level, text: &str) -> Markup {
    html! { span class={ "badge " (level.class()) } { (icon(level.icon())) (visible(text)) } }
}

/// What the header says of coverage.
pub(crate) fn pill(pill: Pill, href: &str) -> Markup {
    let (level, text) = match pill {
        Pill::AllCovered => (Level::Good, "All covered".to_owned()),
        Pill::Uncovered(tables) => (Level::Warning, format!("{tables} uncovered")),
        Pill::Unknown => (Level::Unknown, "Coverage unknown".to_owned()),
    };
    html! {
        a #pill class={ "pill " (level.class()) } href=(local(href)) {
            (icon(level.icon())) span data-pill { (text) }
        }
    }
}

/// A line across the page.
pub(crate) fn banner(level: Level, text: &str) -> Markup {
    html! { p class={ "banner " (level.class()) } { (icon(level.icon())) span.vh { (level.word()) } (visible(text)) } }
}

/// A part of a page that could not be shown, while the others are. `incident` is what the log has.
pub(crate) fn error_panel(
    title: &str,
    text: &str,
    incident: Option<&str>,
    retry: Option<&str>,
) -> Markup {
    html! {
        section.panel.failed role="alert" {
            h2 { (icon(Icon::Alert)) (visible(title)) }
            p { (visible(text)) }
            @if let Some(incident) = incident {
                p.meta { "Incident " code { (visible(incident)) } (copy_button(incident, "the incident's number")) }
            }
            @if let Some(retry) = retry { p { (button_link("Try again", retry)) } }
        }
    }
}

/// Why a page is not there for this viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The viewer has no right to it.
    Right,
    /// The host has not set it up.
    Setup,
}

impl Missing {
    fn reason(self) -> &'static str {
        match self {
            Self::Right => "You have no right to see this page.",
            Self::Setup => "This application has not set this page up.",
        }
    }
}

/// In place of a page that is not there for this viewer: why, whom to ask, the command that does it, and
/// where else to go.
pub(crate) fn unsupported(
    missing: Missing,
    detail: &str,
    contact: Option<&str>,
    command: Option<&str>,
    home: &str,
) -> Markup {
    html! {
        section.nothing {
            (icon(Icon::Lock))
            h1 { "Not available here" }
            p { (missing.reason()) " " (visible(detail)) }
            p { @match contact {
                Some(contact) => (visible(contact)),
                None => "Ask whoever runs this application.",
            } }
            @if let Some(command) = command {
                p { "Somebody with access to the database sees the same with:" }
                div.fix { code.text { (visible(command)) } (copy_button(command, "the command")) }
            }
            div.ways { (button_link("Back to the first page", home)) }
        }
    }
}

/// A link that leads somewhere where there is more, with how many there are.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) label: String,
    pub(crate) href: String,
    pub(crate) count: Option<u64>,
}

/// In place of a list without entries: why there are none, and where there are some.
pub(crate) fn empty(title: &str, text: &str, ways: &[Way]) -> Markup {
    html! {
        section.nothing {
            (icon(Icon::Search))
            h2 { (visible(title)) }
            p { (visible(text)) }
            @if !ways.is_empty() {
                ul.ways {
                    @for way in ways {
                        li {
                            (button_link(&way.label, &way.href))
                            @if let Some(count) = way.count { " " span.meta { (counted(count, "change", "changes")) } }
                        }
                    }
                }
            }
        }
    }
}
