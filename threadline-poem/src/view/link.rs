//! Links, and what can be done with a text: follow it, copy it.

use maud::{Markup, html};

use super::icon::{Icon, icon};
use super::text::{cut, plain, visible};

/// A link on the surface or in the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What it is called.
    pub(crate) label: String,
    /// Where it leads.
    pub(crate) href: String,
    /// Whether the viewer is there.
    pub(crate) is_current: bool,
}

impl Choice {
    pub(crate) fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into(), is_current: false }
    }

    pub(crate) fn current(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { is_current: true, ..Self::new(label, href) }
    }
}

/// An address as it may stand in a link: only those within the site. Every other one, which could carry a
/// script, leads nowhere.
pub(crate) fn local(href: &str) -> &str {
    let mut characters = href.chars();
    let (first, second) = (characters.next(), characters.next());
    let is_local = match first {
        Some('/') => !matches!(second, Some('/' | '\\')),
        Some('?' | '#') => true,
        _ => false,
    };
    // A browser drops these from an address, and what is left may lead elsewhere.
    if is_local && !href.contains(['\t', '\n', '\r']) { href } else { "#" }
}

/// A link with a text.
pub(crate) fn link(label: &str, href: &str) -> Markup {
    html! { a href=(local(href)) { (visible(label)) } }
}

/// A link that looks like a button.
pub(crate) fn button_link(label: &str, href: &str) -> Markup {
    html! { a.button href=(local(href)) { (visible(label)) } }
}

/// A row of links of which one is the current: views of one thing, or presets.
pub(crate) fn tabs(label: &str, choices: &[Choice]) -> Markup {
    html! {
        nav.tabs aria-label=(plain(label)) {
            @for choice in choices {
                a href=(local(&choice.href)) aria-current=[choice.is_current.then_some("true")] {
                    (visible(&choice.label))
                }
            }
        }
    }
}

/// A button that copies `text`. Without a script there is none, and the text can be selected.
pub(crate) fn copy_button(text: &str, label: &str) -> Markup {
    html! {
        button.copy.js type="button" data-copy=(text) title={ "Copy " (plain(label)) } {
            (icon(Icon::Copy)) span.vh { "Copy " (plain(label)) }
        }
    }
}

/// The same thing as several texts, each with a button that copies it: link, SQL, curl, command.
pub(crate) fn copy_menu(texts: &[(&str, String)]) -> Markup {
    html! {
        details.menu {
            summary.button { (icon(Icon::Copy)) "Copy as" }
            div.pop {
                dl.copies {
                    @for (label, text) in texts {
                        dt { (label) " " (copy_button(text, label)) }
                        dd { code.text { (visible(cut(text, 2_000))) } }
                    }
                }
            }
        }
    }
}

/// An id: its short form, the whole of it on a button that copies it.
pub(crate) fn reference(label: &str, full: &str, href: Option<&str>) -> Markup {
    html! {
        span.ref title=(plain(full)) {
            @match href {
                Some(href) => a.id href=(local(href)) { (visible(label)) },
                None => span.id { (visible(label)) },
            }
            (copy_button(full, "the id"))
        }
    }
}

/// The command that shows the same on a terminal.
pub(crate) fn cli_hint(label: &'static str, command: &str) -> Markup {
    html! {
        div.cli {
            span.meta { (label) }
            code { (visible(command)) }
            (copy_button(command, "the command"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_within_the_site_are_links() {
        for href in ["/", "/audit/rows/a?b=c", "?from=-24h", "#change-1"] {
            assert_eq!(local(href), href);
        }
        let foreign = [
            "",
            "javascript:alert(1)",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil",
            "https://a",
            "a",
        ];
        for href in foreign {
            assert_eq!(local(href), "#", "{href}");
        }
    }
}
