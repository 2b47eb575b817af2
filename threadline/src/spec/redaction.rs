//! What the trail keeps instead of a value.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::JsonPath;
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
    /// The column is there, with a keyed hash of its text: equal values are seen to be equal.
    Hash {
        /// The text that is stored if the database has lost its key.
        placeholder: Placeholder,
    },
    /// The column's document is there, with a text in place of what is at some paths.
    MaskJson {
        /// The paths, sorted.
        paths: Vec<JsonPath>,
        /// The text. It takes the place of the whole value if the document has another form than the
        /// paths expect.
        placeholder: Placeholder,
    },
}

impl Redaction {
    /// The text that stands where a value was; none for a column that is left out.
    pub fn placeholder(&self) -> Option<&Placeholder> {
        match self {
            Self::Exclude => None,
            Self::Mask { placeholder }
            | Self::Hash { placeholder }
            | Self::MaskJson { placeholder, .. } => Some(placeholder),
        }
    }

    /// Whether this stores anything that `other` keeps out of the trail: the order is `Exclude`,
    /// `Mask`, `Hash`, `MaskJson`, the strongest first, and among documents the masked paths count.
    ///
    /// ```
    /// use threadline::{JsonPath, Placeholder, Redaction};
    ///
    /// let mask = Redaction::Mask { placeholder: Placeholder::default() };
    /// let hash = Redaction::Hash { placeholder: Placeholder::default() };
    /// assert!(hash.is_weaker_than(&mask) && !mask.is_weaker_than(&hash));
    /// ```
    pub fn is_weaker_than(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::MaskJson { paths: mine, .. }, Self::MaskJson { paths: theirs, .. }) => {
                theirs.iter().any(|path| !mine.iter().any(|own| own.covers(path)))
            }
            _ => self.strength() < other.strength(),
        }
    }

    /// What becomes of a column of which both are declared: the stronger one, or all paths.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (
                Self::MaskJson { mut paths, placeholder },
                Self::MaskJson { paths: more, placeholder: _ },
            ) => {
                paths.extend(more);
                Self::MaskJson { paths, placeholder }.tidied()
            }
            (one, other) if one.strength() >= other.strength() => one,
            (_, other) => other,
        }
    }

    /// With its paths sorted, and each of them once.
    pub(crate) fn tidied(mut self) -> Self {
        if let Self::MaskJson { paths, .. } = &mut self {
            paths.sort();
            paths.dedup();
        }
        self
    }

    fn strength(&self) -> u8 {
        match self {
            Self::Exclude => 4,
            Self::Mask { .. } => 3,
            Self::Hash { .. } => 2,
            Self::MaskJson { .. } => 1,
        }
    }

    /// What a column is that is redacted like this.
    pub(crate) fn participle(&self) -> &'static str {
        match self {
            Self::Exclude => "excluded",
            Self::Mask { .. } => "masked",
            Self::Hash { .. } => "hashed",
            Self::MaskJson { .. } => "masked in parts",
        }
    }
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
    fn whatever_stores_more_is_weaker() {
        let paths = |text: &str| Redaction::MaskJson {
            paths: JsonPath::parse_list(text).unwrap(),
            placeholder: Placeholder::default(),
        };
        let placeholder = Placeholder::default();
        let (mask, hash) =
            (Redaction::Mask { placeholder: placeholder.clone() }, Redaction::Hash { placeholder });
        let by_strength = [Redaction::Exclude, mask, hash, paths("a")];
        for (place, one) in by_strength.iter().enumerate() {
            for (other_place, other) in by_strength.iter().enumerate() {
                assert_eq!(one.is_weaker_than(other), place > other_place, "{one:?} {other:?}");
            }
        }
        assert!(paths("a.b").is_weaker_than(&paths("a")));
        assert!(paths("a").is_weaker_than(&paths("a, c")));
        assert!(!paths("a").is_weaker_than(&paths("a.b, a.c")));
    }

    #[test]
    fn a_placeholder_is_one_short_visible_line() {
        assert!(Placeholder::new("*").is_ok());
        assert!(Placeholder::new("ä".repeat(200)).is_ok());
        for text in ["", "a\nb", "\u{7f}", &"a".repeat(201)] {
            assert!(Placeholder::new(text).is_err(), "{text:?}");
        }
    }
}
