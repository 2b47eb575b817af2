//! Where the texts, quoted names and comments of a statement are, as PostgreSQL finds them.
//!
//! The parser cuts some statements in other places than the server: a comment behind an operator, a text
//! that goes on in the next line, a dollar behind a digit. What is a comment or a text to one of them
//! is a table to the other, so a statement on which they differ is refused.

use std::collections::BTreeSet;
use std::str::CharIndices;

use sqlparser::tokenizer::{Location, Token, TokenWithSpan};

/// Whether the parser's tokens are those of PostgreSQL, as far as what is quoted and what is not.
pub(super) fn agrees(text: &str, tokens: &[TokenWithSpan]) -> bool {
    let Some(regions) = regions(text) else { return false };
    let mut places = Places { rest: text.char_indices(), end: text.len(), line: 1, column: 1 };
    let mut found = 0;
    for token in tokens.iter().filter(|token| token.token != Token::EOF) {
        let place = places.walk(token.span.start).zip(places.walk(token.span.end));
        let written = place.and_then(|(from, to)| text.get(from..to));
        let (Some(place), Some(written)) = (place, written) else { return false };
        if regions.contains(&place) {
            found += 1;
        } else if matches!(token.token, Token::DollarQuotedString(_))
            || ["'", "\"", "--", "/*"].iter().any(|mark| written.contains(mark))
        {
            return false;
        }
    }
    found == regions.len()
}

/// Turns the places of tokens into places in the text, in one walk over it.
struct Places<'t> {
    rest: CharIndices<'t>,
    end: usize,
    line: u64,
    column: u64,
}

impl Places<'_> {
    /// Where a place is that is not before the last one.
    fn walk(&mut self, to: Location) -> Option<usize> {
        while (self.line, self.column) < (to.line, to.column) {
            let (_, letter) = self.rest.next()?;
            (self.line, self.column) = match letter {
                '\n' => (self.line + 1, 1),
                _ => (self.line, self.column + 1),
            };
        }
        let is_there = (self.line, self.column) == (to.line, to.column);
        is_there.then(|| self.rest.clone().next().map_or(self.end, |(at, _)| at))
    }
}

/// From where to where something is quoted or a comment; `None` if it does not end, or is of a kind
/// that the parser does not know.
fn regions(text: &str) -> Option<BTreeSet<(usize, usize)>> {
    let bytes = text.as_bytes();
    let mut regions = BTreeSet::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = match rest {
            [b'-', b'-', ..] => Some(comment(bytes, at)),
            [b'/', b'*', ..] => Some(block(bytes, at)?),
            [b'e' | b'E', b'\'', ..] => Some(string(bytes, at + 1, true)?),
            [b'b' | b'B' | b'x' | b'X' | b'n' | b'N', b'\'', ..] => {
                Some(string(bytes, at + 1, false)?)
            }
            [b'u' | b'U', b'&', b'\'', ..] => Some(string(bytes, at + 2, false)?),
            [b'u' | b'U', b'&', b'"', ..] => return None,
            [b'\'', ..] => Some(string(bytes, at, false)?),
            [b'"', ..] => Some(quoted(bytes, at, b'"', false)?),
            [b'$', ..] => match tag(rest) {
                Some(tag) => Some(dollars(text, at, tag)?),
                None => None,
            },
            _ => None,
        };
        match end {
            Some(end) => {
                regions.insert((at, end));
                at = end;
            }
            None => at += plain(rest),
        }
    }
    Some(regions)
}

/// The length of a name, of a parameter, or of one byte.
fn plain(rest: &[u8]) -> usize {
    let is_start = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_' || *byte >= 0x80;
    let is_name = |byte: &u8| is_start(byte) || byte.is_ascii_digit() || *byte == b'$';
    let length = match rest {
        [first, ..] if is_start(first) => rest.iter().take_while(|byte| is_name(byte)).count(),
        [b'$', digits @ ..] => 1 + digits.iter().take_while(|byte| byte.is_ascii_digit()).count(),
        _ => 1,
    };
    length.max(1)
}

/// A comment goes to the end of its line.
fn comment(bytes: &[u8], at: usize) -> usize {
    let line = bytes[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    line.map_or(bytes.len(), |line| at + line)
}

fn block(bytes: &[u8], from: usize) -> Option<usize> {
    let (mut at, mut depth) = (from, 0_usize);
    loop {
        match bytes.get(at..at + 2)? {
            b"/*" => (at, depth) = (at + 2, depth + 1),
            b"*/" => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

/// A text goes on where another one begins in a later line. The parser takes that for another one.
fn string(bytes: &[u8], quote: usize, has_escapes: bool) -> Option<usize> {
    let end = quoted(bytes, quote, b'\'', has_escapes)?;
    let (mut at, mut is_next_line) = (end, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => (at, is_next_line) = (at + 1, true),
            b' ' | b'\t' | 0x0b | 0x0c => at += 1,
            b'-' if bytes.get(at + 1) == Some(&b'-') => at = comment(bytes, at),
            b'\'' if is_next_line => return None,
            _ => break,
        }
    }
    Some(end)
}

fn quoted(bytes: &[u8], quote: usize, mark: u8, has_escapes: bool) -> Option<usize> {
    let mut at = quote + 1;
    loop {
        match bytes.get(at)? {
            b'\\' if has_escapes => at += 2,
            byte if *byte == mark && bytes.get(at + 1) == Some(&mark) => at += 2,
            byte if *byte == mark => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// The length of `$tag$`.
fn tag(rest: &[u8]) -> Option<usize> {
    let length = 1 + rest.get(1..)?.iter().position(|byte| *byte == b'$')?;
    let name = &rest[1..length];
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
    let begins = name.first().is_none_or(|first| !first.is_ascii_digit());
    (begins && name.iter().all(is_name)).then_some(length + 1)
}

fn dollars(text: &str, at: usize, tag: usize) -> Option<usize> {
    let (begin, rest) = text.get(at..)?.split_at_checked(tag)?;
    Some(at + tag + rest.find(begin)? + tag)
}
