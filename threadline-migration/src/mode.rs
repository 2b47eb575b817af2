//! Whether a table is captured by statement or by row, and why.

use sea_orm::ConnectionTrait;
use threadline::{CaptureMode, TableSpec};

use crate::catalog::all;
use crate::error::Error;
use crate::shape::Kind;

/// What on the table, or on a table beneath it, writes in between a statement and its record. It may be
/// asked before the schema is installed, so it does without `threadline.members_of`.
const FACTS: &str = "
WITH RECURSIVE member (member) AS (
    SELECT $1::int8::oid
    UNION
    SELECT i.inhrelid FROM member m JOIN pg_inherits i ON i.inhparent = m.member),
other AS (
    SELECT quote_ident(t.tgname) AS name, t.tgtype & 1 = 1 AS is_row
    FROM pg_trigger t JOIN member m ON m.member = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgparentid = 0
      AND NOT starts_with(t.tgname::text, '00_threadline_')
      -- AFTER, and not only for TRUNCATE.
      AND t.tgtype & 66 = 0 AND t.tgtype & 28 <> 0)
SELECT
    (SELECT min(name) FROM other WHERE is_row) AS row_trigger,
    (SELECT min(name) FROM other WHERE NOT is_row AND name COLLATE \"C\" < '00_threadline')
        AS earlier_trigger,
    EXISTS (SELECT FROM pg_subscription_rel r JOIN member m ON m.member = r.srrelid)
        AS is_subscribed";

struct Facts {
    kind: Kind,
    row_trigger: Option<String>,
    earlier_trigger: Option<String>,
    is_subscribed: bool,
}

/// The mode in which the table is captured, and the reason as a clause.
pub(crate) async fn choose<C: ConnectionTrait>(
    db: &C,
    oid: i64,
    kind: Kind,
    spec: &TableSpec,
) -> Result<(CaptureMode, String), Error> {
    let mut facts = Facts { kind, row_trigger: None, earlier_trigger: None, is_subscribed: false };
    if let Some(row) = all(db, FACTS, [oid.into()]).await?.first() {
        facts.row_trigger = row.try_get("", "row_trigger")?;
        facts.earlier_trigger = row.try_get("", "earlier_trigger")?;
        facts.is_subscribed = row.try_get("", "is_subscribed")?;
    }
    match spec.mode() {
        CaptureMode::Statement if kind != Kind::Plain => Err(Error::Refused {
            table: spec.table().clone(),
            reason: format!(
                "{}; leave its capture mode to the catalog, or say `row`",
                why_not_by_statement(kind)
            ),
        }),
        CaptureMode::Auto => Ok(facts.advice()),
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

impl Facts {
    fn advice(&self) -> (CaptureMode, String) {
        let reason = if let Some(trigger) = &self.row_trigger {
            format!("its trigger {trigger} may write the same rows again")
        } else if let Some(trigger) = &self.earlier_trigger {
            format!("its trigger {trigger} fires before a statement is recorded")
        } else if self.is_subscribed {
            "it is fed by logical replication, which fires no statement triggers".to_owned()
        } else {
            match self.kind {
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

    fn plain() -> Facts {
        Facts { kind: Kind::Plain, row_trigger: None, earlier_trigger: None, is_subscribed: false }
    }

    #[test]
    fn a_statement_is_recorded_at_once_unless_something_may_come_in_between() {
        assert_eq!(plain().advice().0, CaptureMode::Statement);
        let name = || Some("x".to_owned());
        for facts in [
            Facts { row_trigger: name(), ..plain() },
            Facts { earlier_trigger: name(), ..plain() },
            Facts { is_subscribed: true, ..plain() },
            Facts { kind: Kind::Partitioned, ..plain() },
            Facts { kind: Kind::Inherited, ..plain() },
        ] {
            assert_eq!(facts.advice().0, CaptureMode::Row);
        }
    }
}
