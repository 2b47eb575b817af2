//! The newest change of each row at a moment: how it is found depends on how many rows are wanted.
//!
//! The trail has a partition a month, and each table of it that a statement names costs time for every one
//! of them, before anything is read. So a single row is looked for with as few names as there can be, and
//! many rows with those that find each row in the fewest partitions.

use super::table::{Keys, PastTable};
use crate::audited::KeyKind;
use crate::query::relation;
use crate::spec::quote::{Ident, Literal};
use crate::trail::TRAIL;

/// What is read of a change, to tell which one is the newest and what the row was then.
const COLUMNS: &str = "c.row_pk, c.captured_at, c.id, c.op, c.data_after, c.transaction_id";
const NEWEST_FIRST: &str = "ORDER BY c.captured_at DESC, c.id DESC";
/// No limit, which the planner cannot see: it expects to read a part of the rows only, and takes an index
/// that gives them in order. It would else fetch and sort every version of a row to find the newest.
const FEW: &str = "LIMIT (SELECT NULL::bigint)";

impl PastTable<'_> {
    /// The newest changes, with `row_pk`, `captured_at`, `op` and `data_after`: those of rows with one of
    /// the keys, or of all rows. That there are any says nothing of whether all are known.
    pub(super) fn newest(&self, keys: Option<&Keys<'_>>) -> String {
        match keys {
            None => self.newest_of_all(),
            Some(Keys::Told([key])) => self.newest_of_one(key),
            Some(keys) => self.newest_of_some(keys),
        }
    }

    /// One pass over the history of the table. The transactions in flight are told once, as a list: a
    /// join for each change would be one for each partition.
    fn newest_of_all(&self) -> String {
        let (at, counts) = (self.at, self.counts(None));
        let committed = format!(
            "c.transaction_id <> ALL (ARRAY(SELECT f.id FROM {TRAIL}.audit_transactions f \
             WHERE f.occurred_at <= {at} AND f.committed_at > {at}))"
        );
        format!(
            "(SELECT DISTINCT ON (c.row_hash, c.row_pk) c.row_pk, c.captured_at, c.op, c.data_after \
             FROM {TRAIL}.audit_changes c \
             WHERE c.row_hash IS NOT NULL AND {counts} AND {committed} \
             ORDER BY c.row_hash, c.row_pk, c.captured_at DESC, c.id DESC)",
        )
    }

    /// One descent of the index for each key. The order comes before the question whether a transaction was
    /// in flight, so that it is asked of the newest change of each row and not of one in each partition.
    fn newest_of_some(&self, keys: &Keys<'_>) -> String {
        let near = relation::transaction_near("c.transaction_id", "c.captured_at");
        format!(
            "(SELECT n.* FROM {keys} CROSS JOIN LATERAL (\
                SELECT c.row_pk, c.captured_at, c.op, c.data_after FROM (\
                    SELECT {COLUMNS} FROM {TRAIL}.audit_changes c \
                    WHERE {is_key} AND {counts} {NEWEST_FIRST} {FEW}) c \
                WHERE NOT EXISTS (SELECT FROM {near} WHERE {was_in_flight} OFFSET 0) \
                {NEWEST_FIRST} LIMIT 1) n)",
            keys = self.keys(keys),
            is_key = self.is_key(),
            counts = self.counts(Some(keys)),
            was_in_flight = self.was_in_flight(),
        )
    }

    /// The newest of the changes of the row and the truncates of its table: there is no row if that is a
    /// truncate. Whether all of them are known is asked before.
    fn newest_of_one(&self, key: &[String]) -> String {
        let of_table = format!("{} AND c.captured_at >= s.since", self.of_table());
        format!(
            "(SELECT n.* FROM (SELECT {since} AS since OFFSET 0) s \
             CROSS JOIN (SELECT {key} AS key) k CROSS JOIN LATERAL (\
                SELECT c.row_pk, c.captured_at, c.op, c.data_after FROM (\
                    (SELECT {COLUMNS} FROM {TRAIL}.audit_changes c \
                        WHERE {is_key} AND {of_table} {NEWEST_FIRST} {FEW}) \
                    UNION ALL \
                    (SELECT * FROM ({truncates} AND c.captured_at >= s.since OFFSET 0) c {NEWEST_FIRST}) \
                    ORDER BY captured_at DESC, id DESC {FEW}) c \
                WHERE NOT EXISTS ({in_flight} OFFSET 0) {NEWEST_FIRST} LIMIT 1) n \
             WHERE n.op <> 'truncate')",
            since = self.since(true),
            key = self.key(key),
            is_key = self.is_key(),
            truncates = self.truncates(),
            in_flight = self.in_flight(),
        )
    }

    /// Since when the table is audited: an error if not every row of the moment is known, or, if rows are
    /// looked for `by_key`, if that is not the key of the table. What holds no change at all must not be
    /// read without asking this, so it is a condition of the whole, too.
    pub(super) fn since(&self, by_key: bool) -> String {
        let (schema, name) = self.names();
        let key = if by_key { self.key_columns() } else { "NULL".to_owned() };
        format!("(SELECT {TRAIL}.past_since({schema}, {name}, {}, {key}))", self.at)
    }

    /// What is true of every change that counts, but for being committed.
    fn counts(&self, keys: Option<&Keys<'_>>) -> String {
        format!("{} AND (c.captured_at, c.id) > {}", self.of_table(), self.floor(keys.is_some()))
    }

    fn of_table(&self) -> String {
        let (schema, name) = self.names();
        format!(
            "c.table_schema = {schema} AND c.table_name = {name} AND c.captured_at <= {}",
            self.at
        )
    }

    /// What a change must be later than: the newest truncate of the table, and all that was before its
    /// audit began. It is found once. The truncates are sorted after they are found: an order would lead
    /// the planner through all changes of the table, in the hope of meeting one.
    fn floor(&self, by_key: bool) -> String {
        format!(
            "(SELECT e.captured_at, e.id FROM (\
                SELECT {since} AS captured_at, \
                    (-1)::bigint AS id UNION ALL (\
                SELECT c.captured_at, c.id FROM (\
                    SELECT * FROM ({truncates} OFFSET 0) c {NEWEST_FIRST} OFFSET 0) c \
                WHERE NOT EXISTS ({in_flight} OFFSET 0) {NEWEST_FIRST} LIMIT 1)) e \
                ORDER BY e.captured_at DESC, e.id DESC LIMIT 1)",
            since = self.since(by_key),
            truncates = self.truncates(),
            in_flight = self.in_flight(),
        )
    }

    /// The truncates of the table, ready for one more condition.
    fn truncates(&self) -> String {
        format!(
            "SELECT {COLUMNS} FROM {TRAIL}.audit_changes c \
             WHERE c.row_hash IS NULL AND c.op = 'truncate' AND {}",
            self.of_table()
        )
    }

    /// The transaction of a change `c`, if it was in flight at the moment. It is looked for in every
    /// partition: quickly planned, and slower for more than a few changes than to look near them first.
    fn in_flight(&self) -> String {
        format!(
            "SELECT FROM {TRAIL}.audit_transactions t WHERE t.id = c.transaction_id AND {}",
            self.was_in_flight()
        )
    }

    fn was_in_flight(&self) -> String {
        format!("t.occurred_at <= {at} AND t.committed_at > {at}", at = self.at)
    }

    /// Whether a change `c` is of the row with the key `k`.
    fn is_key(&self) -> String {
        let (schema, name) = self.names();
        format!(
            "c.row_hash = jsonb_hash_extended(\
                k.key, hashtextextended({schema} || '.' || {name}, 0)) AND c.row_pk = k.key"
        )
    }

    /// Keys as the trail has them, each once.
    fn keys(&self, keys: &Keys<'_>) -> String {
        match keys {
            Keys::Told(keys) => {
                let told: Vec<String> = keys.iter().map(|values| self.key(values)).collect();
                format!("(SELECT DISTINCT key FROM unnest(ARRAY[{}]) key) k", told.join(", "))
            }
            Keys::In { cte, columns } => {
                let columns: Vec<String> =
                    columns.iter().map(|name| format!("o.{}", Ident(name))).collect();
                format!("(SELECT DISTINCT {} AS key FROM {} o) k", self.key(&columns), Ident(cte))
            }
        }
    }

    fn key_columns(&self) -> String {
        let key = self.shape.iter().flat_map(|shape| &shape.key);
        let names: Vec<String> = key.map(|column| Literal(&column.name).to_string()).collect();
        format!("ARRAY[{}]", names.join(", "))
    }

    /// A key as the trail has it: values of these types are told in one way only.
    fn key(&self, values: &[String]) -> String {
        let key = self.shape.map(|shape| shape.key.as_slice()).unwrap_or_default();
        let parts = key.iter().zip(values).map(|(column, value)| {
            let as_type = match column.kind {
                KeyKind::Integer => "bigint",
                KeyKind::Uuid => "uuid",
            };
            format!("{}, ({value})::{as_type}", Literal(&column.name))
        });
        format!("jsonb_build_object({})", parts.collect::<Vec<_>>().join(", "))
    }
}
