//! The permanent address of a change: wherever it is shown.

use super::{Answer, Refusal, Visit};

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    super::query::Query::read(visit, &[])?;
    // What is no number was never one of a change.
    let id = visit.segment("id").parse().map_err(|_| Refusal::NotFound)?;
    let (transaction, after) = visit.desk().place_of(id).await?;
    let after = after.map(|cursor| cursor.to_string());
    Ok(Answer::SeeOther(visit.links.change_on_page(transaction, id, after.as_deref())))
}
