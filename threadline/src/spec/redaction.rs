//! What the trail keeps instead of a value.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Error;

/// What becomes of a column's value before it is stored in the trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Redaction {
    /// The column is left out.
    Exclude,
    /// The column is there, with a text that is the same for every value.
    Mask {
        /// The text.
        placeholder: Placeholder,
    },
}

/// The text that stands in the trail where a masked value was; `[REDACTED]` unless told otherwise.
///
/// ```
/// use threadline::spec::Placeholder;
///
/// assert_eq!(Placeholder::default().as_str(), "[REDACTED]");
/// assert_eq!(Placeholder::new("***")?.as_str(), "***");
/// # Ok::<(), threadline::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Placeholder(String);

impl Placeholder {
    /// The most characters a placeholder may have.
    pub const LONGEST: usize = 200;

    /// The placeholder `text`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidPlaceholder`] if it is empty, has more than 200 characters, or a control
    /// character.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        let fits = (1..=Self::LONGEST).contains(&text.chars().count());
        if !fits || text.chars().any(char::is_control) {
            return Err(Error::InvalidPlaceholder(text));
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Placeholder {
    fn default() -> Self {
        Self("[REDACTED]".to_owned())
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Placeholder {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl From<Placeholder> for String {
    fn from(placeholder: Placeholder) -> Self {
        placeholder.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_one_short_visible_line() {
        assert!(Placeholder::new("*").is_ok());
        assert!(Placeholder::new("ä".repeat(200)).is_ok());
        for text in ["", "a\nb", "\u{7f}", &"a".repeat(201)] {
            assert!(Placeholder::new(text).is_err(), "{text:?}");
        }
    }
}
