//! Any two versions of a row, side by side or as one list of differences.

mod render;

use threadline::{AuditedTable, RowKey};

use super::answer::BadField;
use super::desk::Pair;
use super::key::key_of;
use super::query::Query;
use super::shapes::{facts, order};
use super::{Answer, Refusal, Visit, row, rows};
use crate::view::{self, FieldDiff, Place, fields_between, plain};

/// What is compared.
struct Params {
    a: i64,
    b: i64,
    is_unified: bool,
}

impl Params {
    fn read(visit: &Visit) -> Result<Self, Refusal> {
        let query = Query::read(visit, &["a", "b", "view"])?;
        let bad = |key: &str, value: &str, why: &str| {
            Refusal::Fields(vec![BadField::new(key, value, why)])
        };
        let change = |key: &str| -> Result<i64, Refusal> {
            let text = query.text(key).unwrap_or_default();
            let number = text.parse().ok().filter(|number: &i64| *number > 0);
            let why = "name two changes of one row by their numbers, as in `a=12&b=15`";
            number.ok_or_else(|| bad(key, text, why))
        };
        let is_unified = match query.text("view") {
            None | Some("side") => false,
            Some("unified") => true,
            Some(other) => return Err(bad("view", other, "write `side` or `unified`")),
        };
        Ok(Self { a: change("a")?, b: change("b")?, is_unified })
    }
}

/// The page.
struct View {
    table: AuditedTable,
    /// `None` if a truncate is compared with a truncate.
    key: Option<RowKey>,
    pair: Pair,
    fields: Vec<FieldDiff>,
    is_unified: bool,
    names: std::collections::HashMap<threadline::ActorRef, String>,
    hides_values: bool,
    now: chrono::DateTime<chrono::Utc>,
}

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let view = load(visit, &Params::read(visit)?).await?;
    let row = view.key.as_ref().map_or_else(String::new, |key| format!("{key} · "));
    let title = plain(&format!("{row}{} · compared", view.table.table));
    let mut chrome = visit.chrome(Some(Place::Rows), title).await;
    let named = view.key.as_ref().map(|key| (&view.table.table, key));
    chrome.command = named.map(|(table, key)| threadline::row_history_command(table, key, None));
    Ok(Answer::Page(view::shell(&chrome, render::render(&view, &chrome))))
}

async fn load(visit: &Visit, params: &Params) -> Result<View, Refusal> {
    let pair = visit.desk().pair(params.a, params.b).await.map_err(row::of_pair)?;
    let name = pair.older.change.table.to_string();
    let table = rows::table(visit, &name).await?.ok_or(Refusal::NotFound)?;
    let hides_values = visit.grant.hides_values();
    let order = order(Some(&table));
    let (before, after) =
        (pair.older.change.data_after.as_ref(), pair.newer.change.data_after.as_ref());
    let of = |name: &str| facts(Some(&table), name, hides_values);
    let mut fields = fields_between(before, after, &order, of);
    for field in &mut fields {
        field.is_changed = pair.differing.as_ref().is_some_and(|names| names.contains(&field.name));
    }
    let actors = [&pair.older, &pair.newer].into_iter().filter_map(row::who).cloned().collect();
    Ok(View {
        key: key_of(&pair.older.change).or_else(|| key_of(&pair.newer.change)),
        names: visit.site.names(actors).await,
        is_unified: params.is_unified,
        now: visit.now,
        hides_values,
        fields,
        table,
        pair,
    })
}
