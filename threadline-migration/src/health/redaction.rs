//! What is kept out of the trail, as configured and as deployed.

use std::collections::BTreeSet;

use serde::Serialize;
use threadline::{ColumnName, Redaction, TableName, TableSpec};

use super::examine::Examination;
use crate::desired::WantedTable;
use crate::error::Error;
use crate::inspect::Recorded;
use crate::problem::listed;
use crate::render::body::body_hash;
use crate::render::{capture, table};
use crate::status::Mend;

/// How the deployed redaction of a table stands to the configured one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DriftState {
    /// Another redaction is deployed than is configured.
    DriftDetected,
    /// What is deployed cannot be told: nothing vouches for the function that is there.
    CouldNotIntrospect,
    /// They are the same.
    ConfigMatchesDeployed,
}

impl DriftState {
    /// The word for it, in small letters, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DriftDetected => "drift_detected",
            Self::CouldNotIntrospect => "could_not_introspect",
            Self::ConfigMatchesDeployed => "config_matches_deployed",
        }
    }
}

/// A column that is redacted, or was to be. There is never a value of it here: a placeholder is what the
/// policy says in its place, and the key of hashes is not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ColumnStanding {
    /// The column.
    pub column: ColumnName,
    /// What the policy says; `None` if it does not redact the column.
    pub configured: Option<Redaction>,
    /// What the capture function does; `None` if it stores the values, or if that cannot be told.
    pub deployed: Option<Redaction>,
    /// What that comes to, for people.
    pub effect: &'static str,
    /// Whether more is stored than the policy permits.
    pub exposes: bool,
}

/// How the redaction of one table stands.
///
/// As JSON (keys are only ever added); `configured` and `deployed` are `"exclude"`,
/// `{"mask": {"placeholder": …}}`, `{"hash": {"placeholder": …}}`,
/// `{"mask_json": {"paths": […], "placeholder": …}}` or null:
///
/// ```json
/// {"table": {"schema": "public", "name": "users"}, "state": "drift_detected",
///  "columns": [{"column": "password", "configured": "exclude", "deployed": null,
///    "effect": "its values are stored, though the policy keeps them out", "exposes": true}],
///  "hint": "…", "mend": {"advice": "…"}}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PolicyStanding {
    /// The table.
    pub table: TableName,
    /// How deployed and configured redaction stand to each other.
    pub state: DriftState,
    /// Every column that one of them redacts, sorted by name.
    pub columns: Vec<ColumnStanding>,
    /// Why it is so, in one line for people.
    pub hint: String,
    /// What mends it; `None` if nothing has to be done.
    pub mend: Option<Mend>,
}

/// Every table that is wanted or under audit: those that drift first, then those of which it cannot be
/// told, each group sorted by name.
pub(super) fn all(seen: &Examination) -> Result<Vec<PolicyStanding>, Error> {
    let wanted = seen.wanted.tables.iter().map(|wanted| wanted.spec.table().clone());
    let mut names: BTreeSet<TableName> = wanted.collect();
    names.extend(seen.installed.names()?);
    let mut found =
        names.into_iter().map(|table| one(seen, table)).collect::<Result<Vec<_>, Error>>()?;
    found.sort_by(|a, b| (a.state, &a.table).cmp(&(b.state, &b.table)));
    Ok(found)
}

fn one(seen: &Examination, table: TableName) -> Result<PolicyStanding, Error> {
    let wanted = seen.wanted.get(&table);
    let configured = wanted.map(|wanted| &wanted.spec);
    let recorded = seen.installed.attached(&table);
    let Some(recorded) = recorded.filter(|recorded| recorded.relation.is_some()) else {
        let hint =
            "nothing of it is deployed: the table is not under audit, so nothing of it is stored";
        return Ok(standing(table, DriftState::DriftDetected, Vec::new(), hint, AS_CONFIGURED));
    };
    let deployed = match deployed(seen, wanted, recorded)? {
        Ok(deployed) => deployed,
        Err(hint) => {
            let columns = columns(configured, None);
            return Ok(standing(table, DriftState::CouldNotIntrospect, columns, hint, AGAIN));
        }
    };
    let columns = columns(configured, Some(&deployed));
    let differing: Vec<&ColumnName> = columns
        .iter()
        .filter(|column| column.configured != column.deployed)
        .map(|column| &column.column)
        .collect();
    let (state, hint, advice) = if configured.is_none() {
        let hint = "it is under audit, but the registry does not know it".to_owned();
        (DriftState::DriftDetected, hint, UNKNOWN)
    } else if differing.is_empty() {
        let hint = "what is deployed is what is configured".to_owned();
        (DriftState::ConfigMatchesDeployed, hint, "")
    } else {
        let hint = format!("what is deployed differs from the policy in {}", listed(differing));
        (DriftState::DriftDetected, hint, AS_CONFIGURED)
    };
    Ok(standing(table, state, columns, hint, advice))
}

/// Where the policy has changed: what is installed must not be installed again.
const AS_CONFIGURED: &str = "attach it by what is configured: apply a plan, generate a migration, or run `sync` in development; \
     `plan` shows what that does. `threadline attach --installed` keeps the policy that is deployed, \
     and so does not mend it";
/// Where a function is not the one of its policy.
const AGAIN: &str = "attach it again: apply a plan, generate a migration, run `threadline attach \
                     --installed`, or `sync` in development; `plan` shows what that does";
/// Where there is no policy to attach it by.
const UNKNOWN: &str = "name it in the registry with what is to be kept out of the trail, or take it out \
                       of the audit with `threadline detach`";

fn standing(
    table: TableName,
    state: DriftState,
    columns: Vec<ColumnStanding>,
    hint: impl Into<String>,
    advice: &str,
) -> PolicyStanding {
    let mend = (!advice.is_empty()).then(|| Mend::Advice(advice.to_owned()));
    PolicyStanding { table, state, columns, hint: hint.into(), mend }
}

/// The policy by which the function that is there was made, or why nobody can tell.
fn deployed(
    seen: &Examination,
    wanted: Option<&WantedTable>,
    recorded: &Recorded,
) -> Result<Result<TableSpec, String>, Error> {
    let policy = match recorded.policy() {
        Ok(policy) => policy,
        Err(why) => return Ok(Err(why)),
    };
    let name = table::bare_function_name(policy.table());
    let Some(function) = seen.installed.functions.get(&name) else {
        return Ok(Err("its capture function is not there".to_owned()));
    };
    let is_recorded = recorded.function_hash.as_ref().map(|hash| *hash == function.body_hash);
    if is_recorded == Some(false) || function.language != "plpgsql" {
        return Ok(Err("its capture function is not the one that was installed".to_owned()));
    }
    // Only of a table that is as it was attached can be said what its policy would be written as.
    let shape = wanted.and_then(|wanted| wanted.shape.as_ref().ok());
    let as_attached = shape.filter(|shape| recorded.is_of(shape));
    let is_rendered = match as_attached {
        Some(shape) => {
            let rendered = body_hash(&capture::function(shape, &policy)?);
            Some(rendered.as_ref() == Some(&function.body_hash))
        }
        None => None,
    };
    Ok(match (is_recorded, is_rendered) {
        (_, Some(true)) | (Some(true), None) => Ok(policy),
        (_, Some(false)) => Err(
            "its capture function is not what its recorded policy would be written as: another \
             version has written it, or one of the two was edited"
                .to_owned(),
        ),
        (_, None) => Err("nothing says whether its capture function was edited".to_owned()),
    })
}

fn columns(configured: Option<&TableSpec>, deployed: Option<&TableSpec>) -> Vec<ColumnStanding> {
    let redactions = [configured, deployed].into_iter().flatten().flat_map(TableSpec::redactions);
    let names: BTreeSet<&ColumnName> = redactions.map(|(column, _)| column).collect();
    let of = |spec: Option<&TableSpec>, column: &ColumnName| {
        spec.and_then(|spec| spec.redactions().get(column)).cloned()
    };
    names
        .into_iter()
        .map(|column| {
            let (wanted, there) = (of(configured, column), of(deployed, column));
            let (effect, exposes) = match deployed {
                Some(_) => effect(wanted.as_ref(), there.as_ref()),
                None => ("what is stored of it cannot be told", false),
            };
            ColumnStanding {
                column: column.clone(),
                configured: wanted,
                deployed: there,
                effect,
                exposes,
            }
        })
        .collect()
}

/// What it comes to, and whether more is stored than is permitted.
fn effect(configured: Option<&Redaction>, deployed: Option<&Redaction>) -> (&'static str, bool) {
    match (configured, deployed) {
        (Some(wanted), Some(there)) if wanted == there => (as_configured(wanted), false),
        (Some(_), None) => ("its values are stored, though the policy keeps them out", true),
        (None, Some(_)) => {
            ("its values are kept out, though the policy does not ask for it", false)
        }
        (Some(wanted), Some(there)) if there.is_weaker_than(wanted) => {
            ("more of its values is stored than the policy permits", true)
        }
        (Some(wanted), Some(there)) if wanted.is_weaker_than(there) => {
            ("less of its values is stored than the policy permits", false)
        }
        (Some(_), Some(_)) => {
            ("its values are kept out, and another text stands in their place", false)
        }
        (None, None) => ("its values are stored", false),
    }
}

fn as_configured(redaction: &Redaction) -> &'static str {
    match redaction {
        Redaction::Exclude => "nothing of it is stored",
        Redaction::Mask { .. } => "a placeholder is stored in place of its values",
        Redaction::Hash { .. } => "a keyed hash is stored in place of its values",
        Redaction::MaskJson { .. } => "a placeholder is stored in place of parts of its values",
        _ => "its values are redacted as configured",
    }
}
