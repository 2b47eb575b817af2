//! The types of columns, and values of them.

use fastrand::Rng;
use threadline::spec::quote::Literal;

/// How many different keys a table's rows can have before they are moved away.
pub(crate) const KEYS: usize = 18;
/// How far a statement moves many keys at once, so that they meet no other.
pub(crate) const SHIFT: usize = 40;

/// What the types below need.
pub(crate) const TYPES: &str = "
    CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', 'so-so', 'it''s', 'über');
    CREATE TYPE pair AS (a int, b text);
    CREATE DOMAIN positive AS int CHECK (value > 0);
    CREATE DOMAIN label AS text";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Big,
    Numeric,
    Float,
    Bool,
    Text,
    Varchar,
    Char,
    Uuid,
    Date,
    Timestamptz,
    Timetz,
    Interval,
    Jsonb,
    Json,
    Bytea,
    Inet,
    Point,
    Texts,
    Moments,
    Range,
    Multirange,
    Pair,
    Mood,
    Positive,
    Label,
}

/// Every type that a column may have.
pub(crate) const ANY: [Kind; 26] = [
    Kind::Int,
    Kind::Big,
    Kind::Numeric,
    Kind::Float,
    Kind::Bool,
    Kind::Text,
    Kind::Varchar,
    Kind::Char,
    Kind::Uuid,
    Kind::Date,
    Kind::Timestamptz,
    Kind::Timetz,
    Kind::Interval,
    Kind::Jsonb,
    Kind::Json,
    Kind::Bytea,
    Kind::Inet,
    Kind::Point,
    Kind::Texts,
    Kind::Moments,
    Kind::Range,
    Kind::Multirange,
    Kind::Pair,
    Kind::Mood,
    Kind::Positive,
    Kind::Label,
];

/// The types of keys.
pub(crate) const OF_KEYS: [Kind; 9] = [
    Kind::Int,
    Kind::Big,
    Kind::Uuid,
    Kind::Text,
    Kind::Char,
    Kind::Numeric,
    Kind::Date,
    Kind::Timestamptz,
    Kind::Mood,
];

const WORDS: [&str; 9] = ["", "a", "A", "it's", "Grüße", "日本", "🦀 \"quoted\"", " ", "a\tb"];
const MOODS: [&str; 6] = ["sad", "ok", "happy", "so-so", "it's", "über"];

impl Kind {
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Big => "bigint",
            Self::Numeric => "numeric",
            Self::Float => "float8",
            Self::Bool => "boolean",
            Self::Text => "text",
            Self::Varchar => "varchar(4000)",
            Self::Char => "char(6)",
            Self::Uuid => "uuid",
            Self::Date => "date",
            Self::Timestamptz => "timestamptz",
            Self::Timetz => "timetz",
            Self::Interval => "interval",
            Self::Jsonb => "jsonb",
            Self::Json => "json",
            Self::Bytea => "bytea",
            Self::Inet => "inet",
            Self::Point => "point",
            Self::Texts => "text[]",
            Self::Moments => "timestamptz[]",
            Self::Range => "tstzrange",
            Self::Multirange => "int4multirange",
            Self::Pair => "pair",
            Self::Mood => "mood",
            Self::Positive => "positive",
            Self::Label => "label",
        }
    }

    /// The key number `n`, as an expression.
    pub(crate) fn key(self, n: usize) -> String {
        match self {
            Self::Int => n.to_string(),
            // Beyond what a floating point number can hold.
            Self::Big => (9_007_199_254_740_993_u64 + n as u64).to_string(),
            Self::Numeric => format!("{n}.{}", "0".repeat(n % 3 + 1)),
            Self::Uuid => format!("'00000000-0000-4000-8000-{n:012}'::uuid"),
            Self::Date => format!("date '2026-01-01' + {n}"),
            Self::Timestamptz => {
                format!("timestamptz '2026-01-01 00:00:00+00' + interval '{n} hours'")
            }
            Self::Mood => format!("{}::mood", Literal(MOODS[n % MOODS.len()])),
            Self::Char => format!("{}::char(6)", Literal(&format!("k{}", n % 10))),
            _ => Literal(&format!("{}{n}", WORDS[n % WORDS.len()])).to_string(),
        }
    }

    /// `column` moved away from all keys there are, for types that can.
    pub(crate) fn shifted(self, column: &str, sign: char) -> Option<String> {
        match self {
            Self::Int | Self::Big | Self::Numeric | Self::Date => {
                Some(format!("{column} {sign} {SHIFT}"))
            }
            Self::Timestamptz => Some(format!("{column} {sign} interval '{SHIFT} hours'")),
            _ => None,
        }
    }

    /// A value or, now and then, no value, as an expression.
    pub(crate) fn value(self, rng: &mut Rng) -> String {
        if rng.u8(..8) == 0 {
            return "NULL".to_owned();
        }
        let choices = self.choices();
        if choices.is_empty() {
            return self.made_up(rng);
        }
        format!("{}::{}", choices[rng.usize(..choices.len())], self.sql())
    }

    fn made_up(self, rng: &mut Rng) -> String {
        match self {
            Self::Int | Self::Positive => rng.i32(1..1000).to_string(),
            Self::Big => rng.i64(..).to_string(),
            Self::Bool => rng.bool().to_string(),
            Self::Uuid => "gen_random_uuid()".to_owned(),
            Self::Mood => format!("{}::mood", Literal(MOODS[rng.usize(..MOODS.len())])),
            Self::Char => format!("'c{}'", rng.u8(..9)),
            // Long enough to be stored out of line, now and then.
            _ if rng.u8(..20) == 0 => format!("repeat('long ', {})", rng.u16(400..800)),
            _ => Literal(WORDS[rng.usize(..WORDS.len())]).to_string(),
        }
    }

    /// The values of a type of which a few are worth more than many. No backslash: what that means
    /// depends on a setting which the sessions change.
    fn choices(self) -> &'static [&'static str] {
        match self {
            Self::Numeric => &[
                "0",
                "1",
                "1.0",
                "1.00",
                "-3.14",
                "12345678901234567890.123456789",
                "'NaN'",
                "1e30",
            ],
            Self::Float => {
                &["0", "1.5", "(0.1::float8 + 0.2::float8)", "'NaN'", "'Infinity'", "1e300"]
            }
            Self::Date => &["'2026-01-02'", "'infinity'", "'0044-03-15 BC'", "current_date"],
            Self::Timestamptz => &[
                "'2026-01-02 03:04:05.678901+00'",
                "'2026-06-01 00:00:00+05:45'",
                "'-infinity'",
                "'0044-03-15 12:00:00+00 BC'",
                "clock_timestamp()",
            ],
            Self::Timetz => &["'03:04:05+00'", "'23:59:59.5-08:00'"],
            Self::Interval => &["'P1Y2M3DT4H5M6.7S'", "'P-1D'", "'PT0S'", "'P14M'"],
            Self::Jsonb => &[
                "'{\"a\": 1}'",
                "'{\"a\": 1.0}'",
                "'{\"a\": null}'",
                "'[]'",
                "'null'",
                "'\"x\"'",
                "'{\"b\": [1, {\"c\": 12345678901234567890}], \"a\": \"ü\"}'",
            ],
            Self::Json => {
                &["'{\"a\":1}'", "'{ \"a\" : 1 }'", "'{\"a\":1,\"a\":2}'", "'null'", "'[1.0]'"]
            }
            Self::Bytea => &["decode('00ff', 'hex')", "''", "decode('27225c', 'hex')"],
            Self::Inet => &["'10.0.0.1/8'", "'::1'", "'10.0.0.1'"],
            Self::Point => &["point(1, 2)", "point(0.1, 'NaN')"],
            Self::Texts => &["ARRAY[]", "ARRAY['a', NULL, 'it''s']", "ARRAY['{', '\"']"],
            Self::Moments => {
                &["ARRAY['2026-01-02 03:04:05+00'::timestamptz]", "ARRAY[now(), NULL]"]
            }
            Self::Range => {
                &["tstzrange('2026-01-02', NULL)", "'empty'", "tstzrange(now(), 'infinity')"]
            }
            Self::Multirange => &["'{}'", "'{[1,3), [5,7]}'"],
            Self::Pair => &["ROW(1, 'it''s')", "ROW(NULL, NULL)", "ROW(2, '(,\"')"],
            Self::Label => &["'a'", "'Ü'", "''"],
            _ => &[],
        }
    }

    /// An expression that changes `column` by what is in it, for types that can.
    pub(crate) fn changed(self, column: &str) -> Option<String> {
        match self {
            Self::Int | Self::Positive => Some(format!("{column} % 1000 + 1")),
            Self::Numeric | Self::Float => Some(format!("{column} * 2")),
            Self::Text | Self::Varchar | Self::Label => {
                Some(format!("left({column}, 2000) || 'x'"))
            }
            Self::Bool => Some(format!("NOT {column}")),
            Self::Jsonb => Some(format!("jsonb_build_object('was', {column} -> 'a')")),
            _ => None,
        }
    }
}
