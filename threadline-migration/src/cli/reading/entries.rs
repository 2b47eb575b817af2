//! Changes under the transactions they belong to.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use threadline::{ActionRecord, Change, Transaction};

use super::super::output::{FAINT, NOTABLE, STRONG};
use super::fields;
use super::value::{harmless, key};

/// Who, when and why.
pub(super) fn transaction(transaction: &Transaction, action: Option<&ActionRecord>) -> String {
    let mut text = format!("{STRONG}transaction {}{STRONG:#}", transaction.id);
    let _ = write!(text, "  {}", moment(transaction.occurred_at));
    let actor = action.and_then(|action| action.actor.as_ref()).or(transaction.actor.as_ref());
    let who = match actor {
        Some(actor) => harmless(&actor.to_string()),
        None => {
            let role = harmless(&transaction.session_user_name);
            format!("nobody named; database role {role}")
        }
    };
    let _ = write!(text, "  {NOTABLE}{who}{NOTABLE:#}");
    if let Some(action) = action {
        let _ = write!(text, "  {STRONG}{}{STRONG:#}", harmless(&action.name));
        if let Some(reason) = &action.reason {
            let _ = write!(text, " — {}", harmless(reason));
        }
        if action.status != "ok" {
            let _ = write!(text, " ({})", harmless(&action.status));
        }
    }
    text.push('\n');
    let more = context(transaction);
    if !more.is_empty() {
        let _ = writeln!(text, "  {FAINT}{more}{FAINT:#}");
    }
    text
}

fn context(transaction: &Transaction) -> String {
    let facts = [
        ("request", &transaction.request_id),
        ("correlation", &transaction.correlation_id),
        ("job", &transaction.job_id),
        ("trace", &transaction.trace_id),
        ("from", &transaction.remote_ip),
        ("by", &transaction.application_name),
    ];
    let told = facts.into_iter().filter_map(|(name, value)| {
        let value = value.as_ref().filter(|value| !value.is_empty())?;
        Some(format!("{name} {}", harmless(value)))
    });
    told.collect::<Vec<_>>().join(" · ")
}

/// What happened to which row.
pub(super) fn change(change: &Change, full: bool) -> String {
    let row = change.row_pk.as_ref().map(key).unwrap_or_default();
    let table = harmless(&change.table.to_string());
    // The day stands above, with the transaction.
    let at = change.captured_at.format("%H:%M:%S%.6f");
    let what = format!("{} {table} {row}", change.op);
    format!(
        "  {STRONG}{}{STRONG:#}  {FAINT}{at}, change {}{FAINT:#}\n{}",
        what.trim_end(),
        change.id,
        fields::of(change, full)
    )
}

/// A moment as every command takes it.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// `1 change`, `7 changes`.
pub(super) fn counted(changes: usize) -> String {
    format!("{changes} change{}", if changes == 1 { "" } else { "s" })
}
