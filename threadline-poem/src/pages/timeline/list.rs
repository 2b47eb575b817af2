//! The changes, transaction by transaction.

use maud::{Markup, html};
use threadline::{Filter, RowKey, TableName};

use super::groups::{Group, Rest, Row};
use super::load::View;
use crate::view::{
    Deed, DiffOptions, Head, Item, Links, actor, change_item, counted, diff_table, grouped, link,
    local, nobody, op_badge, row_name, sides, transaction_group, visible,
};

pub(super) fn render(view: &View, links: &Links) -> Markup {
    html! {
        div.list {
            @for (position, group) in view.groups.iter().enumerate() {
                @let day = group.day();
                @if position == 0 || view.groups[position - 1].day() != day {
                    p.meta { (day.format("%A, %-d %B %Y")) }
                }
                (transaction(group, view, links))
            }
        }
    }
}

fn transaction(group: &Group, view: &View, links: &Links) -> Markup {
    let transaction = &group.transaction;
    let href = links.transaction(transaction.id);
    let of_action = group.action.as_ref().map(|action| {
        let others = view.params.filter.clone().only(Filter::new().action(&action.name));
        (action.name.as_str(), view.params.of(links, &others))
    });
    let correlation = group.action.as_ref().and_then(|action| action.correlation_id.as_ref());
    let correlation = correlation.or(transaction.correlation_id.as_ref()).map(|id| {
        let all = Filter::new().correlation_id(id).include_capture_only();
        (id.as_str(), links.timeline(&all))
    });
    let head = Head {
        id: transaction.id,
        href: &href,
        at: transaction.occurred_at,
        now: view.now,
        who: who(group, view, links),
        action: of_action.as_ref().map(|(name, href)| (*name, href.as_str())),
        correlation: correlation.as_ref().map(|(id, href)| (*id, href.as_str())),
        changes: group.all.map_or(group.on_page(), |count| u64::from(count.counted)),
    };
    let items = html! { @for row in &group.rows { (item(row, view, links)) } };
    let rest = (!group.rest.is_empty()).then(|| rest(group, view, links));
    transaction_group(&head, items, rest)
}

/// Who did it, and why in their words.
fn who(group: &Group, view: &View, links: &Links) -> Markup {
    let reason = group.action.as_ref().and_then(|action| action.reason.as_deref());
    html! {
        @match &group.transaction.actor {
            Some(who) => (actor(who, view.names.get(who).map(String::as_str), Some(&links.actor(who)))),
            None => (nobody(Some(&group.transaction.session_user_name))),
        }
        @if let Some(reason) = reason { " " span.reason { "“" bdi { (visible(reason)) } "”" } }
    }
}

fn item(row: &Row, view: &View, links: &Links) -> Markup {
    let key = row.key.as_ref().map(ToString::to_string);
    let table = row.table.to_string();
    let row_href = row.key.as_ref().map(|key| links.row(&row.table, key));
    let deed =
        Deed { op: row.op, table: &table, key: key.as_deref(), href: row_href.as_deref(), rows: 1 };
    let href = links.change(row.change);
    if view.params.is_detailed {
        return detailed(row, &deed, &href);
    }
    let alike = alike(view, &row.table, row.key.as_ref());
    let filter = view.params.of(links, &alike);
    let fields = row.told();
    change_item(&Item { deed, fields: &fields, href: &href, filter: Some(&filter) })
}

/// The changes of the same row, over the same time.
fn alike(view: &View, table: &TableName, key: Option<&RowKey>) -> Filter {
    let of_table = Filter::new().table(table.clone());
    let wanted = match key {
        Some(key) => of_table.row(key.clone()),
        None => of_table,
    };
    view.params.filter.clone().only(wanted)
}

fn detailed(row: &Row, deed: &Deed<'_>, href: &str) -> Markup {
    let caption = match deed.key {
        Some(key) => format!("{} of {} {key}", row.op, deed.table),
        None => format!("{} of {}", row.op, deed.table),
    };
    let options = DiffOptions { caption, sides: sides(row.op), ..DiffOptions::default() };
    html! {
        li.item.detailed data-item {
            div.panel-head {
                span { (op_badge(row.op)) " " (row_name(deed)) }
                a href=(local(href)) data-open { "Open the change" }
            }
            @if !row.fields.is_empty() { (diff_table(&row.fields, &options)) }
        }
    }
}

/// What of the transaction is not shown, in sums, and where it is.
fn rest(group: &Group, view: &View, links: &Links) -> Markup {
    let id = group.transaction.id;
    let without = view.params.filter.clone().except(Filter::new().transaction(id)).first_page();
    let shown = group.rows.len() as u64;
    let left = group.all.map_or(group.on_page(), |count| u64::from(count.counted)) - shown;
    let more = if group.all.is_some_and(|count| count.is_capped) { "+" } else { "" };
    html! {
        @for rest in &group.rest { (sum(rest)) "; " }
        (grouped(left)) (more) " more in this transaction. "
        (link("Open the transaction", &links.transaction(id))) " "
        (link("Leave it out", &view.params.of(links, &without)))
    }
}

fn sum(rest: &Rest) -> Markup {
    html! {
        (op_badge(rest.op)) " " bdi { (visible(&rest.table.to_string())) } " × " (grouped(rest.changes)) " on this page"
        @if !rest.columns.is_empty() { ", " (visible(&rest.columns.join(", "))) " changed in " (counted(rest.changes, "row", "rows")) }
    }
}
