//! Audited text, shown so that nothing in it can hide or pretend.

use std::ops::Range;

use maud::{Markup, html};

/// No more of one text than this stands on a page, in bytes.
pub(crate) const MAX_SHOWN: usize = 64 * 1024;
/// No more of a label, in bytes: names, keys and ids are shorter.
const MAX_LABEL: usize = 2_000;
/// What is longer than this, in characters, is folded.
pub(super) const FOLDED_FROM: usize = 80;

/// A run of a text: as it is, or one character that would not be seen.
enum Piece<'a> {
    Plain(&'a str),
    Edge(&'a str),
    Hidden(char),
}

/// A label: the text with a visible token for each character that is invisible, reorders what stands around
/// it, or controls a terminal. Blanks at either end are marked, since two texts may differ in nothing else.
/// Of a text that is no label any more, the beginning is shown.
pub(crate) fn visible(text: &str) -> Markup {
    let shown = cut(text, MAX_LABEL);
    html! { (whole(shown)) @if shown.len() < text.len() { span.meta { "…" } } }
}

/// The same of a text of any length.
pub(super) fn whole(text: &str) -> Markup {
    drawn(pieces(text))
}

/// The same of a part of a text, whose blanks at the ends are within it.
pub(super) fn within(text: &str) -> Markup {
    drawn(plain_and_hidden(text, 0..text.len()))
}

fn drawn(pieces: Vec<Piece<'_>>) -> Markup {
    html! {
        @for piece in pieces {
            @match piece {
                Piece::Plain(plain) => (plain),
                Piece::Edge(blanks) => span.ws title="Blanks at the edge of the text" { (blanks) },
                Piece::Hidden(c) => span.ctl title=(hidden(c).unwrap_or_default()) { (code(c)) },
            }
        }
    }
}

/// A label as a text, for attributes, titles and headings.
pub(crate) fn plain(text: &str) -> String {
    let shown = cut(text, MAX_LABEL);
    let mut told = String::with_capacity(shown.len());
    for c in shown.chars() {
        match hidden(c) {
            Some(_) => told.push_str(&code(c)),
            None => told.push(c),
        }
    }
    if shown.len() < text.len() {
        told.push('…');
    }
    told
}

/// A value of any length: in its line if it is short, else folded behind its beginning. What is beyond
/// 64 kB is left out, and the page says so.
pub(crate) fn folded(text: &str) -> Markup {
    let shown = cut(text, MAX_SHOWN);
    if is_short(text) {
        return html! { span dir="auto" { (whole(text)) } };
    }
    html! {
        details.fold {
            summary { span dir="auto" { (visible(beginning(text))) "…" } " " (size(text)) }
            div.text dir="auto" { (whole(shown)) }
            @if shown.len() < text.len() {
                p.note { "The first 64 kB are shown. An export has the whole value." }
            }
        }
    }
}

/// Whether a text is shown in its line.
pub(crate) fn is_short(text: &str) -> bool {
    !text.contains('\n') && text.chars().nth(FOLDED_FROM).is_none()
}

fn beginning(text: &str) -> &str {
    let line = text.trim_start().lines().next().unwrap_or_default();
    let end = line.char_indices().nth(60).map_or(line.len(), |(at, _)| at);
    &line[..end]
}

fn size(text: &str) -> Markup {
    html! { span.meta { (grouped(text.chars().count() as u64)) " characters" } }
}

/// The beginning of a text, of at most so many bytes, whole characters only.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A number with commas: `1,284`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut told = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

/// A number with its noun: `1 change`, `1,284 changes`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let body = text.trim_matches(' ');
    if body.is_empty() {
        return if text.is_empty() { Vec::new() } else { vec![Piece::Edge(text)] };
    }
    let start = text.len() - text.trim_start_matches(' ').len();
    let end = start + body.len();
    let mut pieces = Vec::new();
    pieces.extend((start > 0).then(|| Piece::Edge(&text[..start])));
    pieces.extend(plain_and_hidden(text, start..end));
    pieces.extend((end < text.len()).then(|| Piece::Edge(&text[end..])));
    pieces
}

fn plain_and_hidden(text: &str, part: Range<usize>) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut from = part.start;
    for (at, c) in text[part.clone()].char_indices().map(|(at, c)| (at + part.start, c)) {
        if hidden(c).is_some() {
            pieces.extend((from < at).then(|| Piece::Plain(&text[from..at])));
            pieces.push(Piece::Hidden(c));
            from = at + c.len_utf8();
        }
    }
    pieces.extend((from < part.end).then(|| Piece::Plain(&text[from..part.end])));
    pieces
}

fn code(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// What a character that cannot be seen is, or `None` if it can be.
fn hidden(c: char) -> Option<&'static str> {
    Some(match c {
        '\n' | '\t' => return None,
        '\0' => "NUL",
        '\r' => "Carriage return",
        '\u{1}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => "Control character",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' => {
            "Changes the direction of the text"
        }
        '\u{200b}' => "Zero-width space",
        '\u{200c}' | '\u{200d}' => "Zero-width joiner",
        '\u{feff}' => "Byte order mark",
        '\u{ad}' => "Soft hyphen",
        '\u{2028}' | '\u{2029}' => "Line or paragraph separator",
        '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0d}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => "Invisible character",
        _ if u32::from(c) & 0xfffe == 0xfffe => "Not a character",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_told() {
        let spoofed = visible("user\u{202e}nimda\u{0}").into_string();
        assert!(spoofed.contains(">U+202E</span>nimda<span"), "{spoofed}");
        assert!(spoofed.contains(">U+0000</span>"), "{spoofed}");
        assert_eq!(plain("a\u{200b}b"), "aU+200Bb");
        assert_eq!(visible("שלום, world").into_string(), "שלום, world");
    }

    #[test]
    fn blanks_at_the_edges_are_marked_and_kept() {
        let text = visible(" paid  ").into_string();
        let blank = "<span class=\"ws\" title=\"Blanks at the edge of the text\">";
        assert_eq!(text, format!("{blank} </span>paid{blank}  </span>"));
        assert_eq!(visible("   ").into_string(), format!("{blank}   </span>"));
        assert_eq!(visible("").into_string(), "");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("aéé", 4), "aé");
        assert_eq!(cut("aé", 9), "aé");
    }

    #[test]
    fn numbers_are_grouped_in_threes() {
        let numbers = [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")];
        for (number, text) in numbers {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(counted(1, "change", "changes"), "1 change");
    }
}
