//! The versions of a row, to walk along.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use threadline::Operation;

use super::filter::hidden;
use super::icon::{Icon, icon};
use super::link::local;
use super::text::{plain, visible};
use super::time::{exact, moment};

/// A version on the rail.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    /// Its number among the row's versions, from one; `None` where there are too many to be counted.
    pub(crate) number: Option<u64>,
    pub(crate) op: Operation,
    pub(crate) at: DateTime<Utc>,
    /// What happened, in a few words: `status, total`.
    pub(crate) summary: String,
    /// The row in this version.
    pub(crate) href: String,
    pub(crate) is_current: bool,
}

/// The versions as dots on a line, in their order; each leads to the row as it was.
pub(crate) fn version_rail(stops: &[Stop]) -> Markup {
    html! {
        nav.rail-of aria-label="Versions of this row" {
            ol.rail {
                @for stop in stops {
                    li class=(stop.op.as_str()) {
                        a href=(local(&stop.href)) aria-current=[stop.is_current.then_some("true")]
                            title=(format!("{} · {} · {}", exact(stop.at), stop.op, plain(&stop.summary))) {
                            span.dot {}
                            span.number { (name(stop)) }
                            span.vh { ", " (stop.op) " at " (exact(stop.at)) }
                        }
                    }
                }
            }
        }
    }
}

/// The same as a slider in a form, which works with a script, with a keyboard and without either.
#[derive(Clone, Debug)]
pub(crate) struct Slider {
    /// Where the form goes.
    pub(crate) action: String,
    /// What is kept besides, by name.
    pub(crate) hidden: Vec<(String, String)>,
    /// Which of the stops is shown, from zero.
    pub(crate) position: usize,
    /// The stops, in their order.
    pub(crate) stops: Vec<Stop>,
    /// The numbers of their changes, which the form sends as `v`.
    pub(crate) values: Vec<i64>,
}

/// Walks along the stops: to the first, the one before, the next, the last, one from a list, or, with the
/// script, with the thumb.
pub(crate) fn slider(slider: &Slider) -> Markup {
    let last = slider.stops.len().saturating_sub(1);
    let at = slider.position.min(last);
    let Some(stop) = slider.stops.get(at) else { return html! {} };
    html! {
        form.slider method="get" action=(local(&slider.action)) data-slider {
            (hidden(&slider.hidden))
            (walk(Icon::First, "The first version", (at > 0).then(|| &slider.stops[0]), None))
            (walk(Icon::Left, "The version before", (at > 0).then(|| &slider.stops[at - 1]), Some("prev")))
            input.js type="range" min="0" max=(last) value=(at) step="1" aria-label="Version" aria-valuetext=(label(stop)) autocomplete="off";
            (walk(Icon::Right, "The next version", slider.stops.get(at + 1), Some("next")))
            (walk(Icon::Last, "The last version", (at < last).then(|| &slider.stops[last]), None))
            select name="v" aria-label="Version" autocomplete="off" {
                @for (position, (stop, value)) in slider.stops.iter().zip(&slider.values).enumerate() {
                    option value=(value) selected[position == at] { (label(stop)) }
                }
            }
            button type="submit" { "Go" }
        }
    }
}

fn walk(drawing: Icon, words: &str, stop: Option<&Stop>, rel: Option<&str>) -> Markup {
    html! {
        @match stop {
            Some(stop) => a.button href=(local(&stop.href)) rel=[rel] title=(words) { (icon(drawing)) span.vh { (words) } },
            None => span.button.off aria-hidden="true" { (icon(drawing)) },
        }
    }
}

/// `v6`, or when it was.
fn name(stop: &Stop) -> String {
    stop.number
        .map_or_else(|| stop.at.format("%m-%d %H:%M").to_string(), |number| format!("v{number}"))
}

fn label(stop: &Stop) -> String {
    let summary = plain(&stop.summary);
    format!("{} · {} · {} {summary}", name(stop), stop.at.format("%Y-%m-%d %H:%M:%S UTC"), stop.op)
}

/// The form that asks for the row as of a moment. `at` is what stands in it, if there is something.
pub(crate) fn as_of_form(action: &str, at: Option<&str>, shown: Option<DateTime<Utc>>) -> Markup {
    html! {
        form.as-of method="get" action=(local(action)) {
            label for="at" { "As of" }
            input #at name="at" value=[at] placeholder="2026-11-21T05:30Z or -2h" maxlength="64" autocomplete="off" spellcheck="false";
            button type="submit" { "Go" }
            a.button href=(local(action)) { "Now" }
            @if let Some(shown) = shown { span.meta { "shown: " (moment(shown)) } }
        }
    }
}

/// A line about a row that its reader has to know: `Column vat was added later.`
pub(crate) fn notice(text: &str) -> Markup {
    html! { p.notice { (icon(Icon::Display)) span { (visible(text)) } } }
}
