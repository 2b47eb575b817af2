//! What a command prints: text for people, or one JSON document for programs.

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

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
            let mut stdout = anstream::stdout().lock();
            told(write!(stdout, "{text}").and_then(|()| stdout.flush()));
        }
    }

    /// Prints `text` for people beside what goes into a pipe.
    pub(crate) fn aside(self, text: impl Display) {
        if !self.json {
            let _ = write!(anstream::stderr().lock(), "{text}");
        }
    }

    /// Whether programs read the answer.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Prints `document` for programs: a command does it once.
    pub(crate) fn document(self, document: &impl Serialize) {
        if self.json {
            let text = harmless(&serde_json::to_string_pretty(document).unwrap_or_default());
            let mut stdout = std::io::stdout().lock();
            told(writeln!(stdout, "{text}").and_then(|()| stdout.flush()));
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

/// Whether an answer was lost on its way.
static LOST: AtomicBool = AtomicBool::new(false);

/// Remembers an answer that could not be written. A reader that has hung up, as `head` does, has read what
/// it wanted.
fn told(written: std::io::Result<()>) {
    if written.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe) {
        LOST.store(true, Ordering::Relaxed);
    }
}

/// Whether something that was to be printed could not be.
pub(crate) fn answer_was_lost() -> bool {
    LOST.load(Ordering::Relaxed)
}

/// JSON in which no character acts on a terminal that knows the old eight-bit controls.
fn harmless(json: &str) -> String {
    json.chars().fold(String::with_capacity(json.len()), |mut out, c| {
        match c {
            '\u{7f}'..='\u{9f}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
        out
    })
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
