use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;

/// Where a page ends, and the next one goes on: an opaque text, fit for a URL.
///
/// It holds the time and number of one entry and which filter and order it belongs to, so it stays valid
/// for as long as one likes, also if that entry is purged. A damaged one, and one of another filter, is
/// an [`Error::InvalidCursor`]. It is no secret and no permission: whoever forges one reads from another
/// place, and sees there what the scope allows.
///
/// ```
/// use threadline::Cursor;
///
/// let error = "bm90IG9uZQ".parse::<Cursor>().expect_err("it is none");
/// assert!(error.to_string().contains("cursor"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor {
    pub(crate) at: DateTime<Utc>,
    pub(crate) id: i64,
    /// Of what is walked, and in which order.
    pub(crate) walk: u64,
}

/// The first byte. It moves when the others change their meaning.
const VERSION: u8 = 1;
const LENGTH: usize = 1 + 3 * 8 + 4;

impl Cursor {
    pub(crate) fn new(at: DateTime<Utc>, id: i64, walk: u64) -> Self {
        Self { at, id, walk }
    }

    /// Refuses a cursor of another walk.
    pub(crate) fn belongs_to(&self, walk: u64) -> Result<(), Error> {
        if self.walk == walk {
            return Ok(());
        }
        Err(Error::InvalidCursor(
            "it belongs to another filter or another order; a walk keeps both, and a new one starts \
             without a cursor",
        ))
    }
}

/// The fingerprint of what is walked. It goes into texts that outlive this program, so it is the plain
/// FNV-1a, which never changes, and not the hasher of the standard library, which may.
pub(crate) fn fingerprint(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        // A byte that is in no text keeps "a", "bc" from being "ab", "c".
        for byte in part.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    let hash = bytes
        .iter()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    hash.to_be_bytes()
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.push(VERSION);
        bytes.extend(self.at.timestamp_micros().to_be_bytes());
        bytes.extend(self.id.to_be_bytes());
        bytes.extend(self.walk.to_be_bytes());
        bytes.extend(checksum(&bytes));
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cursor({self})")
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        const DAMAGED: Error = Error::InvalidCursor(
            "it is damaged or cut off; take it whole, as a page gave it, or start without one",
        );
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| DAMAGED)?;
        if bytes.first().is_some_and(|version| *version != VERSION) && bytes.len() == LENGTH {
            return Err(Error::InvalidCursor(
                "another version of Threadline gave it; start without a cursor",
            ));
        }
        let bytes: [u8; LENGTH] = bytes.try_into().map_err(|_| DAMAGED)?;
        let (body, sum) = bytes.split_at(LENGTH - 4);
        if sum != checksum(body) {
            return Err(DAMAGED);
        }
        let number = |place: usize| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&body[1 + place * 8..][..8]);
            i64::from_be_bytes(eight)
        };
        let at = DateTime::from_timestamp_micros(number(0)).ok_or(DAMAGED)?;
        Ok(Self { at, id: number(1), walk: number(2).cast_unsigned() })
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor() -> Cursor {
        let at = DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap_or_default();
        Cursor::new(at, -9, fingerprint(&["table=public.orders"]))
    }

    #[test]
    fn a_cursor_is_read_back_from_its_text_which_is_fit_for_a_url() {
        let text = cursor().to_string();
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{text}");
        assert_eq!(text.parse::<Cursor>().expect("valid"), cursor());
        let json = serde_json::to_string(&cursor()).expect("serializes");
        assert_eq!(serde_json::from_str::<Cursor>(&json).expect("valid"), cursor());
    }

    #[test]
    fn no_character_can_be_changed_left_out_or_added() {
        let text = cursor().to_string();
        for place in 0..text.len() {
            let other = if &text[place..=place] == "A" { "B" } else { "A" };
            let changed = format!("{}{other}{}", &text[..place], &text[place + 1..]);
            assert!(changed.parse::<Cursor>().is_err(), "{changed}");
            assert!(text[..place].parse::<Cursor>().is_err(), "cut at {place}");
        }
        assert!(format!("{text}A").parse::<Cursor>().is_err());
        assert!("".parse::<Cursor>().is_err());
    }

    #[test]
    fn a_cursor_of_another_walk_is_refused() {
        assert!(cursor().belongs_to(fingerprint(&["table=public.orders"])).is_ok());
        let error = cursor().belongs_to(fingerprint(&["table=public.users"])).expect_err("another");
        assert!(error.to_string().contains("another filter"), "{error}");
        assert_ne!(fingerprint(&["a", "bc"]), fingerprint(&["ab", "c"]));
    }
}
