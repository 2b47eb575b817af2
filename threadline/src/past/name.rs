//! Names as PostgreSQL reads them, and where they stand in a text.

use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};
use sqlparser::tokenizer::Location;

/// The name that PostgreSQL looks for: what is not quoted is folded to small letters.
pub(super) fn folded(ident: &Ident) -> String {
    match ident.quote_style {
        None => ident.value.to_ascii_lowercase(),
        Some(_) => ident.value.clone(),
    }
}

/// The parts of a name; `None` if one of them is none.
pub(super) fn parts(name: &ObjectName) -> Option<Vec<String>> {
    name.0.iter().map(|part| part.as_ident().map(folded)).collect()
}

/// The identifiers of a name; `None` if it has something else in it.
pub(super) fn idents(name: &ObjectName) -> Option<Vec<&Ident>> {
    name.0.iter().map(ObjectNamePart::as_ident).collect()
}

/// Turns the places that the parser tells, lines and characters, into places in a text.
pub(super) struct Text<'t> {
    text: &'t str,
    lines: Vec<usize>,
}

impl<'t> Text<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, lines: std::iter::once(0).chain(ends).collect() }
    }

    /// Where a place is, in bytes; `None` if it is in no text, or not in this one.
    pub(super) fn offset(&self, place: Location) -> Option<usize> {
        let line = usize::try_from(place.line).ok()?.checked_sub(1)?;
        let column = usize::try_from(place.column).ok()?.checked_sub(1)?;
        let start = *self.lines.get(line)?;
        let mut places = self.text[start..].char_indices().map(|(at, _)| at);
        let end = self.text.len() - start;
        Some(start + places.nth(column).unwrap_or(end))
    }

    /// From where to where an identifier stands; `None` if something else stands there.
    pub(super) fn range(&self, ident: &Ident) -> Option<(usize, usize)> {
        let (from, to) = (self.offset(ident.span.start)?, self.offset(ident.span.end)?);
        let written = match ident.quote_style {
            None => ident.value.clone(),
            Some('"') => format!("\"{}\"", ident.value.replace('"', "\"\"")),
            Some(_) => return None,
        };
        (self.text.get(from..to)? == written).then_some((from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_behind_lines_and_letters_of_several_bytes() {
        let text = Text::new("é\r\nüx\n\n z");
        let at = |line, column| text.offset(Location::new(line, column));
        assert_eq!(at(1, 1), Some(0));
        assert_eq!(at(2, 2), Some(6));
        assert_eq!(at(4, 2), Some(10));
        assert_eq!(at(4, 3), Some(11));
        assert_eq!(at(9, 1), None);
        assert_eq!(at(0, 0), None);
    }
}
