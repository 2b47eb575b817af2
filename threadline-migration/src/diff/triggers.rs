//! The triggers of one table, measured against what was installed.

use threadline::spec::quote::Ident;
use threadline::{CaptureMode, TableName};

use super::finding::{self, Findings, missing, outdated};
use crate::error::Error;
use crate::health::Code;
use crate::inspect::{Installed, Recorded, Trigger};
use crate::problem::listed;
use crate::render::quote::qualified;
use crate::render::table::bare_function_name;
#[cfg(feature = "cli")]
use crate::shape::{Kind, TableShape};
use crate::status::{Finding, Mend, State};

/// A trigger as attaching makes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TriggerFacts {
    name: &'static str,
    /// `pg_trigger.tgtype`: 1 for each row, 2 before, 4 insert, 8 delete, 16 update, 32 truncate.
    kind: i16,
    old_table: Option<&'static str>,
    new_table: Option<&'static str>,
}

const fn facts(
    name: &'static str,
    kind: i16,
    old_table: Option<&'static str>,
    new_table: Option<&'static str>,
) -> TriggerFacts {
    TriggerFacts { name, kind, old_table, new_table }
}

const OLD: Option<&str> = Some("old_rows");
const NEW: Option<&str> = Some("new_rows");
const BY_STATEMENT: [TriggerFacts; 3] = [
    facts("00_threadline_insert", 4, None, NEW),
    facts("00_threadline_update", 16, OLD, NEW),
    facts("00_threadline_delete", 8, OLD, None),
];
const BY_ROW: [TriggerFacts; 1] = [facts("00_threadline_row", 29, None, None)];
const WHOLE: TriggerFacts = facts("00_threadline_truncate", 32, None, None);
const PART: TriggerFacts = facts("00_threadline_truncating", 34, None, None);

/// What a relation is of the table that is audited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// All of it.
    Alone,
    /// The root of partitions.
    Root,
    /// A partition, or a member of tables that inherit from each other.
    Part,
}

/// The triggers that attaching puts on a relation, as `threadline.wanted_triggers` does, which only the
/// owner of the trail may call.
fn expected_triggers(mode: CaptureMode, role: Role) -> Vec<&'static TriggerFacts> {
    let rows = if mode == CaptureMode::Row { &BY_ROW[..] } else { &BY_STATEMENT[..] };
    let truncate: &[&TriggerFacts] = match role {
        Role::Alone => &[&WHOLE],
        Role::Root => &[&WHOLE, &PART],
        Role::Part => &[&PART],
    };
    rows.iter().chain(truncate.iter().copied()).collect()
}

/// The names of the triggers that attaching puts on the table itself.
#[cfg(feature = "cli")]
pub(crate) fn trigger_names(shape: &TableShape) -> Vec<&'static str> {
    let role = match shape.kind {
        Kind::Plain => Role::Alone,
        Kind::Partitioned => Role::Root,
        Kind::Inherited => Role::Part,
    };
    expected_triggers(shape.mode, role).into_iter().map(|facts| facts.name).collect()
}

/// Whether attaching replaces or takes away a trigger of this name.
pub(super) fn is_expected(name: &str) -> bool {
    BY_STATEMENT.iter().chain(&BY_ROW).chain([&WHOLE, &PART]).any(|facts| facts.name == name)
}

/// What is wrong with the triggers of an attached table, and with those of its partitions and children.
pub(super) fn check(
    installed: &Installed,
    table: &TableName,
    recorded: &Recorded,
) -> Result<Findings, Error> {
    let function = bare_function_name(table);
    let on = |table: &TableName, relation: i64, role: Role| {
        let triggers = installed.triggers.iter().filter(|trigger| trigger.relation == relation);
        let expected = expected_triggers(recorded.capture_mode, role);
        Place::look(table, triggers.collect(), &function, &expected)
    };
    let mut findings = Findings::default();
    let role = match recorded.is_partitioned {
        true => Role::Root,
        false if recorded.members.is_empty() => Role::Alone,
        false if was_alone(installed, recorded) => {
            findings.add(outdated(
                Code::LeafWithoutTriggers,
                "other tables inherit from it since it was attached",
            ));
            Role::Alone
        }
        false => Role::Part,
    };
    if let Some(relation) = recorded.relation {
        let place = on(table, relation, role);
        if place.there.is_empty() {
            findings.add(missing(
                Code::MissingCaptureTrigger,
                "none of its triggers is there, so nothing of it is captured",
            ));
        } else if !place.gone.is_empty() {
            let gone = subject(&place.gone);
            let reason = format!("{gone} missing: not every write is captured");
            findings.add(finding::altered(lost(&place.gone), reason));
        }
        findings.join(place.findings);
    }
    for member in &recorded.members {
        let name = member.table()?;
        let mut place = on(&name, member.relation, Role::Part);
        if !place.gone.is_empty() {
            let reason =
                format!("{} missing: not every write to it is captured", subject(&place.gone));
            // One that came later has at most what it inherits.
            let came_later = place.there.iter().all(|trigger| trigger.is_inherited);
            // What writes rows there is recorded as long as only these are missing.
            let code = match lost(&place.gone) {
                Code::MissingTruncateTrigger => Code::MissingTruncateTrigger,
                _ => Code::LeafWithoutTriggers,
            };
            place.findings.add(match came_later {
                true => outdated(code, reason),
                false => finding::altered(code, reason),
            });
        }
        for finding in &mut place.findings.all {
            finding.reason = format!("on {name}, {}", finding.reason);
        }
        findings.join(place.findings);
    }
    Ok(findings)
}

/// The code for triggers that are gone.
fn lost(gone: &[&str]) -> Code {
    let truncates = gone.iter().all(|name| [WHOLE.name, PART.name].contains(name));
    if truncates { Code::MissingTruncateTrigger } else { Code::MissingCaptureTrigger }
}

fn altered(reason: String) -> Finding {
    finding::altered(Code::Altered, reason)
}

/// Whether the table had no children when it was attached.
fn was_alone(installed: &Installed, recorded: &Recorded) -> bool {
    let has = |facts: &TriggerFacts| {
        installed.triggers.iter().any(|trigger| {
            Some(trigger.relation) == recorded.relation && trigger.name == facts.name
        })
    };
    has(&WHOLE) && !has(&PART)
}

/// One relation, and what was found there.
#[derive(Default)]
struct Place<'a> {
    findings: Findings,
    /// The expected triggers that are there, and the names of those that are not.
    there: Vec<&'a Trigger>,
    gone: Vec<&'static str>,
}

impl<'a> Place<'a> {
    fn look(
        table: &TableName,
        triggers: Vec<&'a Trigger>,
        function: &str,
        expected: &[&TriggerFacts],
    ) -> Self {
        let mut place = Self::default();
        for facts in expected {
            let Some(trigger) = triggers.iter().find(|trigger| trigger.name == facts.name) else {
                place.gone.push(facts.name);
                continue;
            };
            place.findings.extend(edited(trigger, facts, function));
            if trigger.is_constraint {
                place.findings.before(drop(trigger, table));
            }
            place.there.push(*trigger);
        }
        place.findings.extend(not_always(&place.there, table));
        for trigger in triggers {
            let is_known = expected.iter().any(|facts| facts.name == trigger.name);
            if trigger.is_ours && !trigger.is_inherited && !is_known {
                place.extra(trigger, table, function);
            }
        }
        place
    }

    /// A trigger that calls a function of ours under a name that is not.
    fn extra(&mut self, trigger: &Trigger, table: &TableName, function: &str) {
        let mend = drop(trigger, table);
        self.findings.before(mend.clone());
        if trigger.function == function {
            self.findings.add(Finding {
                state: State::Altered,
                code: Code::DuplicateCaptureTrigger,
                cause: None,
                reason: format!(
                    "the trigger `{}` is not ours but calls its capture function: changes are \
                     recorded twice",
                    trigger.name
                ),
                mend: Some(Mend::Sql(mend)),
            });
        }
    }
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
        ("D", Code::CaptureTriggerDisabled, "disabled: what should fire there is not captured"),
        ("O", Code::NotAlways, "not ENABLE ALWAYS: a session in replica mode goes uncaptured"),
        ("R", Code::ReplicaOnly, "ENABLE REPLICA: nothing is captured outside of replica mode"),
    ];
    let mut findings = Vec::new();
    for (enabled, code, effect) in effects {
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
            code,
            cause: None,
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
