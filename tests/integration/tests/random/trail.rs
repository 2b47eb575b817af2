//! The audit trail, read from its tables.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{DatabaseConnection, DbErr};
use serde::Deserialize;

use crate::schema::text;

/// Column by column, each value as the text of its JSON.
pub(crate) type Document = BTreeMap<String, String>;

#[derive(Debug, Deserialize)]
pub(crate) struct Transaction {
    pub(crate) id: i64,
    pub(crate) xid: u64,
    /// Microseconds since 1970.
    pub(crate) committed: Option<i64>,
    pub(crate) actor: Option<String>,
    pub(crate) unit: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Op {
    Insert,
    Update,
    Delete,
    Truncate,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Change {
    pub(crate) id: i64,
    pub(crate) transaction: i64,
    pub(crate) table: String,
    pub(crate) op: Op,
    pub(crate) key: Option<Document>,
    pub(crate) after: Option<Document>,
    pub(crate) fields: Option<BTreeSet<String>>,
    pub(crate) before: Option<Document>,
}

#[derive(Debug)]
pub(crate) struct Trail {
    pub(crate) transactions: BTreeMap<i64, Transaction>,
    /// In the order of their numbers.
    pub(crate) changes: Vec<Change>,
}

const TRANSACTIONS: &str = "
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'id', id, 'xid', xid::text::bigint, 'actor', actor_id, 'unit', application_name,
        'committed', (extract(epoch FROM committed_at) * 1000000)::bigint)), '[]')::text
    FROM threadline.audit_transactions";

const CHANGES: &str = "
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'id', id, 'transaction', transaction_id, 'table', table_name, 'op', op,
        'key', public.texts(row_pk), 'after', public.texts(data_after),
        'fields', changed_fields, 'before', public.texts(changed_from)) ORDER BY id), '[]')::text
    FROM threadline.audit_changes";

/// The values of a document as texts, because numbers would lose digits on their way.
pub(crate) const TEXTS: &str = "
    CREATE FUNCTION public.texts(document jsonb) RETURNS jsonb LANGUAGE sql STRICT AS
    $$ SELECT coalesce(jsonb_object_agg(e.key, e.value::text), '{}') FROM jsonb_each(document) e $$";

impl Trail {
    pub(crate) async fn load(db: &DatabaseConnection) -> Result<Self, DbErr> {
        let transactions: Vec<Transaction> = parsed(&text(db, TRANSACTIONS).await?)?;
        let transactions = transactions.into_iter().map(|t| (t.id, t)).collect();
        Ok(Self { transactions, changes: parsed(&text(db, CHANGES).await?)? })
    }
}

fn parsed<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, DbErr> {
    serde_json::from_str(text).map_err(|error| DbErr::Json(error.to_string()))
}
