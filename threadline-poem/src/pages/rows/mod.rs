//! Finding a row: by its table and its key, or among those that changed last.

mod find;
mod recent;
mod render;

use threadline::{AuditedTable, Error, TableName};

use super::{Answer, Refusal, Visit, row};
use crate::view::{self, Place, Problem};
use find::Asked;
use render::View;

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let tables = visit.desk().known_tables().await?;
    let named = visit.segment("table");
    let asked = match named.is_empty() {
        true => find::without_table(&visit.pairs()),
        false => match find(&tables, named) {
            Some(table) => find::in_table(&visit.pairs(), table),
            None => return unknown_table(visit).await,
        },
    };
    match asked {
        Asked::Nothing => page(visit, tables, Vec::new()).await,
        Asked::Table(name) => Ok(match find(&tables, &name) {
            Some(table) => Answer::SeeOther(visit.links.table(&table.table)),
            None => return unknown_table(visit).await,
        }),
        Asked::Row(name, key, rest) => {
            let Some(table) = find(&tables, &name).cloned() else {
                return unknown_table(visit).await;
            };
            if named.is_empty() || !find::is_unpathlike(&key.to_string()) {
                let rest: Vec<_> = rest.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
                return Ok(Answer::SeeOther(visit.links.row_with(&table.table, &key, &rest)));
            }
            row::of_key(visit, table, (&key.to_string(), &rest)).await
        }
        Asked::Wrong(problems) => page(visit, tables, problems).await,
    }
}

/// A table of the trail by the name that an address has; only such a name goes further.
fn find<'t>(tables: &'t [AuditedTable], name: &str) -> Option<&'t AuditedTable> {
    let name = TableName::parse(name).ok()?;
    tables.iter().find(|table| table.table == name)
}

/// The same for another page.
pub(crate) async fn table(visit: &Visit, name: &str) -> Result<Option<AuditedTable>, Refusal> {
    Ok(find(&visit.desk().known_tables().await?, name).cloned())
}

/// The form, with what is wrong beside its fields; with a table, the rows that changed last.
async fn page(
    visit: &Visit,
    tables: Vec<AuditedTable>,
    problems: Vec<(String, Problem)>,
) -> Result<Answer, Refusal> {
    let chosen = find(&tables, visit.segment("table")).cloned();
    let recent = match &chosen {
        Some(table) if problems.is_empty() => Some(recent::load(visit, table).await),
        _ => None,
    };
    let title =
        chosen.as_ref().map_or("Rows".to_owned(), |table| format!("{} · Rows", table.table));
    let mut chrome = visit.chrome(Some(Place::Rows), view::plain(&title)).await;
    chrome.command = chosen.as_ref().map(|table| recent::filter(table).to_command());
    let is_wrong = !problems.is_empty();
    let typed = visit.pairs();
    let view = View { tables, chosen, problems, typed, recent, now: visit.now };
    let page = view::shell(&chrome, render::render(&view, &chrome));
    Ok(if is_wrong { Answer::Refused(422, page) } else { Answer::Page(page) })
}

/// No table of that name is in the trail: those that are.
pub(crate) async fn unknown_table(visit: &Visit) -> Result<Answer, Refusal> {
    let tables = visit.desk().known_tables().await?;
    let chrome = visit.chrome(Some(Place::Rows), "No such table").await;
    let typed = visit.segment("table");
    let typed = match typed.is_empty() {
        true => visit.pairs().into_iter().find(|(key, _)| key == "table").map(|(_, name)| name),
        false => Some(typed.to_owned()),
    };
    let body = render::unknown(&tables, &typed.unwrap_or_default(), &chrome);
    Ok(Answer::Refused(404, view::shell(&chrome, body)))
}

/// A key that the table has not: its form, and what is wrong.
pub(crate) async fn misnamed(
    visit: &Visit,
    table: AuditedTable,
    error: &Error,
) -> Result<Answer, Refusal> {
    let chrome = visit.chrome(Some(Place::Rows), format!("No such key · {}", table.table)).await;
    let body = render::misnamed(&table, &error.to_string(), &chrome);
    Ok(Answer::Refused(422, view::shell(&chrome, body)))
}
