//! Triggers of ours on tables where nothing asks for them: after a rename, say.

use std::collections::BTreeMap;

use threadline::TableName;

use super::finding::Findings;
use super::triggers::{drop, is_expected};
use crate::health::Code;
use crate::inspect::{Installed, Recorded, Trigger};
use crate::problem::listed;
use crate::render::table::bare_function_name;
use crate::status::{Finding, Mend, State};

/// All of them.
pub(super) fn all(installed: &Installed) -> impl Iterator<Item = &Trigger> {
    installed.triggers.iter().filter(|trigger| trigger.is_ours && is_stray(installed, trigger))
}

/// Whether the function of `trigger` was made neither for its table nor for one above it.
fn is_stray(installed: &Installed, trigger: &Trigger) -> bool {
    let home = owner(installed, trigger).filter(|recorded| recorded.detached_at.is_none());
    !home.and_then(|recorded| recorded.relation).is_some_and(|relation| {
        trigger.relation == relation || trigger.ancestors.contains(&relation)
    })
}

/// Whether the table for which `function` was made is captured by it, too.
fn is_at_home(installed: &Installed, function: &str) -> bool {
    let mut callers = installed.triggers.iter().filter(|trigger| trigger.function == function);
    callers.any(|trigger| trigger.is_ours && !is_stray(installed, trigger))
}

/// What is recorded about the table for which the function of `trigger` was made.
fn owner<'a>(installed: &'a Installed, trigger: &Trigger) -> Option<&'a Recorded> {
    installed.tables.iter().find(|recorded| {
        recorded.table().is_ok_and(|table| bare_function_name(&table) == trigger.function)
    })
}

/// The stray triggers on `table`.
pub(super) fn check(installed: &Installed, table: &TableName, is_wanted: bool) -> Findings {
    let mut by_function: BTreeMap<&str, Vec<&Trigger>> = BTreeMap::new();
    let on_table = |trigger: &&Trigger| trigger.table().is_ok_and(|name| name == *table);
    for trigger in all(installed).filter(on_table).filter(|trigger| !trigger.is_inherited) {
        by_function.entry(&trigger.function).or_default().push(trigger);
    }
    let mut findings = Findings::default();
    for (function, triggers) in by_function {
        let mend: Vec<String> = triggers.iter().map(|trigger| drop(trigger, table)).collect();
        let names = listed(triggers.iter().map(|trigger| &trigger.name));
        let whose = owner(installed, triggers[0]).and_then(|recorded| recorded.table().ok());
        let (code, effect) = match whose {
            Some(owner) if owner == *table => {
                (Code::StrayTrigger, "still there, though it is not attached".to_owned())
            }
            Some(owner) if is_at_home(installed, function) => (
                Code::SharedCaptureFunction,
                format!("recording its writes as those of {owner}, whose function they call"),
            ),
            Some(owner) => (
                Code::RenamedTable,
                format!("recording its writes as those of {owner}: was it renamed?"),
            ),
            None => (
                Code::StrayTrigger,
                format!("calling `{function}`, which belongs to no attached table"),
            ),
        };
        findings.add(Finding {
            state: State::Orphan,
            code,
            cause: None,
            reason: format!("of its triggers, {names}: {effect}"),
            mend: Some(Mend::Sql(mend.join("\n"))),
        });
        for trigger in triggers {
            // Attaching replaces those that bear the names it gives.
            if is_wanted && !is_expected(&trigger.name) {
                findings.before(drop(trigger, table));
            }
        }
    }
    findings
}

/// Why `table` cannot be attached while another one, that had its name, is captured under it.
pub(super) fn name_is_taken(installed: &Installed, table: &TableName) -> Option<String> {
    let function = bare_function_name(table);
    let elsewhere = all(installed).filter(|trigger| {
        trigger.function == function && trigger.table().is_ok_and(|name| name != *table)
    });
    let drops: Vec<&str> = elsewhere.map(|trigger| trigger.drop_sql.as_str()).collect();
    (!drops.is_empty()).then(|| {
        let drops = drops.join(" ");
        format!("a table that had its name before is captured under it; first run: {drops}")
    })
}
