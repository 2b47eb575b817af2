use serde_json::Value;

/// What the trail has in place of a value that it does not store: [`Surrogate::of`] tells it from a
/// value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Surrogate {
    /// A keyed hash: equal values of one column have equal hashes.
    Hash(String),
    /// Size and digest of a value that was too large.
    Truncated {
        /// How many bytes the value had.
        bytes: u64,
        /// Their SHA-256 in hexadecimal digits.
        sha256: String,
    },
}

impl Surrogate {
    /// What `stored` is, or `None` if it is a value.
    ///
    /// ```
    /// use threadline::Surrogate;
    ///
    /// let stored = serde_json::json!({"$truncated": {"bytes": 70000, "sha256": "5f\u{2026}"}});
    /// assert!(matches!(Surrogate::of(&stored), Some(Surrogate::Truncated { bytes: 70000, .. })));
    /// assert_eq!(Surrogate::of(&"any text".into()), None);
    /// ```
    pub fn of(stored: &Value) -> Option<Self> {
        match stored {
            Value::String(text) => is_hash(text).then(|| Self::Hash(text.clone())),
            Value::Object(object) if object.len() == 1 => {
                let told = object.get("$truncated")?;
                let (bytes, sha256) = (told.get("bytes")?, told.get("sha256")?.as_str()?);
                bytes.is_number().then(|| Self::Truncated {
                    bytes: bytes.as_u64().unwrap_or_default(),
                    sha256: sha256.to_owned(),
                })
            }
            _ => None,
        }
    }

    /// `hashed` or `truncated`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Hash(_) => "hashed",
            Self::Truncated { .. } => "truncated",
        }
    }
}

fn is_hash(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.strip_prefix("hmac:").is_some_and(|hex| hex.len() == 64 && hex.bytes().all(is_digit))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_no_surrogates() {
        let hash = format!("hmac:{}", "0a".repeat(32));
        assert_eq!(Surrogate::of(&json!(hash)), Some(Surrogate::Hash(hash.clone())));
        for value in [
            json!(hash.to_uppercase()),
            json!(&hash[..60]),
            json!(format!("{hash} ")),
            json!([hash]),
            json!(null),
            json!({"$truncated": 1}),
            json!({"$truncated": {"bytes": 1}}),
            json!({"$truncated": {"bytes": "1", "sha256": "a"}}),
            json!({"$truncated": {"bytes": 1, "sha256": "a"}, "more": 1}),
        ] {
            assert_eq!(Surrogate::of(&value), None, "{value}");
        }
    }
}
