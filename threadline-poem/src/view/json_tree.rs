//! A document as a tree that folds.

use maud::{Markup, html};
use serde_json::Value;

use super::text::{counted, cut, folded, is_short, visible};

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
    let text = value.to_string();
    if depth == 0 || is_short(&text) {
        return html! { code.v { (folded(&text)) } };
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
