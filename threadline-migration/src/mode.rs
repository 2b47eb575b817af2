//! Whether a table is captured by statement or by row, and why.

use serde::Deserialize;
use threadline::{CaptureMode, TableSpec};

use crate::shape::Kind;

/// What on the table, or on a table beneath it, writes in between a statement and its record.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Writers {
    row_trigger: Option<String>,
    earlier_trigger: Option<String>,
    is_subscribed: bool,
}

/// The mode in which the table is captured, and the reason as a clause; or why it cannot be as declared.
pub(crate) fn choose(
    writers: Writers,
    kind: Kind,
    spec: &TableSpec,
) -> Result<(CaptureMode, String), String> {
    match spec.mode() {
        CaptureMode::Statement if kind != Kind::Plain => Err(format!(
            "{}; leave its capture mode to the catalog, or say `row`",
            why_not_by_statement(kind)
        )),
        CaptureMode::Auto => Ok(writers.advice(kind)),
        wanted => Ok((wanted, "declared".to_owned())),
    }
}

fn why_not_by_statement(kind: Kind) -> &'static str {
    match kind {
        Kind::Inherited => {
            "other tables inherit from it, and a statement trigger does not see their columns"
        }
        // Found in PostgreSQL 15 to 18: of a MERGE through the root another row than the updated one, and
        // null for generated columns of rows that were led to a partition with another order of columns.
        Kind::Partitioned | Kind::Plain => {
            "it is partitioned, and what PostgreSQL shows a statement trigger of a partitioned table \
             is not always what was written"
        }
    }
}

impl Writers {
    fn advice(&self, kind: Kind) -> (CaptureMode, String) {
        let reason = if let Some(trigger) = &self.row_trigger {
            format!("its trigger {trigger} may write the same rows again")
        } else if let Some(trigger) = &self.earlier_trigger {
            format!("its trigger {trigger} fires before a statement is recorded")
        } else if self.is_subscribed {
            "it is fed by logical replication, which fires no statement triggers".to_owned()
        } else {
            match kind {
                Kind::Plain => {
                    let reason = "no trigger of its own writes in between";
                    return (CaptureMode::Statement, reason.to_owned());
                }
                Kind::Partitioned => {
                    "partitions that are attached later inherit row triggers".to_owned()
                }
                Kind::Inherited => {
                    "tables that inherit from it have columns of their own".to_owned()
                }
            }
        };
        (CaptureMode::Row, reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_recorded_at_once_unless_something_may_come_in_between() {
        let none = Writers::default;
        assert_eq!(none().advice(Kind::Plain).0, CaptureMode::Statement);
        let name = || Some("x".to_owned());
        for (writers, kind) in [
            (Writers { row_trigger: name(), ..none() }, Kind::Plain),
            (Writers { earlier_trigger: name(), ..none() }, Kind::Plain),
            (Writers { is_subscribed: true, ..none() }, Kind::Plain),
            (none(), Kind::Partitioned),
            (none(), Kind::Inherited),
        ] {
            assert_eq!(writers.advice(kind).0, CaptureMode::Row);
        }
    }
}
