//! Tables, lists of facts, and the frames of pages and their parts.

use maud::{Markup, html};

use super::filter::{Problem, field_problem};
use super::icon::{Icon, icon};
use super::link::{Choice, link, local};
use super::text::{plain, visible};

/// A column of a [`data_table`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    /// Whether it holds numbers, which stand at its right.
    pub(crate) is_number: bool,
}

impl Column {
    pub(crate) const fn new(title: &'static str) -> Self {
        Self { title, is_number: false }
    }

    pub(crate) const fn number(title: &'static str) -> Self {
        Self { title, is_number: true }
    }
}

/// Rows of cells; the first cell of each names its row. What is wider than the screen scrolls alone.
pub(crate) fn data_table(caption: &str, columns: &[Column], rows: &[Vec<Markup>]) -> Markup {
    let class = |position: usize| {
        columns.get(position).is_some_and(|column| column.is_number).then_some("n")
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label=(plain(caption)) {
            table.data {
                caption.vh { (plain(caption)) }
                thead { tr {
                    @for (position, column) in columns.iter().enumerate() {
                        th scope="col" class=[class(position)] { (column.title) }
                    }
                } }
                tbody {
                    @for row in rows {
                        tr data-item {
                            @for (position, cell) in row.iter().enumerate() {
                                @if position == 0 { th scope="row" { (cell) } }
                                @else { td class=[class(position)] { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Facts with their names.
pub(crate) fn kv(facts: &[(&str, Markup)]) -> Markup {
    html! { dl.kv { @for (name, value) in facts { div { dt { (name) } dd { (value) } } } } }
}

/// The links to the newer and the older page of a list.
pub(crate) fn pager(newer: Option<&str>, older: Option<&str>) -> Markup {
    html! {
        nav.pager aria-label="Newer and older" {
            @if let Some(newer) = newer { a.button rel="prev" href=(local(newer)) { (icon(Icon::Left)) "Newer" } }
            @if let Some(older) = older { a.button rel="next" href=(local(older)) { "Older" (icon(Icon::Right)) } }
        }
    }
}

/// The heading of a page, where it stands, and what can be done with it.
pub(crate) fn page_head(trail: &[Choice], title: Markup, actions: Markup) -> Markup {
    html! {
        div.page-head {
            @if !trail.is_empty() {
                nav.trail aria-label="Where this page is" {
                    @for step in trail { (link(&step.label, &step.href)) span aria-hidden="true" { "›" } }
                }
            }
            h1 { (title) }
            div.actions { (actions) }
        }
    }
}

/// A part of a page with its heading.
pub(crate) fn panel(title: &str, actions: Markup, body: Markup) -> Markup {
    html! {
        section.panel {
            div.panel-head { h2 { (visible(title)) } div.actions { (actions) } }
            (body)
        }
    }
}

/// Two parts beside each other, which stand below each other on a narrow screen.
pub(crate) fn halves(left: Markup, right: Markup) -> Markup {
    html! { div.halves { div { (left) } div { (right) } } }
}

/// A list, with what narrows it at its side.
pub(crate) fn split(body: Markup, aside: Markup) -> Markup {
    html! {
        div.split {
            div.body { (body) }
            aside.aside aria-label="Narrow the list" { (aside) }
        }
    }
}

/// Small parts in a row, each with its heading: forms to begin with, figures.
pub(crate) fn cards(cards: &[(&str, Markup)]) -> Markup {
    html! {
        div.cards { @for (title, body) in cards { section.card { h2 { (title) } (body) } } }
    }
}

/// A field of a form with its label, and what is wrong with it.
pub(crate) fn field(label: &str, field: &Field<'_>) -> Markup {
    let id = format!("field-{}", field.name);
    let problem = format!("{id}-problem");
    html! {
        div.field {
            label for=(id) { (label) }
            input id=(id) name=(field.name) value=(field.value) placeholder=[field.example] maxlength="1024"
                autocomplete="off" autocapitalize="off" spellcheck="false" required[field.is_required]
                aria-invalid=[field.problem.map(|_| "true")]
                aria-describedby=[field.problem.map(|_| problem.as_str())];
            @if let Some(text) = field.problem { (field_problem(&problem, text)) }
        }
    }
}

/// What a [`field`] is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a str,
    /// What stands in it.
    pub(crate) value: &'a str,
    /// What could stand in it.
    pub(crate) example: Option<&'a str>,
    pub(crate) problem: Option<&'a Problem>,
    pub(crate) is_required: bool,
}
