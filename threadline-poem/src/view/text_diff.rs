//! Two long texts, word by word.

use std::time::Duration;

use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};

use super::text::{counted, cut, within};

/// Longer texts are not compared word by word, in bytes.
const MAX_COMPARED: usize = 64 * 1024;
/// How long two texts may be compared: what is found by then is shown.
const MAX_TIME: Duration = Duration::from_millis(50);
/// What is the same for longer than this is left out but for its ends, in bytes.
const LONG_RUN: usize = 240;
/// How much of either end stays.
const END: usize = 80;

/// What was taken out of the first text, and what was put in to make the second.
pub(crate) fn text_diff(before: &str, after: &str) -> Markup {
    if before.len().max(after.len()) > MAX_COMPARED {
        return html! {
            p.note { "These texts are too long to be compared word by word." }
        };
    }
    html! { div.text.words dir="auto" { @for (tag, run) in runs(before, after) { (told(tag, &run)) } } }
}

fn told(tag: ChangeTag, run: &str) -> Markup {
    match tag {
        ChangeTag::Equal if run.len() > LONG_RUN => {
            let (head, tail) = (cut(run, END), end(run));
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

fn end(run: &str) -> &str {
    let mut from = run.len() - END;
    while !run.is_char_boundary(from) {
        from += 1;
    }
    &run[from..]
}

/// The changes with those of one kind that stand together as one.
fn runs(before: &str, after: &str) -> Vec<(ChangeTag, String)> {
    let diff = TextDiff::configure().timeout(MAX_TIME).diff_words(before, after);
    let mut runs: Vec<(ChangeTag, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        match runs.last_mut() {
            Some((tag, run)) if *tag == change.tag() => run.push_str(change.value()),
            _ => runs.push((change.tag(), change.value().to_owned())),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn both_texts_are_in_it() {
        let (before, after) = ("the quick brown fox", "the slow brown fox jumps");
        let texts = runs(before, after).into_iter().fold(
            (String::new(), String::new()),
            |(mut was, mut now), (tag, run)| {
                (tag != ChangeTag::Insert).then(|| was.push_str(&run));
                (tag != ChangeTag::Delete).then(|| now.push_str(&run));
                (was, now)
            },
        );
        assert_eq!((texts.0.as_str(), texts.1.as_str()), (before, after));
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
    fn long_runs_are_left_out_but_for_their_ends() {
        let same = "é word ".repeat(200);
        let markup = text_diff(&format!("{same}old"), &format!("{same}new")).into_string();
        assert!(markup.contains(" characters unchanged …"), "{markup}");
        assert!(markup.len() < 700, "{}", markup.len());
    }
}
