//! What a change did to the columns of a row.

use maud::{Markup, html};
use serde_json::Value;

use super::cell::{Cell, cell};
use super::delta::{delta, is_identifier};
use super::fields::FieldDiff;
use super::json_diff::{Fate, Leaf, Step, json_diff};
use super::json_tree::json_tree;
use super::link::local;
use super::text::{counted, cut, folded, is_short, plain, visible};
use super::text_diff::text_diff;

/// No more differences of one document are shown.
const MAX_LEAVES: usize = 100;

/// How [`diff_table`] shows the columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct DiffOptions {
    /// What the table is: `update of public.orders id=1001`.
    pub(crate) caption: String,
    /// Which occasions are shown.
    pub(crate) sides: Sides,
    /// Columns such as `updated_at`: an update that changed nothing else is folded.
    pub(crate) quiet: Vec<String>,
    /// Whether what is folded stands open.
    pub(crate) is_open: bool,
}

/// Which of the two occasions there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sides {
    /// Both: of an update, and of two versions.
    #[default]
    Both,
    /// What was: of a delete.
    Before,
    /// What is: of an insert.
    After,
}

/// Shows the columns in the order in which they are given, those that changed first; what did not change
/// is folded.
pub(crate) fn diff_table(fields: &[FieldDiff], options: &DiffOptions) -> Markup {
    let (changed, unchanged): (Vec<&FieldDiff>, Vec<&FieldDiff>) =
        fields.iter().partition(|field| field.is_changed);
    // In a new row, columns without a value are no news.
    let (blank, told): (Vec<&FieldDiff>, Vec<&FieldDiff>) =
        changed.into_iter().partition(|field| {
            options.sides != Sides::Both && side(field, options.sides) == &Cell::Null
        });
    let is_quiet = options.sides == Sides::Both
        && !told.is_empty()
        && told.iter().all(|field| options.quiet.contains(&field.name));
    let told_table = html! { @if !told.is_empty() { (table(&told, options, "changed")) } };
    html! {
        div.diff-of {
            @if is_quiet {
                (fold(options, &format!("Only {} changed", names(&told)), told_table))
            } @else { (told_table) }
            @if !blank.is_empty() {
                (fold(options, &counted(blank.len() as u64, "column without a value", "columns without a value"), table(&blank, options, "without a value")))
            }
            @if !unchanged.is_empty() {
                (fold(options, &format!("{} unchanged", unchanged.len()), still(&unchanged, options)))
            }
            @if fields.is_empty() { p.note { "No column is known." } }
        }
    }
}

/// What changed, in one line: for lists. At most `most` columns; the others are counted.
pub(crate) fn inline_diff(fields: &[FieldDiff], sides: Sides, most: usize) -> Markup {
    let told: Vec<_> = fields
        .iter()
        .filter(|field| field.is_changed)
        .filter(|field| sides == Sides::Both || side(field, sides) != &Cell::Null)
        .collect();
    html! {
        span.inline {
            @for field in told.iter().take(most) {
                span.pair {
                    span.col { (visible(&field.name)) } " "
                    @if sides != Sides::Both { (brief(side(field, sides))) }
                    @else { (brief(&field.before)) span.arrow { " → " } (brief(&field.after)) }
                }
                " "
            }
            @if told.len() > most { span.meta { (told.len() - most) " more" } }
        }
    }
}

fn side(field: &FieldDiff, sides: Sides) -> &Cell {
    if sides == Sides::Before { &field.before } else { &field.after }
}

fn names(fields: &[&FieldDiff]) -> String {
    let names: Vec<String> = fields.iter().map(|field| plain(&field.name)).collect();
    names.join(", ")
}

/// A value in a line with others: long ones are cut, documents are told by their size.
fn brief(value: &Cell) -> Markup {
    const LONGEST: usize = 40;
    match value {
        Cell::Text(text) | Cell::Number(text) => {
            let start =
                text.char_indices().nth(LONGEST).map_or(text.as_str(), |(at, _)| &text[..at]);
            html! {
                span.v dir="auto" { (visible(&start.replace(['\n', '\t'], " "))) @if start.len() < text.len() { "…" } }
            }
        }
        Cell::Json(Value::Array(items)) => {
            html! { span.v { "[" (counted(items.len() as u64, "item", "items")) "]" } }
        }
        Cell::Json(Value::Object(object)) => {
            html! { span.v { "{" (counted(object.len() as u64, "key", "keys")) "}" } }
        }
        Cell::Absent => html! { span.token.absent { "none" } },
        other => cell(other),
    }
}

fn fold(options: &DiffOptions, summary: &str, body: Markup) -> Markup {
    html! { details.unchanged open[options.is_open] { summary { (summary) } (body) } }
}

fn table(fields: &[&FieldDiff], options: &DiffOptions, what: &str) -> Markup {
    let rows = html! {
        @for field in fields {
            tr { (name(field)) td { (change(field, options.sides)) } }
        }
    };
    frame(&format!("{}: {what}", options.caption), rows)
}

fn still(fields: &[&FieldDiff], options: &DiffOptions) -> Markup {
    let rows = html! {
        @for field in fields { tr { (name(field)) td { (cell(&field.after)) } } }
    };
    frame(&format!("{}: unchanged", options.caption), rows)
}

fn frame(caption: &str, rows: Markup) -> Markup {
    html! {
        table.diff {
            caption.vh { (plain(caption)) }
            thead { tr { th scope="col" { span.vh { "Column" } } th scope="col" { span.vh { "Value" } } } }
            tbody { (rows) }
        }
    }
}

fn name(field: &FieldDiff) -> Markup {
    html! {
        th scope="row" {
            @match &field.href {
                Some(href) => a href=(local(href)) title="Changes of this column alone" { (visible(&field.name)) },
                None => (visible(&field.name)),
            }
        }
    }
}

fn change(field: &FieldDiff, sides: Sides) -> Markup {
    match (sides, &field.before, &field.after) {
        (Sides::Before, was, _) => html! { (removed(cell(was))) },
        (Sides::After, _, now) => html! { (added(cell(now))) },
        (_, Cell::Masked, Cell::Masked) => html! {
            div.change { (cell(&Cell::Masked)) span.meta { "changed; neither value is known" } }
        },
        (_, Cell::Hidden, Cell::Hidden) => html! {
            div.change { (cell(&Cell::Hidden)) span.meta { "changed" } }
        },
        (_, Cell::Text(was), Cell::Text(now)) if !(is_short(was) && is_short(now)) => {
            texts(was, now)
        }
        (_, Cell::Json(was), Cell::Json(now)) => documents(was, now),
        _ => pair(field),
    }
}

fn pair(field: &FieldDiff) -> Markup {
    let delta = match (&field.before, &field.after) {
        // By how much a key or an id changed tells nothing.
        _ if field.is_key || is_identifier(&field.name) => None,
        (Cell::Number(was), Cell::Number(now)) => delta(was, now),
        _ => None,
    };
    html! {
        div.change {
            (removed(cell(&field.before)))
            (added(html! {
                (cell(&field.after))
                @if let Some(delta) = delta { " " span.delta title="The difference" { (delta) } }
            }))
        }
    }
}

fn removed(value: Markup) -> Markup {
    html! { del { span.sign aria-hidden="true" { "−" } span.vh { "was " } (value) } }
}

fn added(value: Markup) -> Markup {
    html! { ins { span.sign aria-hidden="true" { "+" } span.vh { "now " } (value) } }
}

fn texts(was: &str, now: &str) -> Markup {
    html! {
        (text_diff(was, now))
        details.both {
            summary { "Both texts whole" }
            div.change { (removed(folded(was))) (added(folded(now))) }
        }
    }
}

fn documents(was: &Value, now: &Value) -> Markup {
    let leaves = json_diff(was, now);
    html! {
        ul.leaves {
            @for leaf in leaves.iter().take(MAX_LEAVES) { li { (place(leaf)) } }
            @if leaves.len() > MAX_LEAVES { li.meta { "… and " (counted((leaves.len() - MAX_LEAVES) as u64, "other difference", "other differences")) } }
        }
        details.both {
            summary { "Both documents whole" }
            div.change { (removed(json_tree(was))) (added(json_tree(now))) }
        }
    }
}

fn place(leaf: &Leaf) -> Markup {
    let path = leaf.path();
    html! {
        code.path { @if path.is_empty() { "the whole document" } @else { (visible(cut(&path, 1_000))) } }
        div.change {
            @match &leaf.fate {
                Fate::Added { now, .. } => (added(json_tree(now))),
                Fate::Removed { was } => (removed(json_tree(was))),
                Fate::Moved { was, now } => {
                    span.meta { "the same items in another order" }
                    (removed(json_tree(&Value::from(was.clone()))))
                    (added(json_tree(&Value::from(now.clone()))))
                },
                Fate::Replaced { was: Value::String(was), now: Value::String(now) }
                    if !(is_short(was) && is_short(now)) => (text_diff(was, now)),
                Fate::Replaced { was, now } => {
                    (removed(json_tree(was)))
                    (added(html! {
                        (json_tree(now))
                        @if let Some(delta) = difference(leaf, was, now) {
                            " " span.delta title="The difference" { (delta) }
                        }
                    }))
                },
            }
        }
    }
}

/// By how much a number of a document changed, unless it is an id.
fn difference(leaf: &Leaf, was: &Value, now: &Value) -> Option<String> {
    let is_id = matches!(leaf.path.last(), Some(Step::Key(name)) if is_identifier(name));
    let (false, Value::Number(was), Value::Number(now)) = (is_id, was, now) else { return None };
    delta(&was.to_string(), &now.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(field: FieldDiff) -> String {
        diff_table(&[field], &DiffOptions::default()).into_string()
    }

    fn number(name: &str) -> FieldDiff {
        let of = |digits: &str| Cell::Number(digits.to_owned());
        FieldDiff::changed(name, of("40"), of("57"))
    }

    #[test]
    fn what_names_something_has_no_difference() {
        assert!(shown(number("total")).contains("+17"));
        assert!(!shown(number("id")).contains("+17"));
        assert!(!shown(number("customer_id")).contains("+17"));
        assert!(!shown(FieldDiff { is_key: true, ..number("line_no") }).contains("+17"));
    }

    #[test]
    fn the_ids_of_a_document_have_no_difference() {
        let document = |key: &str, value: u32| Cell::Json(json!({"owner": {key: value}}));
        let of = |key: &str| shown(FieldDiff::changed("d", document(key, 40), document(key, 57)));
        assert!(of("total").contains("+17"));
        assert!(!of("team_id").contains("+17"));
    }
}
