//! The first page: what there is to know at once, and where to begin.

use maud::html;

use super::{Answer, Refusal, Visit};
use crate::view::{self, Place};

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let chrome = visit.chrome(Some(Place::Home), "Home").await;
    Ok(Answer::Page(view::shell(&chrome, html! { h1 { "Audit" } })))
}
