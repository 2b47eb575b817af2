//! What is redacted: as configured, as deployed, and what that comes to. Never a value.

mod look;

use chrono::{DateTime, Utc};
use threadline_migration::health::PolicyStanding;

use super::answer::BadField;
use super::desk::{Desk, Looked};
use super::told::Told;
use super::{Answer, Refusal, Visit};
use crate::view::{self, Place};

/// What can be asked.
#[derive(Debug, Default, PartialEq, Eq)]
struct Params {
    /// Whether to look anew.
    is_asked: bool,
}

/// What there is to show.
struct View {
    /// Those that drift first, then those of which it cannot be told, each by name.
    policies: Vec<PolicyStanding>,
    at: DateTime<Utc>,
    failure: Option<(Told, DateTime<Utc>)>,
}

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let view = load(&visit.desk(), parse(&visit.pairs())?).await?;
    let mut chrome = visit.chrome(Some(Place::Redaction), "Redaction").await;
    chrome.command = Some("threadline policy show".to_owned());
    Ok(Answer::Page(view::shell(&chrome, look::render(&view, &chrome))))
}

async fn load(desk: &Desk<'_>, params: Params) -> Result<View, Refusal> {
    let Looked { health, at, failure } = desk.health(params.is_asked).await?;
    Ok(View { policies: health.policies, at, failure })
}

fn parse(pairs: &[(String, String)]) -> Result<Params, Refusal> {
    match pairs {
        [] => Ok(Params { is_asked: false }),
        [(key, value)] if key == "check" && value == "now" => Ok(Params { is_asked: true }),
        wrong => {
            let bad = |(key, value): &(String, String)| {
                BadField::new(key, value, "this page has nothing to choose but `check`, once")
                    .example("check=now")
            };
            Err(Refusal::Fields(wrong.iter().map(bad).collect()))
        }
    }
}
