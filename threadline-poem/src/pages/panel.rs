//! A part of a page that is read for itself, and fails for itself.

use maud::Markup;
use threadline::Error;

use super::Refusal;
use super::refused::told;
use crate::view::error_panel;

/// What a panel shows, or what is said in its place.
pub(crate) type Panel<T> = Result<T, Failed>;

/// Why a panel is not shown, in words for the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    text: String,
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self { text: text(&refusal) }
    }
}

fn text(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Trail(Error::TimedOut { .. }) => {
            "It took longer than a panel may. Look at a shorter time, or name a table or a row."
                .to_owned()
        }
        other => told(other).text,
    }
}

impl Failed {
    /// In the place of the panel, which is about this.
    pub(crate) fn render(&self, what: &str) -> Markup {
        error_panel(&format!("{what} could not be read"), &self.text, None, None)
    }
}
