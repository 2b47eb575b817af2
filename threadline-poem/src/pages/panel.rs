//! A part of a page that is read for itself, and fails for itself.

use maud::Markup;

use super::Refusal;
use super::told::told;
use crate::view::error_panel;

/// What a panel shows, or what is said in its place.
pub(crate) type Panel<T> = Result<T, Failed>;

/// Why a panel is not shown, in words for the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    text: String,
    /// Under which number it is logged.
    incident: Option<String>,
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::from(&refusal)
    }
}

impl From<&Refusal> for Failed {
    fn from(refusal: &Refusal) -> Self {
        let told = told(refusal);
        let text = match refusal {
            Refusal::Trail(error) if error.is_timeout() => {
                "It took longer than a panel may. Look at a shorter time, or name a table or a row."
                    .to_owned()
            }
            _ => told.text,
        };
        Self { text, incident: told.incident.map(|incident| incident.to_string()) }
    }
}

impl Failed {
    /// In the place of the panel, which is about this.
    pub(crate) fn render(&self, what: &str) -> Markup {
        error_panel(
            &format!("{what} could not be read"),
            &self.text,
            self.incident.as_deref(),
            None,
        )
    }
}
