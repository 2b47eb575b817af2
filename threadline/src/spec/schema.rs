//! The name of the schema that holds the trail, and SQL text that is written for it.

use std::borrow::Cow;
use std::fmt;

use super::quote::Ident;
use crate::Error;

/// Names of partitions and of settings are made of it, and have to fit into 63 bytes as well.
const LONGEST: usize = 40;

/// The name that the SQL of this project is written with.
const WRITTEN: &str = "threadline";

/// Settings that begin with `threadline.` whatever the schema is called: what an application writes,
/// and what older versions wrote.
const SHARED_SETTINGS: [&str; 2] = ["context", "action"];
/// Settings of which each trail in a database has one of its own.
const OWN_SETTINGS: [&str; 2] = ["transaction", "closed"];

/// The name of the schema that holds the trail: small letters, digits and underscores.
///
/// ```
/// use threadline::SchemaName;
///
/// let audit = SchemaName::new("audit")?;
/// assert_eq!(audit.rewrite("SELECT * FROM threadline.audit_changes"), r#"SELECT * FROM "audit".audit_changes"#);
/// assert!(SchemaName::new("pg_audit").is_err());
/// # Ok::<(), threadline::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaName(String);

impl SchemaName {
    /// The schema `name`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidName`] unless it has 1 to 40 of `a` to `z`, `0` to `9` and `_`, does not begin
    /// with a digit, and does not begin with `pg_`, which PostgreSQL keeps for itself.
    pub fn new(name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        let reason = if name.is_empty() {
            "it is empty"
        } else if name.len() > LONGEST {
            "it is longer than 40 bytes; shorten it"
        } else if !name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')) {
            "the trail's schema is named with a to z, 0 to 9 and _ only, such as `audit_log`"
        } else if name.as_bytes()[0].is_ascii_digit() {
            "it begins with a digit; begin with a letter or an underscore"
        } else if name.starts_with("pg_") {
            "PostgreSQL keeps names that begin with pg_ for itself; leave that out"
        } else {
            return Ok(Self(name));
        };
        Err(Error::InvalidName { what: "schema", name, reason })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as SQL text has it before a dot. It is quoted, for it may be a word of SQL, but for
    /// the usual name: the text that is written with it stays as it is.
    pub fn to_sql(&self) -> String {
        if self.0 == WRITTEN { self.0.clone() } else { Ident(&self.0).to_string() }
    }

    /// `sql`, which is written for a schema called `threadline`, for this one.
    ///
    /// Replaced are `threadline.` before a name, `'threadline'`, and `threadline` after the word
    /// `SCHEMA`. What else has that name in it (`(threadline)`, `00_threadline_insert`) is none of the
    /// schema, and neither is the setting `threadline.context`. The settings in which a trail keeps its
    /// own state get a name of their own, so that two trails in one database do not disturb each other.
    ///
    /// Names and values of the host are put into the text afterwards, so that none is ever changed.
    pub fn rewrite<'a>(&self, sql: &'a str) -> Cow<'a, str> {
        if self.0 == WRITTEN {
            return Cow::Borrowed(sql);
        }
        let mut out = String::with_capacity(sql.len() + 64);
        let mut done = 0;
        for (start, _) in sql.match_indices(WRITTEN) {
            let end = start + WRITTEN.len();
            let Some(instead) = self.instead(&sql[..start], &sql[end..]) else { continue };
            out.push_str(&sql[done..start]);
            out.push_str(&instead.text);
            done = end + instead.more;
        }
        out.push_str(&sql[done..]);
        Cow::Owned(out)
    }

    /// What stands instead of `threadline` between `before` and `after`, if it is the schema.
    fn instead(&self, before: &str, after: &str) -> Option<Instead> {
        let whole = |text: String| Some(Instead { text, more: 0 });
        if before.ends_with(is_word) || after.starts_with(is_word) {
            return None;
        }
        if let Some(member) = after.strip_prefix('.') {
            let word = &member[..member.find(|c| !is_word(c)).unwrap_or(member.len())];
            if SHARED_SETTINGS.contains(&word) {
                return None;
            }
            if OWN_SETTINGS.contains(&word) {
                let text = format!("{WRITTEN}.{word}_{}", self.0);
                return Some(Instead { text, more: 1 + word.len() });
            }
            let is_member = !word.is_empty() || member.starts_with(['"', '%', '*']);
            return if is_member { whole(self.to_sql()) } else { None };
        }
        if before.ends_with('\'') && after.starts_with('\'') {
            return whole(self.0.clone());
        }
        names_a_schema(before).then(|| Instead { text: self.to_sql(), more: 0 })
    }
}

/// A text that replaces the name, and so many bytes after it.
struct Instead {
    text: String,
    more: usize,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Whether the text ends in `SCHEMA`, or in `SCHEMA IF NOT EXISTS`.
fn names_a_schema(before: &str) -> bool {
    let words = before.split_whitespace().rev();
    let mut words = words.skip_while(|word| ["IF", "NOT", "EXISTS"].contains(word));
    before.ends_with(char::is_whitespace) && words.next() == Some("SCHEMA")
}

impl Default for SchemaName {
    /// `threadline`.
    fn default() -> Self {
        Self(WRITTEN.to_owned())
    }
}

impl fmt::Display for SchemaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audit(sql: &str) -> String {
        SchemaName::new("audit").unwrap().rewrite(sql).into_owned()
    }

    #[test]
    fn only_plain_names_are_taken_and_each_refusal_says_why() {
        for good in ["audit", "a", "_x1", "user", &"a".repeat(40)] {
            assert!(SchemaName::new(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", "empty"),
            ("Audit", "a to z"),
            ("a-b", "a to z"),
            ("ä", "a to z"),
            ("a.b", "a to z"),
            ("1a", "digit"),
            ("pg_audit", "pg_"),
            (&*"a".repeat(41), "40 bytes"),
        ] {
            let error = SchemaName::new(bad).unwrap_err().to_string();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }

    #[test]
    fn the_schema_is_replaced_wherever_it_is_one() {
        for (written, expected) in [
            ("FROM threadline.audit_changes c", r#"FROM "audit".audit_changes c"#),
            ("to_regclass('threadline.x')", r#"to_regclass('"audit".x')"#),
            ("'threadline'::regnamespace", "'audit'::regnamespace"),
            (r#"threadline."capture public.t"()"#, r#""audit"."capture public.t"()"#),
            ("'ALTER TABLE threadline.%I'", r#"'ALTER TABLE "audit".%I'"#),
            ("CREATE SCHEMA IF NOT EXISTS threadline;", r#"CREATE SCHEMA IF NOT EXISTS "audit";"#),
            ("ON ALL TABLES IN SCHEMA threadline TO x", r#"ON ALL TABLES IN SCHEMA "audit" TO x"#),
        ] {
            assert_eq!(audit(written), expected);
            assert_eq!(SchemaName::default().rewrite(written), written);
        }
    }

    #[test]
    fn what_is_no_schema_stays() {
        for text in [
            "-- threadline: function=x",
            "RAISE EXCEPTION '(threadline) no'",
            "current_setting('threadline.context', true)",
            "CREATE TRIGGER 00_threadline_insert",
            "\"00_threadline_insert\"",
            "mythreadline.t",
            "end of threadline.",
            "the threadline schema",
        ] {
            assert_eq!(audit(text), text);
        }
    }

    #[test]
    fn each_trail_has_settings_of_its_own() {
        assert_eq!(audit("'threadline.closed'"), "'threadline.closed_audit'");
        assert_eq!(audit("'threadline.transaction'"), "'threadline.transaction_audit'");
        assert_eq!(audit("threadline.close_transaction()"), r#""audit".close_transaction()"#);
    }
}
