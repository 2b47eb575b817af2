//! What a change did to each column, aligned.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use serde_json::{Map, Value};
use similar::{ChangeTag, TextDiff};
use threadline::{Change, ChangeDiff, FieldChange, Operation, change_diff};

use super::super::output::FAINT;
use super::value::{harmless, told};

const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();

/// Columns of text are aligned up to this width.
const WIDEST: usize = 32;

/// One line or block for each column, indented.
pub(super) fn of(change: &Change, full: bool) -> String {
    let diff = change_diff(change);
    match change.op {
        Operation::Update => updated(&diff, full),
        Operation::Delete => rows(diff.data_before.as_ref(), '-', OLD, full),
        Operation::Truncate => format!("    {OLD}every row of the table was removed{OLD:#}\n"),
        _ => rows(diff.data_after.as_ref(), '+', NEW, full),
    }
}

fn rows(row: Option<&Map<String, Value>>, sign: char, style: Style, full: bool) -> String {
    let Some(row) = row else { return String::new() };
    let width = width(row.keys().map(String::as_str));
    let mut text = String::new();
    for (name, value) in row {
        let (name, value) = (padded(&harmless(name), width), told(value, full));
        let _ = writeln!(text, "    {style}{sign}{style:#} {name}  {style}{value}{style:#}");
    }
    text
}

fn updated(diff: &ChangeDiff, full: bool) -> String {
    if diff.field_changes.is_empty() {
        return format!("    {FAINT}no column that is stored has changed{FAINT:#}\n");
    }
    let lines: Vec<Line> = diff.field_changes.iter().flat_map(|field| lines(field, full)).collect();
    let short = || lines.iter().filter(|line| !line.is_block());
    let names = width(lines.iter().map(|line| line.name.as_str()));
    let olds = width(short().map(|line| line.old.as_str()));
    let mut text = String::new();
    for line in &lines {
        match line.is_block() {
            true => block(&mut text, line),
            false => {
                let (name, old) = (padded(&line.name, names), padded(&line.old, olds));
                let new = &line.new;
                let _ = writeln!(
                    text,
                    "    {name}  {OLD}{old}{OLD:#} {FAINT}→{FAINT:#} {NEW}{new}{NEW:#}"
                );
            }
        }
    }
    text
}

/// One column, or one place in a document, before and after.
struct Line {
    name: String,
    old: String,
    new: String,
    /// The whole texts, if they have several lines.
    texts: Option<(String, String)>,
}

impl Line {
    fn is_block(&self) -> bool {
        self.texts.is_some() || self.old.chars().count() > WIDEST * 2
    }
}

fn lines(field: &FieldChange, full: bool) -> Vec<Line> {
    if let (Some(Value::Object(old)), Some(Value::Object(new))) = (&field.before, &field.after)
        && field.before_is.is_none()
        && field.after_is.is_none()
    {
        let mut lines = Vec::new();
        places(&harmless(&field.name), old, new, full, &mut lines);
        if !lines.is_empty() {
            return lines;
        }
    }
    let missing = || match field.prior_state {
        Some(_) => "(not stored)".to_owned(),
        None => "(none)".to_owned(),
    };
    let side = |value: &Option<Value>| value.as_ref().map_or_else(missing, |v| told(v, full));
    vec![Line {
        name: harmless(&field.name),
        old: side(&field.before),
        new: side(&field.after),
        texts: texts(&field.before, &field.after),
    }]
}

/// The places at which two documents differ.
fn places(
    at: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    full: bool,
    lines: &mut Vec<Line>,
) {
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let place = format!("{at}.{}", harmless(name));
        match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) if old == new => {}
            (Some(Value::Object(old)), Some(Value::Object(new))) => {
                places(&place, old, new, full, lines);
            }
            (old, new) => {
                let side = |value: Option<&Value>| {
                    value.map_or_else(|| "(none)".to_owned(), |value| told(value, full))
                };
                lines.push(Line { name: place, old: side(old), new: side(new), texts: None });
            }
        }
    }
}

/// Two texts of which one has several lines.
fn texts(old: &Option<Value>, new: &Option<Value>) -> Option<(String, String)> {
    let (Some(Value::String(old)), Some(Value::String(new))) = (old, new) else { return None };
    (old.contains('\n') || new.contains('\n')).then(|| (old.clone(), new.clone()))
}

fn block(text: &mut String, line: &Line) {
    let _ = writeln!(text, "    {}", line.name);
    let (old, new) = match &line.texts {
        Some((old, new)) => (old.as_str(), new.as_str()),
        None => (line.old.as_str(), line.new.as_str()),
    };
    for hunk in TextDiff::from_lines(old, new).unified_diff().context_radius(1).iter_hunks() {
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ('-', OLD),
                ChangeTag::Insert => ('+', NEW),
                ChangeTag::Equal => (' ', FAINT),
            };
            let line = harmless(change.value().trim_end_matches(['\n', '\r']));
            let _ = writeln!(text, "      {style}{sign} {line}{style:#}");
        }
    }
}

fn width<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(|text| text.chars().count()).filter(|width| *width <= WIDEST).max().unwrap_or(0)
}

fn padded(text: &str, width: usize) -> String {
    format!("{text:width$}")
}
