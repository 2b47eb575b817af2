//! Whether the trail came here by a restore, as far as that can be known.

use sea_orm::ConnectionTrait;
use threadline::trail::TRAIL;

use crate::catalog::all;
use crate::error::Error;
use crate::health::code::Code;
use crate::health::finding::HealthFinding;
use crate::status::Mend;

/// A row of `audit_transactions`: the transaction that it tells of, and the one that wrote it here.
#[derive(Clone, Debug)]
pub(super) struct Newest {
    /// 64 bits.
    xid: u64,
    /// 32 bits.
    written_by: String,
}

/// The two newest.
pub(super) async fn newest<C: ConnectionTrait>(db: &C) -> Result<Vec<Newest>, Error> {
    let sql = format!(
        "SELECT t.xid::text AS xid, t.xmin::text AS written_by FROM {TRAIL}.audit_transactions t
        ORDER BY t.id DESC LIMIT 2"
    );
    let mut found = Vec::new();
    for row in all(db, &sql, []).await? {
        let xid: String = row.try_get("", "xid")?;
        found.push(Newest {
            xid: xid.parse().unwrap_or_default(),
            written_by: row.try_get("", "written_by")?,
        });
    }
    Ok(found)
}

/// No server reaches a transaction number before its time, and none writes the rows of two transactions
/// in one; a dump is brought back by one that writes all of them.
pub(super) fn check(newest: &[Newest], next_xid: &str) -> Option<HealthFinding> {
    let [last, ..] = newest else { return None };
    let is_ahead = next_xid.parse().is_ok_and(|next: u64| last.xid >= next);
    let at_once = matches!(newest, [last, before]
        if last.written_by == before.written_by && last.xid != before.xid);
    if !is_ahead && !at_once {
        return None;
    }
    let reason =
        "the trail was written here by a restore, and nothing has been recorded since: what the \
                  options of a dump leave out is not back before the tables are attached again"
            .to_owned();
    let advice = "run `threadline_migration::sync`, or `threadline install` and `threadline attach \
                  --installed`, and look at the other findings: see docs/dump-and-restore.md; the next \
                  audited write ends this one";
    let mend = Some(Mend::Advice(advice.to_owned()));
    Some(HealthFinding::of_trail(Code::RestoredDatabase, reason, mend))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newest(rows: &[(u64, &str)]) -> Vec<Newest> {
        let newest = |(xid, by): &(u64, &str)| Newest { xid: *xid, written_by: (*by).to_owned() };
        rows.iter().map(newest).collect()
    }

    #[test]
    fn a_restore_is_known_by_numbers_that_cannot_be() {
        let found = |rows: &[(u64, &str)]| check(&newest(rows), "900").is_some();
        assert!(found(&[(900, "12")]), "no transaction has this number yet");
        assert!(found(&[(800, "850"), (799, "850")]), "one wrote the rows of two");
        assert!(!found(&[(800, "800"), (799, "799")]));
        assert!(!found(&[(800, "801")]), "a savepoint has a number of its own");
        assert!(!found(&[]));
    }
}
