//! What is looked for: the search box, what it holds as chips, and what there is to choose from.

use maud::{Markup, html};

use super::icon::{Icon, icon};
use super::link::{Choice, local};
use super::text::{grouped, plain, visible};

/// The search box of a timeline: a form that works without a script.
#[derive(Clone, Debug, Default)]
pub(crate) struct FilterBar {
    /// Where the form goes.
    pub(crate) action: String,
    /// What stands in the box: `table:orders op:update`.
    pub(crate) query: String,
    /// What is kept besides, by name: the window.
    pub(crate) hidden: Vec<(String, String)>,
    /// What is wrong with the query.
    pub(crate) problem: Option<Problem>,
    /// The window in words: `last 24 h`.
    pub(crate) window: String,
    /// Other windows.
    pub(crate) windows: Vec<Choice>,
    /// The window's first moment and the first after it, as `2026-11-21T05:30`, in UTC.
    pub(crate) range: (String, String),
}

/// What is wrong with what somebody wrote, and how it is written.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) text: String,
    /// What would be right: `actor:user:42`.
    pub(crate) example: Option<String>,
}

/// The search box, and the window beside it.
pub(crate) fn filter_bar(bar: &FilterBar) -> Markup {
    html! {
        div.filter-bar {
            form.search method="get" action=(local(&bar.action)) role="search" {
                label.vh for="q" { "Search for changes" }
                (icon(Icon::Search))
                input #q name="q" type="search" value=(bar.query) maxlength="4096" autocomplete="off" autocapitalize="off"
                    spellcheck="false" placeholder="table:orders op:update actor:user:42" data-search
                    aria-invalid=[bar.problem.is_some().then_some("true")]
                    aria-describedby=[bar.problem.is_some().then_some("q-problem")];
                (hidden(&bar.hidden))
                button.primary type="submit" { "Search" }
            }
            (window(bar))
        }
        @if let Some(problem) = &bar.problem { (field_problem("q-problem", problem)) }
    }
}

fn window(bar: &FilterBar) -> Markup {
    html! {
        details.menu {
            summary.button { (icon(Icon::Clock)) (visible(&bar.window)) }
            div.pop {
                ul.choices {
                    @for choice in &bar.windows {
                        li {
                            a href=(local(&choice.href)) aria-current=[choice.is_current.then_some("true")] {
                                (visible(&choice.label))
                            }
                        }
                    }
                }
                form.range method="get" action=(local(&bar.action)) data-range {
                    input type="hidden" name="q" value=(bar.query);
                    @for (name, label, value) in [("from", "From", &bar.range.0), ("to", "Until", &bar.range.1)] {
                        label { span { (label) " " span.zone-name { "UTC" } }
                            input type="datetime-local" name=(name) value=(value) step="1";
                        }
                    }
                    button type="submit" { "Show" }
                }
            }
        }
    }
}

/// What is wrong with a field, beside it: `id` is what the field's `aria-describedby` names.
pub(crate) fn field_problem(id: &str, problem: &Problem) -> Markup {
    html! {
        p.field-problem id=(id) role="alert" {
            (icon(Icon::Alert)) strong { "Not searched. " } (visible(&problem.text))
            @if let Some(example) = &problem.example { " For example: " code { (visible(example)) } }
        }
    }
}

pub(crate) fn hidden(fields: &[(String, String)]) -> Markup {
    html! { @for (name, value) in fields { input type="hidden" name=(name) value=(value); } }
}

/// One condition of a filter.
#[derive(Clone, Debug)]
pub(crate) struct Chip {
    pub(crate) key: String,
    pub(crate) value: String,
    /// Whether it is excluded.
    pub(crate) is_not: bool,
    /// The same search without it.
    pub(crate) without: String,
}

/// The conditions of a filter, each with a link that takes it away; `clear` takes them all.
pub(crate) fn chips(chips: &[Chip], clear: Option<&str>, actions: Markup) -> Markup {
    html! {
        div.chips {
            @if !chips.is_empty() {
                ul aria-label="Conditions" {
                    @for chip in chips {
                        li.chip.not[chip.is_not] {
                            span { span.meta { @if chip.is_not { "not " } (visible(&chip.key)) } " " bdi { (visible(&chip.value)) } }
                            a href=(local(&chip.without)) title="Search without this" {
                                (icon(Icon::Cross)) span.vh { "Search without " (plain(&chip.key)) " " (plain(&chip.value)) }
                            }
                        }
                    }
                }
            }
            @if let Some(clear) = clear { a.clear href=(local(clear)) { "Clear" } }
            span.actions { (actions) }
        }
    }
}

/// A value that occurs among what was found.
#[derive(Clone, Debug)]
pub(crate) struct FacetValue {
    pub(crate) label: String,
    pub(crate) count: u64,
    /// The search for this value alone; where it is chosen already, the search without it.
    pub(crate) href: String,
    /// The search for all others.
    pub(crate) exclude: Option<String>,
    pub(crate) is_chosen: bool,
}

/// The values of one kind, with how often each occurs.
pub(crate) fn facet(title: &str, values: &[FacetValue]) -> Markup {
    let most = values.iter().map(|value| value.count).max().unwrap_or_default().max(1);
    html! {
        section.facet {
            h3 { (title) }
            @if values.is_empty() { p.meta { "None" } }
            ul {
                @for value in values {
                    li.chosen[value.is_chosen] {
                        a.value href=(local(&value.href)) aria-current=[value.is_chosen.then_some("true")] data-filter {
                            span.name { bdi { (visible(&value.label)) } }
                            span.n { (grouped(value.count)) }
                        }
                        @if let Some(exclude) = &value.exclude {
                            a.exclude href=(local(exclude)) title="Exclude" { "−" span.vh { "Exclude " (plain(&value.label)) } }
                        }
                        svg.share viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true" {
                            rect width=((value.count * 100).div_ceil(most)) height="2" {}
                        }
                    }
                }
            }
        }
    }
}
