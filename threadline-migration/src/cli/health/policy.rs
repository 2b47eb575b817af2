//! `threadline policy show`.

use clap::Args;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use threadline::Redaction;

use super::super::exit::Verdict;
use super::super::failure::Failure;
use super::super::output::Output;
use super::table::harmless;
use super::{mending, shown, table};
use crate::desired::Desired;
use crate::health::{ColumnStanding, DriftState, PolicyStanding, policy_drift};

/// Shows what is kept out of the trail, as configured and as deployed; never a value.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ShowPolicy {}

#[derive(Debug, Serialize)]
struct Document<'a> {
    summary: Summary,
    policies: &'a [PolicyStanding],
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Summary {
    drift_detected: usize,
    could_not_introspect: usize,
    config_matches_deployed: usize,
}

impl ShowPolicy {
    pub(crate) async fn run(
        self,
        db: &impl ConnectionTrait,
        desired: Desired<'_>,
        out: Output,
    ) -> Result<Verdict, Failure> {
        let policies = policy_drift(db, desired).await?;
        let count = |state| policies.iter().filter(|policy| policy.state == state).count();
        let summary = Summary {
            drift_detected: count(DriftState::DriftDetected),
            could_not_introspect: count(DriftState::CouldNotIntrospect),
            config_matches_deployed: count(DriftState::ConfigMatchesDeployed),
        };
        out.text(text(summary, &policies));
        out.document(&Document { summary, policies: &policies });
        Ok(Verdict::Fine)
    }
}

fn text(summary: Summary, policies: &[PolicyStanding]) -> String {
    let rows: Vec<[String; 5]> = policies
        .iter()
        .map(|policy| {
            [
                shown(&policy.table),
                policy.state.as_str().to_owned(),
                listed(policy, |column| column.configured.as_ref()),
                match policy.state {
                    DriftState::CouldNotIntrospect => "unknown".to_owned(),
                    _ => listed(policy, |column| column.deployed.as_ref()),
                },
                harmless(&policy.hint),
            ]
        })
        .collect();
    let mut text = format!(
        "Policy drift: {} drift detected, {} could not introspect, {} config matches deployed\n{}",
        summary.drift_detected,
        summary.could_not_introspect,
        summary.config_matches_deployed,
        table::columns(["TABLE", "STATUS", "CONFIG", "DEPLOYED", "HINT"], &rows)
    );
    let bad = policies.iter().filter(|one| one.state != DriftState::ConfigMatchesDeployed);
    for policy in bad {
        text.push_str(&details(policy));
    }
    text
}

/// `password exclude, email hash`.
fn listed<'a>(
    policy: &'a PolicyStanding,
    of: impl Fn(&'a ColumnStanding) -> Option<&'a Redaction>,
) -> String {
    let words = policy.columns.iter().filter_map(|column| {
        of(column)
            .map(|redaction| format!("{} {}", harmless(column.column.as_str()), word(redaction)))
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}

fn word(redaction: &Redaction) -> &'static str {
    match redaction {
        Redaction::Exclude => "exclude",
        Redaction::Mask { .. } => "mask",
        Redaction::Hash { .. } => "hash",
        Redaction::MaskJson { .. } => "mask_json",
        _ => "redact",
    }
}

fn details(policy: &PolicyStanding) -> String {
    let mut text = format!("\nDETAILS {}\n  {}\n", shown(&policy.table), harmless(&policy.hint));
    for column in &policy.columns {
        let name = harmless(column.column.as_str());
        text.push_str(&format!("  {name}: {}\n", column.effect));
        let sides = [("configured", &column.configured), ("deployed", &column.deployed)];
        for (side, redaction) in sides {
            if let Some(redaction) = redaction {
                text.push_str(&format!("    {side:<10}  {}\n", in_full(redaction)));
            }
        }
    }
    match &policy.mend {
        Some(mend) => text + &mending(&mend.to_string()),
        None => text,
    }
}

fn in_full(redaction: &Redaction) -> String {
    let mut text = word(redaction).to_owned();
    if let Redaction::MaskJson { paths, .. } = redaction {
        let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
        text.push_str(&format!(" at {}", harmless(&paths.join(", "))));
    }
    if let Some(placeholder) = redaction.placeholder() {
        text.push_str(&format!(", as {}", harmless(placeholder.as_str())));
    }
    text
}
