//! The search box: `table:orders op:update -actor:system:* action:"order refund"`.

use std::iter::Peekable;
use std::str::Chars;

use super::FilterProblem;
use super::parse::{KEYS, Reading};

/// Reads every word of `text`.
pub(super) fn read(text: &str, reading: &mut Reading) {
    let mut chars = text.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.peek().is_none() {
            return;
        }
        match word(&mut chars) {
            Err(problem) => reading.problems.push(problem),
            Ok((key, value)) => match key.strip_prefix('-') {
                None => reading.read(&key, &value),
                Some(key) if ["from", "to", "sort", "limit", "after"].contains(&key) => {
                    let why = "it has no opposite; leave out the `-`";
                    reading.problems.push(FilterProblem::new(key, &value, why));
                }
                Some(_) if value.starts_with('-') => {
                    let why = "it is negated twice; leave out one `-`";
                    reading.problems.push(FilterProblem::new(&key, &value, why));
                }
                Some(key) => reading.read(key, &format!("-{value}")),
            },
        }
    }
}

/// One `key:value`.
fn word(chars: &mut Peekable<Chars<'_>>) -> Result<(String, String), FilterProblem> {
    let mut key = String::new();
    while let Some(c) = chars.next_if(|c| !c.is_whitespace() && *c != ':') {
        key.push(c);
    }
    if chars.next_if_eq(&':').is_none() {
        let why = format!(
            "it has no key; write `key:value` with one of the keys {}, as in `table:orders`",
            KEYS.join(", ")
        );
        return Err(FilterProblem::new(&key, "", why));
    }
    let value = match chars.next_if_eq(&'"') {
        Some(_) => quoted(chars, &key)?,
        None => std::iter::from_fn(|| chars.next_if(|c| !c.is_whitespace())).collect(),
    };
    Ok((key, value))
}

fn quoted(chars: &mut Peekable<Chars<'_>>, key: &str) -> Result<String, FilterProblem> {
    let mut value = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' if chars.peek().is_none_or(|next| next.is_whitespace()) => return Ok(value),
            '"' => return Err(FilterProblem::new(key, &value, "a blank must follow the quotes")),
            '\\' => value.extend(chars.next()),
            c => value.push(c),
        }
    }
    Err(FilterProblem::new(key, &value, "the double quotes are not closed"))
}
