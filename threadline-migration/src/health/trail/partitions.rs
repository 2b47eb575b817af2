//! The months for which the trail has partitions, and rows that lie in none of them.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use sea_orm::ConnectionTrait;
use threadline::trail::TRAIL;

use super::Leaf;
use crate::catalog::all;
use crate::error::Error;
use crate::health::code::Code;
use crate::health::finding::HealthFinding;
use crate::status::Mend;

/// A month of UTC, by its first day.
pub(super) type Month = NaiveDate;

/// The partitions of one table of the trail.
#[derive(Clone, Debug)]
pub(super) struct Partitions {
    root: &'static str,
    time_column: &'static str,
    /// This month, and the next.
    needed: [Month; 2],
    there: BTreeSet<Month>,
    /// The month of the oldest row that lies in the default partition.
    astray: Option<Month>,
}

impl Partitions {
    pub(super) async fn look<C: ConnectionTrait>(
        db: &C,
        root: &'static str,
        time_column: &'static str,
        leaves: &[Leaf],
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let leaves: Vec<&Leaf> = leaves.iter().filter(|leaf| leaf.root == root).collect();
        let there: BTreeSet<Month> =
            leaves.iter().filter_map(|leaf| month_of(root, &leaf.leaf)).collect();
        let this = first_of(now.date_naive());
        let is_default = |leaf: &&&Leaf| leaf.leaf == format!("{root}_default");
        let may_hold = leaves.iter().find(is_default).is_some_and(|leaf| !leaf.is_empty);
        let astray = match may_hold {
            true => oldest_astray(db, root, time_column, &there).await?,
            false => None,
        };
        Ok(Self { root, time_column, needed: [this, after(this)], there, astray })
    }
}

/// The month of the oldest row that has no partition of its own. The table is asked by its root, which is
/// what a reader may read; the planner leaves out every partition that cannot hold such a row.
async fn oldest_astray<C: ConnectionTrait>(
    db: &C,
    root: &str,
    column: &str,
    there: &BTreeSet<Month>,
) -> Result<Option<Month>, Error> {
    let covered: Vec<String> = spans(there)
        .into_iter()
        .map(|(from, to)| {
            format!("(t.{column} < '{from} 00:00:00Z' OR t.{column} >= '{to} 00:00:00Z')")
        })
        .collect();
    let outside = if covered.is_empty() { "true".to_owned() } else { covered.join(" AND ") };
    let sql = format!("SELECT min(t.{column}) AS oldest FROM {TRAIL}.{root} t WHERE {outside}");
    let rows = all(db, &sql, []).await?;
    let oldest: Option<DateTime<Utc>> = match rows.first() {
        Some(row) => row.try_get("", "oldest")?,
        None => None,
    };
    Ok(oldest.map(|oldest| first_of(oldest.date_naive())))
}

/// Months that follow each other, as spans from the first day to the day after the last.
fn spans(months: &BTreeSet<Month>) -> Vec<(Month, Month)> {
    let mut spans: Vec<(Month, Month)> = Vec::new();
    for month in months {
        match spans.last_mut() {
            Some((_, end)) if *end == *month => *end = after(*month),
            _ => spans.push((*month, after(*month))),
        }
    }
    spans
}

/// `audit_changes_2026_01`.
fn month_of(root: &str, leaf: &str) -> Option<Month> {
    let (year, month) = leaf.strip_prefix(root)?.strip_prefix('_')?.split_once('_')?;
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)
}

fn first_of(day: NaiveDate) -> Month {
    day.with_day(1).unwrap_or(day)
}

fn after(month: Month) -> Month {
    month.checked_add_months(Months::new(1)).unwrap_or(month)
}

pub(super) fn check(all: &[Partitions]) -> Vec<HealthFinding> {
    all.iter().flat_map(|partitions| [ahead(partitions), astray(partitions)]).flatten().collect()
}

fn ahead(partitions: &Partitions) -> Option<HealthFinding> {
    let missing: Vec<String> = partitions
        .needed
        .iter()
        .filter(|month| !partitions.there.contains(month))
        .map(|month| month.format("%Y-%m").to_string())
        .collect();
    if missing.is_empty() {
        return None;
    }
    let reason = format!(
        "{TRAIL}.{} has no partition for {}: what is recorded then lies in the default partition, \
         where it is slow to read and to delete",
        partitions.root,
        missing.join(" and ")
    );
    Some(HealthFinding::of_trail(Code::MissingPartitionAhead, reason, Some(Mend::Sql(more()))))
}

/// Makes the partitions of a year, and moves the rows that came too early.
fn more() -> String {
    format!("SELECT {TRAIL}.create_partitions(12);")
}

fn astray(partitions: &Partitions) -> Option<HealthFinding> {
    let Partitions { root, needed, .. } = partitions;
    let month = partitions.astray?;
    let reason = format!(
        "the default partition of {TRAIL}.{root} holds rows, the oldest of {}: reads of other months \
         look at them, too",
        month.format("%Y-%m")
    );
    // What makes the months to come moves their rows; of an earlier one nobody else does.
    let sql = if month >= needed[0] { more() } else { move_month(partitions, month) };
    Some(HealthFinding::of_trail(Code::RowsInDefaultPartition, reason, Some(Mend::Sql(sql))))
}

/// Makes the partition of one month, with the rows of it that lie in the default partition.
fn move_month(partitions: &Partitions, month: Month) -> String {
    let Partitions { root, time_column: column, .. } = partitions;
    let leaf = format!("{root}_{}", month.format("%Y_%m"));
    let (from, to) = (format!("{month} 00:00:00Z"), format!("{} 00:00:00Z", after(month)));
    format!(
        "BEGIN;
CREATE TABLE {TRAIL}.{leaf} (LIKE {TRAIL}.{root} INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
WITH astray AS (
    DELETE FROM {TRAIL}.{root}_default WHERE {column} >= '{from}' AND {column} < '{to}' RETURNING *)
INSERT INTO {TRAIL}.{leaf} SELECT * FROM astray;
ALTER TABLE {TRAIL}.{root} ATTACH PARTITION {TRAIL}.{leaf} FOR VALUES FROM ('{from}') TO ('{to}');
REVOKE ALL ON {TRAIL}.{leaf} FROM PUBLIC;
COMMIT;"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(year: i32, month: u32) -> Month {
        NaiveDate::from_ymd_opt(year, month, 1).unwrap()
    }

    #[test]
    fn a_partition_is_known_by_its_name() {
        assert_eq!(month_of("audit_changes", "audit_changes_2026_01"), Some(month(2026, 1)));
        for other in
            ["audit_changes_default", "audit_changes_2026_13", "audit_changes", "x_2026_01"]
        {
            assert_eq!(month_of("audit_changes", other), None, "{other}");
        }
    }

    #[test]
    fn months_in_a_row_are_one_span() {
        let months = [month(2025, 11), month(2025, 12), month(2026, 1), month(2026, 3)];
        let expected = vec![(month(2025, 11), month(2026, 2)), (month(2026, 3), month(2026, 4))];
        assert_eq!(spans(&BTreeSet::from(months)), expected);
        assert!(spans(&BTreeSet::new()).is_empty());
    }
}
