//! A document as a tree that folds.

use std::io;

use maud::{Markup, html};
use serde_json::Value;

use super::text::{FOLDED_FROM, MAX_SHOWN, counted, cut, folded, visible};

/// Deeper than this, a document is told as text.
const MAX_DEPTH: usize = 16;
/// No more entries of one object or array are shown.
const MAX_ENTRIES: usize = 200;
/// No more entries of one document are shown.
const MAX_NODES: usize = 2_000;

/// Shows a document: in its line if it is short, else as a tree whose branches fold.
pub(crate) fn json_tree(value: &Value) -> Markup {
    let mut left = MAX_NODES;
    branch(value, MAX_DEPTH, &mut left)
}

fn branch(value: &Value, depth: usize, left: &mut usize) -> Markup {
    let (open, close, size) = match value {
        Value::Object(object) => ("{", "}", counted(object.len() as u64, "key", "keys")),
        Value::Array(items) => ("[", "]", counted(items.len() as u64, "item", "items")),
        scalar => return html! { span.v { (folded(&scalar.to_string())) } },
    };
    let longest = if depth == 0 { MAX_SHOWN } else { FOLDED_FROM };
    let start = beginning(value, longest + 1);
    if depth == 0 || start.len() <= longest {
        return html! { code.v { (folded(&start)) } };
    }
    html! {
        details.tree open[depth == MAX_DEPTH] {
            summary { (open) "…" (close) " " span.meta { (size) } }
            ul { @match value {
                Value::Object(object) => (entries(object.iter().map(|(key, value)| (Some(key.as_str()), value)), depth, left)),
                Value::Array(items) => (entries(items.iter().map(|value| (None, value)), depth, left)),
                _ => "",
            } }
        }
    }
}

fn entries<'a>(
    entries: impl ExactSizeIterator<Item = (Option<&'a str>, &'a Value)>,
    depth: usize,
    left: &mut usize,
) -> Markup {
    let count = entries.len();
    let shown = count.min(MAX_ENTRIES).min(*left);
    *left -= shown;
    html! {
        @for (position, (key, value)) in entries.take(shown).enumerate() {
            li {
                span.key {
                    @match key { Some(key) => (visible(cut(key, 400))), None => (position) }
                    ": "
                }
                (branch(value, depth - 1, left))
            }
        }
        @if shown < count { li.meta { "… and " (counted((count - shown) as u64, "other", "others")) } }
    }
}

/// The beginning of a document's text, of at most so many bytes: a large document is not written out to find
/// that it is large.
fn beginning(value: &Value, bytes: usize) -> String {
    struct Start(Vec<u8>, usize);
    impl io::Write for Start {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            let room = self.1 - self.0.len();
            self.0.extend_from_slice(&text[..text.len().min(room)]);
            if text.len() > room { Err(io::ErrorKind::StorageFull.into()) } else { Ok(text.len()) }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut start = Start(Vec::new(), bytes);
    // It fails where the room ends, which is what it is for.
    let _ = serde_json::to_writer(&mut start, value);
    String::from_utf8_lossy(&start.0).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_short_document_stands_in_its_line_and_a_long_one_folds() {
        assert_eq!(beginning(&json!({"a": [1, "\u{e9}"]}), 99), "{\"a\":[1,\"\u{e9}\"]}");
        assert_eq!(beginning(&json!([1, 2, 3]), 4), "[1,2");
        assert!(!json_tree(&json!({"a": 1})).into_string().contains("<details"));
        let many: Value = (0..300).collect();
        let tree = json_tree(&many).into_string();
        assert!(tree.contains("300 items") && tree.contains("and 100 others"), "{tree}");
    }
}
