//! Triggers of ours on tables where nothing asks for them: after a rename, say.

use std::collections::{BTreeMap, BTreeSet};

use threadline::TableName;

use super::finding::Findings;
use super::triggers::{drop, is_expected};
use crate::health::Code;
use crate::inspect::{Installed, Recorded, Trigger};
use crate::problem::listed;
use crate::render::table::bare_function_name;
use crate::status::{Finding, Mend, State};

/// All of them.
#[derive(Debug)]
pub(super) struct Strays<'a> {
    /// What is recorded about the table for which each function was made.
    owners: BTreeMap<String, &'a Recorded>,
    /// By the function that they call.
    by_function: BTreeMap<&'a str, Vec<&'a Trigger>>,
    /// The functions that the table for which they were made calls.
    at_home: BTreeSet<&'a str>,
}

impl<'a> Strays<'a> {
    pub(super) fn of(installed: &'a Installed) -> Self {
        let named = installed
            .tables
            .iter()
            .filter_map(|recorded| Some((bare_function_name(&recorded.table().ok()?), recorded)));
        let owners: BTreeMap<String, &Recorded> = named.collect();
        let (mut by_function, mut at_home) =
            (BTreeMap::<&str, Vec<&Trigger>>::new(), BTreeSet::new());
        for trigger in installed.triggers.iter().filter(|trigger| trigger.is_ours) {
            let function = trigger.function.as_str();
            if is_at_home(owners.get(function).copied(), trigger) {
                at_home.insert(function);
            } else {
                by_function.entry(function).or_default().push(trigger);
            }
        }
        Self { owners, by_function, at_home }
    }

    /// The tables that have one.
    pub(super) fn tables(&self) -> impl Iterator<Item = &'a Trigger> {
        self.by_function.values().flatten().copied()
    }

    /// Those on `table`.
    pub(super) fn check(&self, table: &TableName, is_wanted: bool) -> Findings {
        let mut findings = Findings::default();
        let is_here = |trigger: &&&Trigger| {
            !trigger.is_inherited && trigger.table().is_ok_and(|name| name == *table)
        };
        for (function, triggers) in &self.by_function {
            let triggers: Vec<&Trigger> = triggers.iter().filter(is_here).copied().collect();
            if triggers.is_empty() {
                continue;
            }
            findings.add(self.finding(table, function, &triggers));
            for trigger in triggers {
                // Attaching replaces those that bear the names it gives.
                if is_wanted && !is_expected(&trigger.name) {
                    findings.before(drop(trigger, table));
                }
            }
        }
        findings
    }

    fn finding(&self, table: &TableName, function: &str, triggers: &[&Trigger]) -> Finding {
        let mend: Vec<String> = triggers.iter().map(|trigger| drop(trigger, table)).collect();
        let names = listed(triggers.iter().map(|trigger| &trigger.name));
        let whose = self.owners.get(function).and_then(|recorded| recorded.table().ok());
        let (code, effect) = match whose {
            Some(owner) if owner == *table => {
                (Code::StrayTrigger, "still there, though it is not attached".to_owned())
            }
            Some(owner) if self.at_home.contains(function) => (
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
        Finding {
            state: State::Orphan,
            code,
            cause: None,
            reason: format!("of its triggers, {names}: {effect}"),
            mend: Some(Mend::Sql(mend.join("\n"))),
        }
    }

    /// Why `table` cannot be attached while another one, that had its name, is captured under it.
    pub(super) fn name_is_taken(&self, table: &TableName) -> Option<String> {
        let callers = self.by_function.get(bare_function_name(table).as_str())?;
        let elsewhere =
            callers.iter().filter(|trigger| trigger.table().is_ok_and(|name| name != *table));
        let drops: Vec<&str> = elsewhere.map(|trigger| trigger.drop_sql.as_str()).collect();
        (!drops.is_empty()).then(|| {
            let drops = drops.join(" ");
            format!("a table that had its name before is captured under it; first run: {drops}")
        })
    }
}

/// Whether `trigger` is on the table for which its function was made, or on one below it.
fn is_at_home(owner: Option<&Recorded>, trigger: &Trigger) -> bool {
    let home = owner.filter(|recorded| recorded.detached_at.is_none());
    home.and_then(|recorded| recorded.relation).is_some_and(|relation| {
        trigger.relation == relation || trigger.ancestors.contains(&relation)
    })
}
