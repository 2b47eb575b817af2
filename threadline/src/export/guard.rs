//! What keeps a spreadsheet from running a value as a formula.

use std::borrow::Cow;

/// What starts a formula, also as East Asian keyboards write it.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Where a spreadsheet may see another cell begin. It does so even within quotes if it splits at
/// semicolons, as many do in Europe, because then the cell began before the quote.
const SEPARATORS: [char; 4] = [';', '\t', '\r', '\n'];

/// `text`, with an apostrophe before whatever could be taken for a formula.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    let mut guarded = String::new();
    let mut copied = 0;
    for (start, cell) in cells(text) {
        // A tab or a line break at the very start is trimmed, and then something else is the start.
        let is_trimmed = start == 0 && cell.starts_with(&SEPARATORS[1..]);
        if is_trimmed || formula(cell).is_some() {
            guarded.push_str(&text[copied..start]);
            guarded.push('\'');
            copied = start;
        }
    }
    finished(text, guarded, copied)
}

/// The JSON document `json`, with an escape in place of whatever could be taken for the start of a
/// formula: to whoever reads JSON it is the same.
pub(super) fn json(json: &str) -> Cow<'_, str> {
    let mut guarded = String::new();
    let mut copied = 0;
    for (start, cell) in cells(json) {
        if let Some((at, sign)) = formula(cell) {
            guarded.push_str(&json[copied..start + at]);
            guarded.push_str(&format!("\\u{:04x}", u32::from(sign)));
            copied = start + at + sign.len_utf8();
        }
    }
    finished(json, guarded, copied)
}

fn finished(text: &str, mut guarded: String, copied: usize) -> Cow<'_, str> {
    if guarded.is_empty() {
        return Cow::Borrowed(text);
    }
    guarded.push_str(&text[copied..]);
    Cow::Owned(guarded)
}

/// What a spreadsheet may take for cells, each with where it begins and with its separator.
fn cells(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive(SEPARATORS).scan(0, |next, cell| {
        let start = *next;
        *next += cell.len();
        Some((start, cell))
    })
}

/// Where a formula starts, and with which sign.
fn formula(cell: &str) -> Option<(usize, char)> {
    let cell = cell.trim_end_matches(SEPARATORS);
    let (at, sign) = cell.char_indices().find(|(_, letter)| !is_skipped(*letter))?;
    (SIGNS.contains(&sign) && !is_negative_number(cell)).then_some((at, sign))
}

/// What may stand before a formula and is not seen: blanks, quotes, control and formatting characters.
fn is_skipped(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || "\"'`´‘’‚‛“”„‟«»‹›＂＇".contains(letter)
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn is_negative_number(cell: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(number) = cell.strip_prefix('-') else { return false };
    match number.split_once('.') {
        None => is_digits(number),
        Some((whole, part)) => is_digits(whole) && is_digits(part),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{json, text};

    #[test]
    fn what_starts_like_a_formula_gets_an_apostrophe() {
        for formula in [
            "=1+1",
            "+1",
            "-1+1",
            "@SUM(A1)",
            "\tplain",
            "  =1",
            "\"=1",
            "'=1",
            "\" =1",
            "＝1",
            "－1+1",
            "＋1",
            "＠a",
            "\u{feff}=1",
            "\u{200b}=1",
            "\u{a0}=1",
            "\u{202e}=1",
            "\u{1}=1",
            "-",
            "-1-",
            "--1",
            "-1.",
            "-.5",
            "-1e5",
            "“=1",
        ] {
            assert_eq!(text(formula), format!("'{formula}"), "{formula:?}");
        }
    }

    #[test]
    fn what_does_not_is_left_alone() {
        for plain in [
            "", "a", "1", "-1", "-1.50", "a=1", "a-b", "1+1", "{}", "[\"=1\"]", " ", "\"", "a;b",
            "a\tb",
        ] {
            assert_eq!(text(plain), plain, "{plain:?}");
        }
    }

    #[test]
    fn a_cell_within_the_cell_is_guarded_where_it_starts() {
        assert_eq!(text("a;=1;b; +2;-3;-4"), "a;'=1;b;' +2;-3;-4");
        assert_eq!(text("a\r\n=1\tb\t@c"), "a\r\n'=1\tb\t'@c");
        assert_eq!(text("\t=1"), "'\t'=1", "whether it is trimmed or split");
    }

    #[test]
    fn a_document_is_guarded_and_stays_the_same() {
        for document in [
            r#"{"a": "x;=cmd|' /C calc'!A0"}"#,
            r#""=1+1""#,
            r#"["b; +1;＝2", "c;@d;;-3"]"#,
            "-5",
            "null",
            r#"{"n": -5}"#,
        ] {
            let guarded = json(document);
            let read = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
            assert_eq!(read(&guarded), read(document));
            assert_eq!(text(&guarded), guarded, "nothing is left that starts like a formula");
        }
        assert_eq!(json(r#"{"a": "x;=1"}"#), r#"{"a": "x;\u003d1"}"#);
        assert_eq!(json("-5"), "-5");
    }
}
