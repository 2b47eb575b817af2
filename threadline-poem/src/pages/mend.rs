//! What was found, and what mends it, for people to read and to copy.

use maud::{Markup, html};
use threadline_migration::Mend;

use crate::view;

/// A text in which names and commands stand between backticks. It begins with a capital letter, as a
/// sentence does; what is found is told without one, to stand behind the name of its table.
pub(crate) fn prose(text: &str) -> Markup {
    let text = &capital(text);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        // One of them has no partner: a name of the host holds one, say.
        return view::visible(text);
    }
    html! {
        @for (position, part) in parts.iter().enumerate() {
            @if position.is_multiple_of(2) { (words(part)) }
            @else { code { (view::visible(part)) } }
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Words beside a name: the blank between them is no part of either, so it is not marked.
fn words(part: &str) -> Markup {
    let inner = part.trim_matches(' ');
    html! {
        @if part.starts_with(' ') { " " }
        (view::visible(inner))
        @if !inner.is_empty() && part.ends_with(' ') { " " }
    }
}

/// Statements longer than this, in characters, are folded.
const FOLDED_FROM: usize = 160;

/// Statements to run, or what to do with the commands in it to copy.
pub(crate) fn fix(mend: Option<&Mend>) -> Markup {
    match mend {
        Some(Mend::Sql(sql)) => statements(sql.trim()),
        Some(Mend::Advice(advice)) => advised(advice),
        _ => html! { span.meta { "—" } },
    }
}

fn statements(sql: &str) -> Markup {
    if sql.len() <= FOLDED_FROM && !sql.contains('\n') {
        return copied(sql, "the statement");
    }
    html! {
        div.actions {
            details { summary { "Statements to run" } code.text { (view::visible(sql)) } }
            (view::copy_button(sql, "the statements"))
        }
    }
}

fn advised(advice: &str) -> Markup {
    let commands: Vec<&str> = commands(advice).collect();
    if commands.is_empty() {
        return prose(advice);
    }
    html! {
        @for command in commands { (copied(command, "the command")) }
        details { summary.meta { "More" } p { (prose(advice)) } }
    }
}

/// The commands within an advice that do what it says by themselves: those that name their tables.
fn commands(advice: &str) -> impl Iterator<Item = &str> {
    let quoted = advice.split('`').skip(1).step_by(2);
    quoted.filter(|text| text.starts_with("threadline ") && text.contains(" --tables "))
}

fn copied(text: &str, what: &str) -> Markup {
    html! { div.fix { code.text { (view::visible(text)) } (view::copy_button(text, what)) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_text_are_marked_and_nothing_in_it_is_markup() {
        let told = prose("the trigger `<b>` is gone & so is `it`").into_string();
        assert_eq!(told, "The trigger <code>&lt;b&gt;</code> is gone &amp; so is <code>it</code>");
        assert_eq!(prose("a table called `a`b`").into_string(), "A table called `a`b`");
    }

    #[test]
    fn a_command_in_an_advice_can_be_copied() {
        let advice = Mend::Advice("run `threadline attach --tables a.b`; see `docs`".to_owned());
        let told = fix(Some(&advice)).into_string();
        assert_eq!(told.matches("data-copy=").count(), 1);
        assert!(told.contains("data-copy=\"threadline attach --tables a.b\""), "{told}");
        let sql = Mend::Sql("ALTER TABLE \"a\" ENABLE TRIGGER \"b\";\n".to_owned());
        // Without the end of its line, so that it is not run before it was looked at.
        assert!(fix(Some(&sql)).into_string().contains("ENABLE TRIGGER &quot;b&quot;;\""));
    }
}
