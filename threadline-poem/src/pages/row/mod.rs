//! The history of a row: what it is, what it was at any moment, and who made it so.

mod columns;
mod load;
mod notices;
mod params;
mod render;
mod state;
mod versions;

use maud::html;
use threadline::{AuditedTable, Error, RowKey};

use super::{Answer, Refusal, Visit, rows};
use crate::view::{self, Place, Problem, plain};
use params::{Params, Wrong};

pub(crate) use load::who;

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let Some(table) = rows::table(visit, visit.segment("table")).await? else {
        return rows::unknown_table(visit).await;
    };
    let key = visit.segment("key").to_owned();
    of_key(visit, table, (&key, &visit.pairs())).await
}

/// The page of the row that has this key, as it is written in addresses, asked with these pairs.
pub(crate) async fn of_key(
    visit: &Visit,
    table: AuditedTable,
    (key, pairs): (&str, &[(String, String)]),
) -> Result<Answer, Refusal> {
    let params = Params::read(pairs, visit.now);
    let asked = match (key.parse::<RowKey>(), params) {
        (_, Err(wrong)) => return refused(visit, &table, key, &wrong).await,
        (Err(error), _) => return rows::misnamed(visit, table, &error).await,
        (Ok(key), Ok(params)) => (key, params),
    };
    let (key, params) = asked;
    let title = plain(&format!("{key} · {}{}", table.table, params.title()));
    let view = match load::load(visit, (table.clone(), key.clone()), params).await {
        Ok(Some(view)) => view,
        Ok(None) => return nothing(visit, &table, &key).await,
        Err(Refusal::Trail(error @ Error::InvalidKey(_))) => {
            return rows::misnamed(visit, table, &error).await;
        }
        Err(refusal) => return Err(refusal),
    };
    let mut chrome = visit.chrome(Some(Place::Rows), title).await;
    chrome.command = Some(view.command.clone());
    Ok(Answer::Page(view::shell(&chrome, render::render(&view, &chrome))))
}

/// The same for a row that never was, one whose history is not kept any more, and one that is not within
/// what the viewer's view is narrowed to.
async fn nothing(visit: &Visit, table: &AuditedTable, key: &RowKey) -> Result<Answer, Refusal> {
    let mut chrome = visit.chrome(Some(Place::Rows), "No such row").await;
    chrome.command = Some(threadline::row_history_command(&table.table, key, None));
    let text = format!(
        "Nothing is recorded of a row of {} with the key {} that you may see: it never was, its history is \
         no longer kept, or it is not within what your view is narrowed to.",
        table.table, key
    );
    let ways = [view::Way {
        label: format!("Find another row of {}", table.table),
        href: visit.links.table(&table.table),
        count: None,
    }];
    let body = html! {
        (view::page_head(&render::trail(&chrome.links, table), html! { "Not found" }, html! {}))
        (view::empty("There is no such row", &text, &ways))
    };
    Ok(Answer::Refused(404, view::shell(&chrome, body)))
}

/// What is wrong with an address, beside the field in which it can be put right, and nothing of the row.
async fn refused(
    visit: &Visit,
    table: &AuditedTable,
    key: &str,
    wrong: &[Wrong],
) -> Result<Answer, Refusal> {
    let chrome = visit.chrome(Some(Place::Rows), format!("Not shown · {}", table.table)).await;
    let problem = |one: &Wrong| Problem {
        text: match one.key.as_str() {
            "at" => format!("{}.", one.why),
            _ => format!("`{}={}`: {}.", plain(&one.key), plain(&one.value), one.why),
        },
        example: one.example.map(str::to_owned),
    };
    let at = wrong.iter().find(|one| one.key == "at");
    let of_field = at.map(problem);
    let field = view::Field {
        name: "at",
        value: at.map_or("", |one| one.value.as_str()),
        example: Some("2026-01-31T12:00Z or -2h"),
        problem: of_field.as_ref(),
        is_required: false,
    };
    let row = key.parse::<RowKey>().map(|key| chrome.links.row(&table.table, &key));
    let body = html! {
        (view::page_head(&render::trail(&chrome.links, table), html! { "This cannot be asked" }, html! {}))
        @for (place, one) in wrong.iter().enumerate() {
            @if one.key != "at" { (view::field_problem(&format!("problem-{place}"), &problem(one))) }
        }
        @if let Ok(row) = row {
            form.stack method="get" action=(view::local(&row)) {
                (view::field("As of", &field))
                button type="submit" { "Show the row" }
            }
        }
    };
    Ok(Answer::Refused(422, view::shell(&chrome, body)))
}

/// Two versions that cannot be compared.
pub(crate) fn of_pair(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Trail(Error::DifferentRows { one, other }) => Refusal::Bad(format!(
            "The changes {one} and {other} are of different rows, so there is nothing to compare. Choose two \
             versions of one row."
        )),
        other => other,
    }
}
