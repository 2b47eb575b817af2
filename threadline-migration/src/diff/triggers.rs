//! The triggers of one table, measured against what was installed.

use threadline::spec::quote::Ident;
use threadline::{CaptureMode, TableName};

use super::finding::{Findings, altered, missing};
use crate::inspect::{Installed, Trigger};
use crate::problem::listed;
use crate::render::quote::qualified;
use crate::render::table::bare_function_name;
use crate::status::{Finding, Mend, State};

/// A trigger as attaching makes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TriggerFacts {
    name: &'static str,
    /// `pg_trigger.tgtype`: 1 for each row, 4 insert, 8 delete, 16 update, 32 truncate; neither 2
    /// (before) nor 64 (instead of).
    kind: i16,
    old_table: Option<&'static str>,
    new_table: Option<&'static str>,
}

const OLD: Option<&str> = Some("old_rows");
const NEW: Option<&str> = Some("new_rows");

/// The triggers that attaching puts on a table: the one place that knows them.
pub(crate) fn expected_triggers(_mode: CaptureMode) -> &'static [TriggerFacts] {
    const STATEMENT: &[TriggerFacts] = &[
        TriggerFacts { name: "threadline_insert", kind: 4, old_table: None, new_table: NEW },
        TriggerFacts { name: "threadline_update", kind: 16, old_table: OLD, new_table: NEW },
        TriggerFacts { name: "threadline_delete", kind: 8, old_table: OLD, new_table: None },
        TriggerFacts { name: "threadline_truncate", kind: 32, old_table: None, new_table: None },
    ];
    STATEMENT
}

/// Whether attaching replaces or takes away a trigger of this name.
pub(super) fn is_expected(name: &str) -> bool {
    let modes = [CaptureMode::Statement, CaptureMode::Row];
    modes.iter().any(|mode| expected_triggers(*mode).iter().any(|facts| facts.name == name))
}

/// What is wrong with the triggers of an attached table.
pub(super) fn check(
    installed: &Installed,
    table: &TableName,
    relation: i64,
    mode: CaptureMode,
) -> Findings {
    let function = bare_function_name(table);
    let own: Vec<&Trigger> =
        installed.triggers.iter().filter(|trigger| trigger.relation == relation).collect();
    let mut findings = Findings::default();
    let (mut gone, mut there) = (Vec::new(), Vec::new());
    for facts in expected_triggers(mode) {
        match own.iter().find(|trigger| trigger.name == facts.name) {
            None => gone.push(facts.name),
            Some(trigger) => {
                findings.extend(edited(trigger, facts, &function));
                if trigger.is_constraint {
                    findings.before(drop(trigger, table));
                }
                there.push(*trigger);
            }
        }
    }
    if there.is_empty() {
        findings.add(missing("none of its triggers is there, so nothing of it is captured"));
    } else if !gone.is_empty() {
        let gone = subject(&gone);
        findings.add(altered(format!("{gone} missing: not every write is captured")));
    }
    findings.extend(not_always(&there, table));
    for trigger in own
        .iter()
        .filter(|trigger| trigger.is_ours && !is_expected(&trigger.name) && !trigger.is_inherited)
    {
        let name = &trigger.name;
        let mend = drop(trigger, table);
        findings.before(mend.clone());
        if trigger.function == function {
            findings.add(Finding {
                state: State::Altered,
                reason: format!("the trigger `{name}` is not ours but calls its capture function: changes are recorded twice"),
                mend: Some(Mend::Sql(mend)),
            });
        }
    }
    findings
}

/// In what a trigger differs from what was installed under its name.
fn edited(trigger: &Trigger, facts: &TriggerFacts, function: &str) -> Option<Finding> {
    let name = facts.name;
    if !trigger.is_ours || trigger.function != function {
        let other = &trigger.function;
        return Some(altered(format!(
            "the trigger `{name}` calls `{other}` instead of its capture function"
        )));
    }
    let same_rows = trigger.old_table.as_deref() == facts.old_table
        && trigger.new_table.as_deref() == facts.new_table;
    if trigger.kind != facts.kind || !same_rows || trigger.is_constraint {
        return Some(altered(format!(
            "the trigger `{name}` fires at another time, or sees other rows, than it was installed for"
        )));
    }
    trigger.is_restricted.then(|| {
        altered(format!(
            "the trigger `{name}` has a condition, so it does not fire for every write"
        ))
    })
}

/// The triggers that do not fire for every session.
fn not_always(triggers: &[&Trigger], table: &TableName) -> Vec<Finding> {
    let effects = [
        ("D", "disabled: what should fire there is not captured"),
        ("O", "not ENABLE ALWAYS: a session in replica mode goes uncaptured"),
        ("R", "ENABLE REPLICA: nothing is captured outside of replica mode"),
    ];
    let mut findings = Vec::new();
    for (enabled, effect) in effects {
        let names: Vec<&str> = triggers
            .iter()
            .filter(|trigger| trigger.enabled == enabled)
            .map(|trigger| trigger.name.as_str())
            .collect();
        if names.is_empty() {
            continue;
        }
        let enable: Vec<String> =
            names.iter().map(|name| format!("ENABLE ALWAYS TRIGGER {}", Ident(name))).collect();
        findings.push(Finding {
            state: State::Disabled,
            reason: format!("{} {effect}", subject(&names)),
            mend: Some(Mend::Sql(format!(
                "ALTER TABLE {} {};",
                qualified(table),
                enable.join(", ")
            ))),
        });
    }
    findings
}

/// "the trigger `a` is", "the triggers `a`, `b` are".
fn subject(names: &[&str]) -> String {
    match names {
        [name] => format!("the trigger `{name}` is"),
        names => format!("the triggers {} are", listed(names)),
    }
}

/// The statement that takes `trigger` off `table`, which it is on.
pub(super) fn drop(trigger: &Trigger, table: &TableName) -> String {
    format!("DROP TRIGGER {} ON {};", Ident(&trigger.name), qualified(table))
}
