//! What an actor did.

use super::{Answer, Refusal, Visit};

pub(crate) async fn find(visit: &Visit) -> Result<Answer, Refusal> {
    let _ = visit;
    Err(Refusal::NotConfigured("not built"))
}

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let _ = visit;
    Err(Refusal::NotConfigured("not built"))
}
