//! A plan as text for people and as JSON.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{Orphan, Plan, Refusal, Step};
use crate::install::CURRENT_VERSION;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.installs_schema() {
            writeln!(f, "install  schema threadline, version {CURRENT_VERSION}")?;
        }
        let mut lines = Vec::new();
        for step in self.steps() {
            let by = step.mode.map(|mode| format!("by {}: ", mode.as_str())).unwrap_or_default();
            let text = format!("{by}{}", step.reasons.join("; "));
            lines.push((step.verb.as_str(), &step.table, text));
        }
        let (refusals, orphans) = (self.refusals(), self.orphans());
        for refusal in &refusals {
            lines.push(("refused", &refusal.table, refusal.reason.clone()));
        }
        for orphan in &orphans {
            lines.push(("orphan", &orphan.table, orphan.reason.clone()));
        }
        let width = lines.iter().map(|(_, table, _)| table.to_string().len()).max().unwrap_or(0);
        for (verb, table, text) in &lines {
            writeln!(f, "{verb:<8} {:<width$}  {text}", table.to_string())?;
        }
        match self.unchanged() {
            0 => Ok(()),
            1 => writeln!(f, "1 table is as it should be"),
            tables => writeln!(f, "{tables} tables are as they should be"),
        }
    }
}

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Keys<'a> {
            schema_version: i32,
            installs_schema: bool,
            steps: Vec<&'a Step>,
            refusals: Vec<Refusal>,
            orphans: Vec<Orphan>,
            unchanged: usize,
        }
        let keys = Keys {
            schema_version: self.version,
            installs_schema: self.installs_schema(),
            steps: self.steps().collect(),
            refusals: self.refusals(),
            orphans: self.orphans(),
            unchanged: self.unchanged(),
        };
        keys.serialize(serializer)
    }
}
