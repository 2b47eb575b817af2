//! The changes of an action.

use threadline::Filter;

use super::filtered::filter_of;
use super::{Answer, Refusal, Visit};

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let wanted = Filter::new().action(visit.segment("name")).to_string();
    let pairs: Vec<_> = form_urlencoded::parse(wanted.as_bytes()).into_owned().collect();
    let pairs = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let filter = filter_of(pairs).map_err(Refusal::Filter)?;
    Ok(Answer::SeeOther(visit.links.timeline(&filter)))
}
