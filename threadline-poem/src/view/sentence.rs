//! Who did what, to which row.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use threadline::{ActorRef, Operation};

use super::diff::{Sides, inline_diff};
use super::fields::FieldDiff;
use super::icon::{Icon, icon};
use super::link::{copy_button, link, local};
use super::text::{counted, visible};
use super::time::{ago, clock};

/// Who it was: by the name that the host knows, if it does, and always by the reference.
pub(crate) fn actor(actor: &ActorRef, name: Option<&str>, href: Option<&str>) -> Markup {
    let reference = html! { span.actor-ref { bdi { (visible(&actor.to_string())) } } };
    let told = html! {
        @match name {
            Some(name) => { bdi.name { (visible(name)) } " " (reference) },
            None => (reference),
        }
    };
    html! {
        span.actor {
            (icon(Icon::User))
            @match href { Some(href) => a href=(local(href)) { (told) }, None => (told) }
        }
    }
}

/// In place of an actor, where nobody said who it was. `role` is the database role that logged in.
pub(crate) fn nobody(role: Option<&str>) -> Markup {
    html! {
        span.actor.nobody {
            (icon(Icon::Unknown)) "nobody said who"
            @if let Some(role) = role { " " span.meta { "database role " bdi { (visible(role)) } } }
        }
    }
}

/// An operation as a small label.
pub(crate) fn op_badge(op: Operation) -> Markup {
    html! { span class={ "op " (op.as_str()) } { (op) } }
}

/// What was done to what.
#[derive(Clone, Debug)]
pub(crate) struct Deed<'a> {
    pub(crate) op: Operation,
    /// The table: `public.orders`.
    pub(crate) table: &'a str,
    /// The row's key: `1001`, `order_id=7;line_no=3`.
    pub(crate) key: Option<&'a str>,
    /// Where the row's history is.
    pub(crate) href: Option<&'a str>,
    /// How many rows of the table: one, unless many are told as one.
    pub(crate) rows: u64,
}

/// The row: its table and key, with a link to its history.
pub(crate) fn row_name(deed: &Deed<'_>) -> Markup {
    let told = html! {
        span.table { bdi { (visible(deed.table)) } }
        @if let Some(key) = deed.key.filter(|_| deed.rows <= 1) { " " span.id { bdi { (visible(key)) } } }
    };
    html! {
        span.what {
            @match deed.href {
                Some(href) => a.row-name href=(local(href)) { (told) },
                None => span.row-name { (told) },
            }
            @if deed.rows > 1 { " " span.meta { "× " (counted(deed.rows, "row", "rows")) } }
        }
    }
}

/// One change in a list.
#[derive(Clone, Debug)]
pub(crate) struct Item<'a> {
    pub(crate) deed: Deed<'a>,
    pub(crate) fields: &'a [FieldDiff],
    /// The change's permanent address.
    pub(crate) href: &'a str,
    /// The search for changes like this one.
    pub(crate) filter: Option<&'a str>,
}

/// A change in its line: what, to which row, and its first columns.
pub(crate) fn change_item(item: &Item<'_>) -> Markup {
    let sides = sides(item.deed.op);
    html! {
        li.item data-item {
            (op_badge(item.deed.op))
            (row_name(&item.deed))
            (inline_diff(item.fields, sides, 4))
            span.item-actions {
                @if let Some(filter) = item.filter { a href=(local(filter)) data-filter title="More like this" { (icon(Icon::Search)) span.vh { "More like this" } } }
                a href=(local(item.href)) data-open title="Open the change" { (icon(Icon::Link)) span.vh { "Open the change" } }
            }
        }
    }
}

/// Which occasions a change of this kind has.
pub(crate) fn sides(op: Operation) -> Sides {
    match op {
        Operation::Insert | Operation::Baseline => Sides::After,
        Operation::Delete => Sides::Before,
        _ => Sides::Both,
    }
}

/// The heading of a transaction in a list.
#[derive(Clone, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) id: i64,
    pub(crate) href: &'a str,
    pub(crate) at: DateTime<Utc>,
    pub(crate) now: DateTime<Utc>,
    /// Who, as [`actor`] or [`nobody`] tells it.
    pub(crate) who: Markup,
    /// What was meant: `order.refund`, and where its other deeds are.
    pub(crate) action: Option<(&'a str, &'a str)>,
    /// What ties it to others, and where they are.
    pub(crate) correlation: Option<(&'a str, &'a str)>,
    /// How many changes it has.
    pub(crate) changes: u64,
}

/// A transaction with the changes of it that the list has; `rest` tells what is left out.
pub(crate) fn transaction_group(head: &Head<'_>, items: Markup, rest: Option<Markup>) -> Markup {
    html! {
        section.group {
            div.group-head {
                h3 {
                    (clock(head.at)) " " span.meta { (ago(head.at, head.now)) }
                    " " a.id href=(local(head.href)) { "tx " (head.id) }
                }
                (head.who)
                @if let Some((name, href)) = head.action { span.action { (link(name, href)) } }
                @if let Some((id, href)) = head.correlation {
                    span.correlation { a.id href=(local(href)) { (visible(id)) } (copy_button(id, "the correlation")) }
                }
                span.meta.count { (counted(head.changes, "change", "changes")) }
            }
            ul.items { (items) }
            @if let Some(rest) = rest { p.rest { (rest) } }
        }
    }
}
