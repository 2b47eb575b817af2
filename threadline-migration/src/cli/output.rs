//! What a command prints: text for people, or one JSON document for programs.

use std::fmt::Display;
use std::io::Write;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::failure::Failure;

/// A heading or the name of a table.
pub(crate) const STRONG: Style = Style::new().bold();
/// What is as it should be.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What will be done, or wants attention.
pub(crate) const NOTABLE: Style = AnsiColor::Yellow.on_default();
/// What is wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What may be skipped.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// Where the words of a command go. Colours are left out unless a terminal shows them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints `text` for people.
    pub(crate) fn text(self, text: impl Display) {
        if !self.json {
            // A reader that has hung up, as `head` does, has read what it wanted.
            let _ = write!(anstream::stdout().lock(), "{text}");
        }
    }

    /// Prints `document` for programs: a command does it once.
    pub(crate) fn document(self, document: &impl Serialize) {
        if self.json {
            let text = serde_json::to_string_pretty(document).unwrap_or_default();
            let _ = writeln!(std::io::stdout().lock(), "{text}");
        }
    }

    /// Prints why the command could not run.
    pub(crate) fn failure(self, failure: &Failure) {
        if !self.json {
            let _ = writeln!(anstream::stderr().lock(), "{BAD}error:{BAD:#} {failure}");
        }
        self.document(&failure.document());
    }
}

/// The text of a plan or of a status, in which the word that begins a line has the colour of what it
/// means.
pub(crate) fn coloured(text: impl Display) -> String {
    let mut painted = String::new();
    for line in text.to_string().lines() {
        let word = line.split(' ').next().unwrap_or_default();
        let style = match word {
            "installed" | "exempt" => GOOD,
            "install" | "attach" | "replace" | "detach" | "baseline" | "orphan" | "outdated" => {
                NOTABLE
            }
            "refused" | "disabled" | "altered" | "missing" => BAD,
            _ => Style::new(),
        };
        painted.push_str(&format!("{style}{word}{style:#}{}\n", &line[word.len()..]));
    }
    painted
}
