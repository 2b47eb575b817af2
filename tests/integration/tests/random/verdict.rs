//! Whether the trail tells all that happened, and a report that a person can work with if not.

use std::collections::BTreeMap;

use crate::compare::{Equal, compare};
use crate::journal::{Journal, Unit};
use crate::moment::Moment;
use crate::nothing_else::contradictions;
use crate::rebuild::{Rebuilt, Wrong};
use crate::story::{Event, Story};
use crate::trail::{Change, Trail};

pub(crate) struct Evidence<'a> {
    trail: Trail,
    stories: Vec<Story>,
    moments: &'a [Moment],
    journal: &'a Journal,
    units: BTreeMap<String, Unit>,
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(
        trail: Trail,
        stories: Vec<Story>,
        moments: &'a [Moment],
        journal: &'a Journal,
    ) -> Self {
        let units = journal.units().into_iter().map(|unit| (unit.name.clone(), unit)).collect();
        Self { trail, stories, moments, journal, units }
    }

    /// A summary, or a report of the first thing that is wrong.
    pub(crate) fn judge(&self) -> Result<String, String> {
        let mut equal = Equal::default();
        for (number, story) in self.stories.iter().enumerate() {
            for moment in self.moments {
                let live = &moment.tables[number];
                for by_time in [false, true] {
                    if by_time && !moment.is_quiet {
                        continue;
                    }
                    let rebuilt = self.rebuilt(story, moment, by_time);
                    let compared = rebuilt.and_then(|r| compare(live, &r, &story.key));
                    let found = compared.map_err(|w| self.report(story, moment, &w))?;
                    equal.rows += found.rows;
                    equal.values += found.values;
                }
            }
        }
        let units: Vec<Unit> = self.units.values().cloned().collect();
        let contradictions = contradictions(&self.trail, &units);
        if !contradictions.is_empty() {
            return Err(contradictions.join("\n"));
        }
        Ok(format!(
            "{} moments, {} rows and {} values equal, {} changes in {} transactions",
            self.moments.len(),
            equal.rows,
            equal.values,
            self.trail.changes.len(),
            self.trail.transactions.len()
        ))
    }

    /// By the snapshot of the moment, or by the rule that readers of the trail go by.
    fn rebuilt<'s>(
        &'s self,
        story: &'s Story,
        moment: &Moment,
        by_time: bool,
    ) -> Result<Rebuilt<'s>, Wrong> {
        let changes = self.changes_of(story).filter_map(|change| {
            let transaction = self.trail.transactions.get(&change.transaction)?;
            let is_visible = if by_time {
                transaction.committed.is_some_and(|committed| committed <= moment.at)
            } else {
                moment.snapshot.sees(transaction.xid)
            };
            let unit = transaction.unit.as_ref().and_then(|name| self.units.get(name));
            is_visible.then(|| (change, unit.is_some_and(|unit| unit.keeps_snapshot)))
        });
        Rebuilt::from(story, changes, |event: &Event| moment.snapshot.sees(event.xid))
    }

    fn changes_of<'s>(&'s self, story: &'s Story) -> impl Iterator<Item = &'s Change> {
        self.trail.changes.iter().filter(|change| change.table == story.table)
    }

    fn report(&self, story: &Story, moment: &Moment, wrong: &Wrong) -> String {
        let key: Vec<&String> = wrong.key.iter().collect();
        let is_about = |change: &&Change| {
            Some(change.id) == wrong.change
                || change.key.as_ref().is_none_or(|found| {
                    found.values().all(|v| key.contains(&&crate::rebuild::plain_number(v)))
                })
        };
        let mut changes = Vec::new();
        let mut units = vec!["schema"];
        for change in self.changes_of(story).filter(is_about) {
            let transaction = &self.trail.transactions.get(&change.transaction);
            let unit = transaction.and_then(|t| t.unit.as_deref()).unwrap_or("nobody");
            units.push(unit);
            let committed = transaction.and_then(|t| t.committed);
            changes.push(short(&format!("by {unit}, committed {committed:?}: {change:?}")));
        }
        let events: Vec<String> = story.events.iter().map(|event| format!("{event:?}")).collect();
        format!(
            "table {:?}, key {:?}, change {:?}, moment {} (quiet: {})\n{}\n\n\
             -- changes of this row --\n{}\n\n-- changes of the schema --\n{}\n\n\
             -- what was said --\n{}",
            story.table,
            wrong.key,
            wrong.change,
            moment.at,
            moment.is_quiet,
            short(&wrong.what),
            changes.join("\n"),
            events.join("\n"),
            self.journal.about(&[], &units),
        )
    }
}

/// Without the bulk of the long texts.
fn short(text: &str) -> String {
    text.replace(&"long ".repeat(50), "…")
}
