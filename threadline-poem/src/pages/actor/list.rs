//! An actor's changes, transaction by transaction.

use maud::{Markup, html};
use threadline::{ActionRecord, Filter, RowKey, TimelineEntry, Transaction};

use super::View;
use crate::pages::key::key_of;
use crate::view::{
    Chrome, Deed, Head, Item, Links, change_item, link, sides, transaction_group, visible,
};

/// So many changes of a transaction stand in the list.
const SHOWN: usize = 5;

pub(super) fn list(view: &View, chrome: &Chrome) -> Markup {
    let entries = &view.page.entries;
    let day = |entry: &TimelineEntry| entry.transaction.occurred_at.date_naive();
    html! {
        div.list {
            @for of_day in entries.chunk_by(|a, b| day(a) == day(b)) {
                @if let Some(first) = of_day.first() { p.day { (day(first).format("%A, %-d %B %Y")) } }
                @for group in of_day.chunk_by(|a, b| a.transaction.id == b.transaction.id) {
                    (transaction(group, view, chrome))
                }
            }
        }
    }
}

fn transaction(group: &[TimelineEntry], view: &View, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    let Some(first) = group.first() else { return html! {} };
    let transaction = &first.transaction;
    let meant = group.iter().find_map(|entry| entry.action.as_ref());
    let action = meant.map(|action| {
        (action.name.as_str(), links.timeline(&Filter::new().action(action.name.as_str())))
    });
    let tie = correlation(transaction, meant);
    let correlation = tie
        .map(|id| (id, links.timeline(&Filter::new().correlation_id(id).include_capture_only())));
    let href = links.transaction(transaction.id);
    let head = Head {
        id: transaction.id,
        href: &href,
        at: transaction.occurred_at,
        now: view.now,
        who: why(meant),
        action: action.as_ref().map(|(name, href)| (*name, href.as_str())),
        correlation: correlation.as_ref().map(|(id, href)| (*id, href.as_str())),
        changes: group.len() as u64,
    };
    let items = html! { @for entry in group.iter().take(SHOWN) { (item(entry, view, links)) } };
    let rest = (group.len() > SHOWN).then(|| {
        html! {
            (group.len() - SHOWN) " more on this page. " (link("Open the transaction", &href))
        }
    });
    transaction_group(&head, items, rest)
}

fn correlation<'a>(
    transaction: &'a Transaction,
    action: Option<&'a ActionRecord>,
) -> Option<&'a str> {
    let own = transaction.correlation_id.as_deref();
    own.or_else(|| action.and_then(|action| action.correlation_id.as_deref()))
}

/// Who it was is said above all of it, so what stands here is why.
fn why(action: Option<&ActionRecord>) -> Markup {
    let reason = action.and_then(|action| action.reason.as_deref());
    html! { @if let Some(reason) = reason { span.reason { "“" bdi { (visible(reason)) } "”" } } }
}

fn item(entry: &TimelineEntry, view: &View, links: &Links) -> Markup {
    let change = &entry.change;
    let (table, key) = (change.table.to_string(), key_of(change));
    let told = key.as_ref().map(RowKey::to_string);
    let row = key.as_ref().map(|key| links.row(&change.table, key));
    let deed =
        Deed { op: change.op, table: &table, key: told.as_deref(), href: row.as_deref(), rows: 1 };
    let mut fields = view.shapes.fields(change, links);
    fields.retain(|field| sides(change.op) != crate::view::Sides::Both || field.is_changed);
    change_item(&Item { deed, fields: &fields, href: &links.change(change.id), filter: None })
}
