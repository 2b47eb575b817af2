//! Random rows and values of each table, as SQL.

use fastrand::Rng;

/// How many different keys a table has.
pub(crate) const KEYS: u32 = 24;

pub(crate) const NAMES: [&str; 6] = ["Ann", "Bob", "Cem", "dora", "Éva", "O''Hara %_"];
pub(crate) const WORDS: [&str; 6] = ["red", "blue", "a b", "{x}", "NULL", ""];
pub(crate) const CITIES: [&str; 3] = ["Rome", "Oslo", "Rio"];
const MOODS: [&str; 3] = ["calm", "cross", "happy"];
const STATES: [&str; 3] = ["draft", "sent", "paid"];

/// What is known of a table in order to write into it.
pub(crate) struct Kind {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static str,
    pub(crate) key: &'static str,
    /// The row with the key of this number, as `(…)`.
    pub(crate) row: fn(&mut Rng, u32) -> String,
    /// A condition that holds for the key of this number.
    pub(crate) at: fn(u32) -> String,
    /// A condition that holds for some rows.
    pub(crate) some: fn(&mut Rng) -> String,
    /// An assignment to columns that are no key.
    pub(crate) set: fn(&mut Rng) -> String,
    /// An assignment to the key; it may be taken.
    pub(crate) rekey: fn(u32) -> String,
}

pub(crate) const KINDS: [Kind; 7] = [
    Kind {
        table: "people",
        columns: "id, name, email, mood, score, weight, boss_id, tags, profile, joined, pin, \
                  secret, wage",
        key: "id",
        row: person,
        at: |n| format!("id = {n}"),
        some: |rng| match rng.u8(..3) {
            0 => format!("mood = '{}'", one(rng, &MOODS)),
            1 => format!("boss_id = {}", number(rng)),
            _ => format!("score < {}", rng.u32(..60)),
        },
        set: set_person,
        rekey: |n| format!("id = {n}"),
    },
    Kind {
        table: "posts",
        columns: "id, author_id, title, body, day, is_open, marks",
        key: "id",
        row: |rng, n| {
            let (author, title) = (maybe(rng, |rng| number(rng).to_string()), one(rng, &WORDS));
            let (body, day, is_open, marks) = (body(rng), day(rng), rng.bool(), marks(rng));
            format!("({n}, {author}, '{title}', {body}, {day}, {is_open}, {marks})")
        },
        at: |n| format!("id = {n}"),
        some: |rng| match rng.u8(..3) {
            0 => format!("author_id = {}", number(rng)),
            1 => format!("is_open = {}", rng.bool()),
            _ => format!("id % 5 = {}", rng.u8(..5)),
        },
        set: |rng| match rng.u8(..6) {
            0 => format!("title = '{}'", one(rng, &WORDS)),
            1 => format!("body = {}", body(rng)),
            2 => "is_open = NOT is_open".to_owned(),
            3 => format!("marks = marks || {}", rng.u8(..4)),
            4 => format!("author_id = {}", maybe(rng, |rng| number(rng).to_string())),
            _ => format!("day = {}", day(rng)),
        },
        rekey: |n| format!("id = {n}"),
    },
    Kind {
        table: "comments",
        columns: "id, post_id, person_id, text, written, extra",
        key: "id",
        row: |rng, n| {
            let (id, post, person) = (uuid(n), number(rng), number(rng));
            let (text, extra) = (one(rng, &WORDS), json(rng));
            let at = maybe(rng, |rng| format!("'2026-03-0{} 10:00:00.5'", rng.u8(1..5)));
            format!(
                "('{id}', (SELECT p.id FROM posts p WHERE p.id = {post}), {person}, '{text}', \
                 {at}, {extra})"
            )
        },
        at: |n| format!("id = '{}'", uuid(n)),
        some: |rng| match rng.u8(..2) {
            0 => format!("post_id = {}", number(rng)),
            _ => format!("person_id < {}", number(rng)),
        },
        set: |rng| match rng.u8(..3) {
            0 => format!("text = '{}'", one(rng, &WORDS)),
            1 => format!("person_id = {}", number(rng)),
            _ => format!("extra = {}", json(rng)),
        },
        rekey: |n| format!("id = '{}'", uuid(n)),
    },
    Kind {
        table: "tags",
        columns: "id, label",
        key: "id",
        row: |rng, n| format!("({}, '{}')", n % 8, one(rng, &WORDS)),
        at: |n| format!("id = {}", n % 8),
        some: |rng| format!("label = '{}'", one(rng, &WORDS)),
        set: |rng| format!("label = label || '{}'", one(rng, &["a", "b"])),
        rekey: |n| format!("id = {}", n % 8),
    },
    Kind {
        table: "post_tags",
        columns: "post_id, tag_id, note",
        key: "post_id, tag_id",
        row: |rng, n| {
            format!("({n}, {}, {})", n % 8, maybe(rng, |rng| format!("'{}'", one(rng, &WORDS))))
        },
        at: |n| format!("(post_id, tag_id) = ({n}, {})", n % 8),
        some: |rng| format!("tag_id = {}", rng.u32(..8)),
        set: |rng| format!("note = {}", maybe(rng, |rng| format!("'{}'", one(rng, &WORDS)))),
        rekey: |n| format!("tag_id = {}", n % 8),
    },
    Kind {
        table: "lines",
        columns: "doc, no, text, amount, clock",
        key: "doc, no",
        row: |rng, n| {
            let (text, amount) = (one(rng, &WORDS), cents(rng));
            let clock = maybe(rng, |rng| format!("'0{}:30:00.25'", rng.u8(..10)));
            format!("({}, {}, '{text}', {amount}, {clock})", n / 5, n % 5)
        },
        at: |n| format!("doc = {} AND no = {}", n / 5, n % 5),
        some: |rng| format!("doc = {}", rng.u8(..5)),
        set: |rng| match rng.u8(..2) {
            0 => format!("amount = {}", cents(rng)),
            _ => format!("text = '{}'", one(rng, &WORDS)),
        },
        rekey: |n| format!("no = {}", n % 7),
    },
    Kind {
        table: "billing.invoices",
        columns: "id, person_id, amount, state, paid_at, card",
        key: "id",
        row: |rng, n| {
            let (person, amount) = (maybe(rng, |rng| number(rng).to_string()), cents(rng));
            let (state, at) = (one(rng, &STATES), maybe(rng, time));
            let card = maybe(rng, |rng| format!("'card {}'", rng.u16(..)));
            format!("({n}, {person}, {amount}, '{state}', {at}, {card})")
        },
        at: |n| format!("id = {n}"),
        some: |rng| format!("state = '{}'", one(rng, &STATES)),
        set: |rng| match rng.u8(..3) {
            0 => format!("amount = amount + {}", cents(rng)),
            1 => format!("state = '{}'", one(rng, &STATES)),
            _ => format!("card = 'card {}', paid_at = {}", rng.u16(..), maybe(rng, time)),
        },
        rekey: |n| format!("id = {n}"),
    },
];

pub(crate) fn one<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    of[rng.usize(..of.len())]
}

pub(crate) fn number(rng: &mut Rng) -> u32 {
    rng.u32(..KEYS)
}

pub(crate) fn uuid(n: u32) -> String {
    format!("00000000-0000-4000-8000-{n:012}")
}

fn maybe(rng: &mut Rng, value: impl Fn(&mut Rng) -> String) -> String {
    if rng.u8(..4) == 0 { "NULL".to_owned() } else { value(rng) }
}

fn person(rng: &mut Rng, n: u32) -> String {
    let (name, mood) = (one(rng, &NAMES), one(rng, &MOODS));
    let score = maybe(rng, |rng| format!("{}.{:03}", rng.u32(..99), rng.u32(..1000)));
    let weight = maybe(rng, |rng| format!("{}::float8 / 3", rng.u32(..99)));
    let (boss, tags) = (maybe(rng, |rng| number(rng).to_string()), words(rng));
    let (profile, joined) = (profile(rng), time(rng));
    let (mail, pin, secret) = (rng.u8(..9), rng.u16(..9999), rng.u16(..));
    format!(
        "({n}, '{name}', 'm{mail}@example.com', '{mood}', {score}, {weight}, {boss}, {tags}, \
         {profile}, {joined}, '{pin}', 'secret {secret}', {secret})"
    )
}

fn set_person(rng: &mut Rng) -> String {
    match rng.u8(..11) {
        0 => format!("name = '{}'", one(rng, &NAMES)),
        1 => format!("mood = '{}'", one(rng, &MOODS)),
        2 => format!("score = score + {}.125", rng.u8(..9)),
        3 => format!("boss_id = {}", maybe(rng, |rng| number(rng).to_string())),
        4 => format!("tags = {}", words(rng)),
        5 => format!("profile = {}", profile(rng)),
        6 => format!("secret = 's{}', wage = wage + 1", rng.u16(..)),
        7 => format!("pin = '{}'", rng.u16(..9999)),
        8 => format!("email = 'm{}@example.com', weight = weight * 1.1", rng.u8(..9)),
        // The column is added later; until then it is an error like any other.
        9 => "nick = 'n'".to_owned(),
        _ => format!("joined = {}", time(rng)),
    }
}

fn words(rng: &mut Rng) -> String {
    let words: Vec<String> = (0..rng.u8(..4)).map(|_| format!("'{}'", one(rng, &WORDS))).collect();
    format!("ARRAY[{}]::text[]", words.join(", "))
}

fn marks(rng: &mut Rng) -> String {
    let marks: Vec<String> = (0..rng.u8(..4)).map(|_| rng.u8(..9).to_string()).collect();
    format!("ARRAY[{}]::int[]", marks.join(", "))
}

fn profile(rng: &mut Rng) -> String {
    let city = one(rng, &CITIES);
    match rng.u8(..6) {
        0 => "NULL".to_owned(),
        1 => "'{}'".to_owned(),
        2 => format!(r#"'{{"address": {{"city": "{city}"}}}}'"#),
        3 => r#"'{"address": null, "n": 1.50}'"#.to_owned(),
        4 => r#"'{"address": "a text and no object"}'"#.to_owned(),
        _ => format!(
            r#"'{{"address": {{"city": "{city}", "street": "Via {}"}}, "n": {}}}'"#,
            rng.u8(..),
            rng.u8(..5)
        ),
    }
}

fn json(rng: &mut Rng) -> String {
    let more = one(rng, &["null", "[1, 2]", r#"{"x": "y"}"#, "12345678901234567"]);
    maybe(rng, |rng| format!(r#"'{{"k": {}, "more": {more}}}'"#, rng.u8(..4)))
}

fn body(rng: &mut Rng) -> String {
    format!("repeat('{}.', {})", one(rng, &["x", "ä", "text"]), [1, 3, 13, 14, 30][rng.usize(..5)])
}

fn day(rng: &mut Rng) -> String {
    maybe(rng, |rng| format!("'2026-0{}-15'", rng.u8(1..10)))
}

fn time(rng: &mut Rng) -> String {
    format!("'2026-0{}-11 0{}:30:00.000123+05:45'", rng.u8(1..10), rng.u8(..10))
}

fn cents(rng: &mut Rng) -> String {
    format!("{}.{:02}", rng.u32(..200), rng.u32(..100))
}
