//! The first page: how it stands, and where to begin with what somebody has at hand.

mod find;
mod load;
mod params;
mod render;

use super::{Answer, Refusal, Visit};
use crate::view::{self, Place};
use params::Params;

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let params = Params::read(visit.pairs())?;
    let missed = match find::find(visit, &params).await? {
        find::Found::Here(to) => return Ok(Answer::SeeOther(to)),
        find::Found::Nothing(text) => Some(text),
        find::Found::NotAsked => None,
    };
    let view = load::load(visit, params, missed).await;
    let mut chrome = visit.chrome(Some(Place::Home), "Home").await;
    chrome.command = Some("threadline timeline from=-24h".to_owned());
    Ok(Answer::Page(view::shell(&chrome, render::render(&view, &chrome))))
}
