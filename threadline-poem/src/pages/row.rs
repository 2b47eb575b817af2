//! The history of a row.

use super::{Answer, Refusal, Visit};

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let _ = visit;
    Err(Refusal::NotConfigured("not built"))
}
