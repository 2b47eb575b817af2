//! What a page that is open asks again and again: whether there is anything newer, and how it stands with
//! coverage.

use serde_json::json;
use threadline::{Cursor, FilterProblem, FilterProblems};

use super::filtered::filter_of;
use super::{Answer, Refusal, Visit};
use crate::access::Capability;
use crate::view::Pill;

/// What is newer is counted no further.
const MOST: u32 = 1_000;

/// What has changed since the page was made; a key is null where the page has not asked for it, or may not
/// know it.
struct News {
    uncovered: Option<usize>,
    newer: Option<u32>,
    is_capped: bool,
}

impl News {
    /// The same for the same news, whenever they are asked for.
    fn tag(&self) -> String {
        let number = |count: Option<u64>| count.map_or("-".to_owned(), |count| count.to_string());
        let uncovered = self.uncovered.map(|count| count as u64);
        let capped = if self.is_capped { "+" } else { "" };
        format!("\"{}.{}{capped}\"", number(uncovered), number(self.newer.map(u64::from)))
    }
}

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let pairs = visit.pairs();
    let (since, asked): (Vec<_>, Vec<_>) = pairs.iter().partition(|(key, _)| key == "since");
    let since = cursor(&since)?;
    let asked = asked.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let filter = filter_of(asked).map_err(Refusal::Filter)?;
    visit.desk().allowed(&filter)?;
    let newer = match since {
        Some(since) => Some(visit.desk().newer(&filter, since, MOST).await?),
        None => None,
    };
    let pill = match visit.grant.may(Capability::Coverage) {
        true => visit.site.pill().await,
        false => None,
    };
    let news = News {
        uncovered: match pill {
            Some(Pill::AllCovered) => Some(0),
            Some(Pill::Uncovered(tables)) => Some(tables),
            Some(Pill::Unknown) | None => None,
        },
        newer: newer.map(|count| count.counted),
        is_capped: newer.is_some_and(|count| count.is_capped),
    };
    if visit.if_none_match.as_deref() == Some(news.tag().as_str()) {
        return Ok(Answer::NotModified);
    }
    let body = json!({
        "uncovered": news.uncovered,
        "newer": news.newer,
        "newer_capped": news.is_capped,
        "checked_at": visit.now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
    });
    Ok(Answer::Json { body: body.to_string().into_bytes(), tag: Some(news.tag()) })
}

fn cursor(since: &[&(String, String)]) -> Result<Option<Cursor>, Refusal> {
    let wrong = |value: &str, why: &str| {
        Refusal::Filter(FilterProblems(vec![FilterProblem::new("since", value, why)]))
    };
    match since {
        [] => Ok(None),
        [(_, value)] => match value.parse() {
            Ok(cursor) => Ok(Some(cursor)),
            Err(_) => Err(wrong(value, "it is no cursor of a page")),
        },
        [(_, value), ..] => Err(wrong(value, "it is said twice")),
    }
}
