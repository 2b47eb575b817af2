//! Two long texts, word by word.

use std::iter::once;
use std::time::Duration;

use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};

use super::text::{counted, cut, within};

/// Longer texts are not compared word by word, in bytes; what both begin and end with does not count.
const MAX_COMPARED: usize = 64 * 1024;
/// How long two texts may be compared: what is found by then is shown.
const MAX_TIME: Duration = Duration::from_millis(50);
/// What is the same for longer than this is left out but for its ends, in bytes.
const LONG_RUN: usize = 240;
/// How much of either end stays.
const END: usize = 80;

/// What was taken out of the first text, and what was put in to make the second.
pub(crate) fn text_diff(before: &str, after: &str) -> Markup {
    let ends = Ends::of(before, after);
    let (was, now) = (ends.within(before), ends.within(after));
    if was.len().max(now.len()) > MAX_COMPARED {
        return too_long(&before[..ends.head], was, now);
    }
    let runs = runs(before, after, &ends);
    html! { div.text.words dir="auto" { @for (tag, run) in runs { (told(tag, &run)) } } }
}

/// Where the two begin to differ: their beginnings may look alike.
fn too_long(head: &str, was: &str, now: &str) -> Markup {
    html! {
        p.note {
            "These texts differ in too many places to be compared word by word. This is where they begin to differ."
        }
        div.text.words dir="auto" {
            (told(ChangeTag::Equal, head))
            @for (tag, text) in [(ChangeTag::Delete, was), (ChangeTag::Insert, now)] {
                @if !text.is_empty() { (told(tag, cut(text, LONG_RUN))) span.gap { "…" } }
            }
        }
    }
}

/// How many bytes both texts begin with and end with, whole characters only. Some of what is the same stays
/// outside, so that a word is compared whole.
struct Ends {
    head: usize,
    tail: usize,
}

impl Ends {
    fn of(before: &str, after: &str) -> Self {
        let same = |(was, now): &(u8, u8)| was == now;
        let head = before.bytes().zip(after.bytes()).take_while(same).count();
        let most = before.len().min(after.len()) - head;
        let tail =
            before.bytes().rev().zip(after.bytes().rev()).take(most).take_while(same).count();
        // Two texts of the same bytes up to here have their characters at the same places.
        let head = cut(before, head.saturating_sub(END)).len();
        let tail = last(before, tail.saturating_sub(END)).len();
        Self { head, tail }
    }

    fn within<'t>(&self, text: &'t str) -> &'t str {
        &text[self.head..text.len() - self.tail]
    }
}

fn told(tag: ChangeTag, run: &str) -> Markup {
    match tag {
        ChangeTag::Equal if run.len() > LONG_RUN => {
            let (head, tail) = (cut(run, END), last(run, END));
            let between = run[head.len()..run.len() - tail.len()].chars().count();
            html! {
                (within(head))
                span.gap { "… " (counted(between as u64, "character", "characters")) " unchanged …" }
                (within(tail))
            }
        }
        ChangeTag::Equal => within(run),
        ChangeTag::Delete => html! { del { span.vh { "removed: " } (within(run)) } },
        ChangeTag::Insert => html! { ins { span.vh { "added: " } (within(run)) } },
    }
}

/// The end of a text, of at most so many bytes, whole characters only.
fn last(text: &str, bytes: usize) -> &str {
    let mut from = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

/// The changes with those of one kind that stand together as one.
fn runs(before: &str, after: &str, ends: &Ends) -> Vec<(ChangeTag, String)> {
    let (was, now) = (ends.within(before), ends.within(after));
    let diff = TextDiff::configure().timeout(MAX_TIME).diff_words(was, now);
    let head = (ChangeTag::Equal, &before[..ends.head]);
    let tail = (ChangeTag::Equal, &before[before.len() - ends.tail..]);
    let between = diff.iter_all_changes().map(|change| (change.tag(), change.value()));
    let mut runs: Vec<(ChangeTag, String)> = Vec::new();
    for (kind, text) in once(head).chain(between).chain(once(tail)) {
        match runs.last_mut() {
            _ if text.is_empty() => {}
            Some((tag, run)) if *tag == kind => run.push_str(text),
            _ => runs.push((kind, text.to_owned())),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// The two texts, as their differences have them.
    fn put_together(before: &str, after: &str) -> (String, String) {
        let mut texts = (String::new(), String::new());
        for (tag, run) in runs(before, after, &Ends::of(before, after)) {
            (tag != ChangeTag::Insert).then(|| texts.0.push_str(&run));
            (tag != ChangeTag::Delete).then(|| texts.1.push_str(&run));
        }
        texts
    }

    #[test]
    fn both_texts_are_in_it() {
        let long = "é €🦀 ".repeat(60);
        let pairs = [
            ("the quick brown fox".to_owned(), "the slow brown fox jumps".to_owned()),
            (long.clone(), format!("{long}{long}")),
            (format!("{long}é{long}"), format!("{long}è{long}")),
            ("é".repeat(200), "é".repeat(201)),
            ("a".repeat(300), "a".repeat(170)),
            (String::new(), long.clone()),
            (long.clone(), long),
        ];
        for (before, after) in pairs {
            assert_eq!(put_together(&before, &after), (before, after));
        }
    }

    #[test]
    fn a_word_is_compared_whole() {
        let (before, after) = ("the quick brown fox", "the slow brown fox jumps");
        let markup = text_diff(before, after).into_string();
        assert!(markup.contains("<del><span class=\"vh\">removed: </span>quick</del>"), "{markup}");
    }

    #[test]
    fn two_texts_that_have_nothing_in_common_take_no_longer_than_is_allowed() {
        let words = |from: u32| (from..from + 9_000).map(|n| format!("{n:x} ")).collect::<String>();
        let (before, after) = (words(0x10_0000), words(0x90_0000));
        assert!(before.len() <= MAX_COMPARED);
        let start = Instant::now();
        let _ = text_diff(&before, &after);
        // Ten times what is allowed: the machine may be busy.
        assert!(start.elapsed() < MAX_TIME * 10, "{:?}", start.elapsed());
    }

    #[test]
    fn a_few_characters_within_a_long_text_are_seen() {
        let (head, tail) = ("é word ".repeat(8_000), "more words ".repeat(5_000));
        let (before, after) = (format!("{head}{tail}"), format!("{head}urgent {tail}"));
        assert!(before.len() > MAX_COMPARED);
        let markup = text_diff(&before, &after).into_string();
        assert!(markup.contains("<ins><span class=\"vh\">added: </span>urgent </ins>"), "{markup}");
        assert!(!markup.contains("<del>") && markup.len() < 1_000, "{markup}");
    }

    #[test]
    fn of_long_texts_that_differ_throughout_the_first_difference_is_shown() {
        let (head, rest) = ("same ".repeat(20_000), "also the same ".repeat(10_000));
        let (before, after) = (format!("{head}old {rest}x"), format!("{head}new {rest}y"));
        let markup = text_diff(&before, &after).into_string();
        assert!(markup.contains("begin to differ"), "{markup}");
        assert!(markup.contains("old also") && markup.contains("new also"), "{markup}");
        assert!(markup.len() < 2_000, "{}", markup.len());
    }

    #[test]
    fn long_runs_are_left_out_but_for_their_ends() {
        let same = "é word ".repeat(200);
        let markup = text_diff(&format!("{same}old"), &format!("{same}new")).into_string();
        assert!(markup.contains(" characters unchanged …"), "{markup}");
        assert!(markup.len() < 700, "{}", markup.len());
    }
}
