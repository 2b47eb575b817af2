//! The changes that match: a search, what it found by transaction, and what there is to narrow it by.

mod fields;
mod groups;
mod list;
mod load;
mod narrow;
mod nothing;
pub(crate) mod params;
mod render;
#[cfg(test)]
mod tests;
pub(crate) mod window;
mod wrong;

use super::{Answer, Refusal, Visit};
use crate::view::{self, Place};
use load::Found;
use params::{Asked, Params};

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let params = match Params::read(visit.pairs(), &visit.links) {
        Ok(Asked::This(params)) => *params,
        Ok(Asked::Elsewhere(to)) => return Ok(Answer::SeeOther(to)),
        Err(wrong) => return refused(visit, wrong).await,
    };
    let view = match load::load(visit, params).await {
        Ok(Found::These(view)) => *view,
        Ok(Found::Elsewhere(to)) => return Ok(Answer::SeeOther(to)),
        Err(Refusal::Filter(problems)) => {
            let wrong = params::Wrong { problems: problems.0, typed: visit.pairs() };
            return refused(visit, wrong).await;
        }
        Err(refusal) => return Err(refusal),
    };
    let mut chrome = visit.chrome(Some(Place::Timeline), title(&view.params)).await;
    chrome.command = Some(view.params.filter.to_command());
    chrome.pulse = view.pulse(&chrome.links).or(chrome.pulse);
    Ok(Answer::Page(view::shell(&chrome, render::render(&view, &chrome))))
}

/// A filter that cannot be: the form with what is wrong beside each field, and no changes.
async fn refused(visit: &Visit, wrong: params::Wrong) -> Result<Answer, Refusal> {
    let chrome = visit.chrome(Some(Place::Timeline), "Timeline · not searched").await;
    let tables = load::tables(&visit.desk());
    let body = wrong::render(&wrong, &tables, &chrome);
    Ok(Answer::Refused(422, view::shell(&chrome, body)))
}

/// `Timeline · orders · last 24 h`
fn title(params: &Params) -> String {
    let about = match (params.filter.only_table(), params.filter.only_actor()) {
        (Some(table), _) => format!(" · {}", table.name()),
        (None, Some(actor)) => format!(" · {actor}"),
        (None, None) => String::new(),
    };
    format!("Timeline{about} · {}", window::words(&params.filter))
}
