//! How it stands with the tables.

mod document;
mod group;
mod look;

use threadline_migration::health::{Coverage, HealthFinding, Severity};

use self::group::Group;
use super::answer::BadField;
use super::desk::{Desk, Looked};
use super::told::Told;
use super::{Answer, Refusal, Visit};
use crate::view::{self, Place};

/// What can be asked.
#[derive(Debug, Default, PartialEq, Eq)]
struct Params {
    /// The schema to look at; all of the host's without it.
    schema: Option<String>,
    /// Whether to look anew.
    is_asked: bool,
}

/// What there is to show.
struct View {
    coverage: Coverage,
    /// The schema that was asked for.
    schema: Option<String>,
    /// Every schema that can be asked for.
    schemas: Vec<String>,
    groups: Vec<Group>,
    /// What was found besides, that no row of a group tells.
    also: Vec<HealthFinding>,
    at: chrono::DateTime<chrono::Utc>,
    failure: Option<(Told, chrono::DateTime<chrono::Utc>)>,
    /// Whether the viewer sees a part of the trail only, and so not when tables were changed last.
    is_scoped: bool,
}

impl View {
    fn of(&self, severity: Severity) -> u64 {
        self.coverage.findings.iter().filter(|found| found.severity == severity).count() as u64
    }

    /// Whether every table is covered, and nothing is found that is an error.
    fn is_ready(&self) -> bool {
        self.coverage.uncovered() == 0 && self.of(Severity::Error) == 0
    }
}

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let params = parse(&visit.pairs())?;
    let view = load(&visit.desk(), params, visit.grant.scope_label().is_some()).await?;
    let title = match &view.schema {
        Some(schema) => format!("{} · Coverage", view::plain(schema)),
        None => "Coverage".to_owned(),
    };
    let mut chrome = visit.chrome(Some(Place::Coverage), title).await;
    chrome.command = Some(command(view.schema.as_deref()));
    Ok(Answer::Page(view::shell(&chrome, look::render(&view, &chrome))))
}

/// The same as data.
pub(crate) async fn health(visit: &Visit) -> Result<Answer, Refusal> {
    let params = parse(&visit.pairs())?;
    let view = load(&visit.desk(), params, visit.grant.scope_label().is_some()).await?;
    Ok(Answer::Json { body: document::of(&view), tag: None })
}

async fn load(desk: &Desk<'_>, params: Params, is_scoped: bool) -> Result<View, Refusal> {
    let looked = desk.health(params.is_asked).await?;
    view(looked, params.schema, is_scoped)
}

fn view(looked: Looked, schema: Option<String>, is_scoped: bool) -> Result<View, Refusal> {
    let mut coverage = looked.health.coverage;
    let schemas = coverage.schemas.clone();
    if let Some(schema) = &schema {
        let Some(known) = schemas.iter().find(|known| *known == schema) else {
            return Err(unknown(schema, &schemas));
        };
        let is_elsewhere = |other: &str| schemas.iter().any(|one| one == other && one != known);
        coverage.tables.retain(|table| table.table.schema() == known);
        // What concerns the trail stays: it is in none of these schemas.
        coverage.findings.retain(|found| !is_elsewhere(&found.schema));
        coverage.schemas = vec![known.clone()];
    }
    let (groups, also) = group::of(&coverage);
    let Looked { at, failure, .. } = looked;
    Ok(View { coverage, schema, schemas, groups, also, at, failure, is_scoped })
}

fn unknown(schema: &str, known: &[String]) -> Refusal {
    let why = format!("Schema '{schema}' not found. There are: {}.", known.join(", "));
    let field = BadField::new("schema", schema, why);
    Refusal::Fields(vec![match known.first() {
        Some(first) => field.example(format!("schema={first}")),
        None => field,
    }])
}

fn parse(pairs: &[(String, String)]) -> Result<Params, Refusal> {
    let (mut params, mut wrong, mut seen) = (Params::default(), Vec::new(), Vec::new());
    for (key, value) in pairs {
        if seen.contains(&key) {
            wrong.push(BadField::new(key, value, "it is there twice: which one is meant?"));
            continue;
        }
        seen.push(key);
        match (key.as_str(), value.as_str()) {
            // The form sends it empty where all schemas are chosen.
            ("schema", "") => {}
            ("schema", schema) => params.schema = Some(schema.to_owned()),
            ("check", "now") => params.is_asked = true,
            ("check", _) => {
                wrong.push(BadField::new(key, value, "it can only be `now`").example("check=now"));
            }
            _ => {
                let why = "there is no such choice here; there are `schema` and `check`";
                wrong.push(BadField::new(key, value, why).example("schema=public"));
            }
        }
    }
    if wrong.is_empty() { Ok(params) } else { Err(Refusal::Fields(wrong)) }
}

/// The command that shows the same. A name that a shell would read as something else is not put into it.
fn command(schema: Option<&str>) -> String {
    let is_plain = |name: &&str| {
        let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(is_letter)
    };
    match schema.filter(is_plain) {
        Some(schema) => format!("threadline health coverage --host-schema {schema}"),
        None => "threadline health coverage --all-schemas".to_owned(),
    }
}
