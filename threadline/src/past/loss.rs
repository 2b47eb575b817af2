//! What is lost when the rows of a moment are read by the tables of today.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult};
use serde_json::Value;

use super::table::PastTable;
use super::{Mode, Past};
use crate::error::Drift;
use crate::query::{document, sql};
use crate::spec::TableName;
use crate::{Error, Note};

/// One column of one row that cannot be read exactly: told by [`Past::losses`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Loss {
    /// The table.
    pub table: TableName,
    /// The key of the row: an object.
    pub row_pk: Value,
    /// When the row was captured as it stood.
    pub captured_at: DateTime<Utc>,
    /// What is lost.
    pub note: Note,
}

/// Which losses are looked for.
#[derive(Clone, Copy, Debug)]
enum Sought<'a> {
    All,
    /// Values that the database refuses in these words.
    Refused(&'a str),
}

impl<C: ConnectionTrait> Past<'_, C> {
    /// What is lost when the rows that `table` held at the moment are read as rows of today; at most
    /// `limit` losses, in no order.
    ///
    /// Each row is told again and compared with what was stored, which takes about ten times as long as
    /// reading it. A read of the past itself does without: it fails for a value that is missing or does
    /// not fit, and cannot tell one that is cut by its column's type, as `1.234` is in a
    /// `numeric(10, 2)`. A column that is gone today is no loss.
    ///
    /// # Errors
    ///
    /// [`Error::PastUnknown`] if the table is not in the registry, [`Error::BeforeHorizon`] if not every
    /// row of the moment is known, [`Error::NotInstalled`], [`Error::NoRight`] or [`Error::Db`].
    pub async fn losses(&self, table: &TableName, limit: u32) -> Result<Vec<Loss>, Error> {
        self.lost(table, Sought::All, limit).await
    }

    /// The row of one of these tables that holds a value which the database refuses in these words.
    pub(super) async fn misfit(&self, tables: &[TableName], why: &str) -> Option<Error> {
        for table in tables {
            let losses = self.lost(table, Sought::Refused(why), 1).await.unwrap_or_default();
            if let Some(loss) = losses.into_iter().next()
                && let Note::Uncastable { column, why } = loss.note
            {
                return Some(Error::Drift(Box::new(Drift {
                    table: loss.table,
                    column,
                    row_pk: loss.row_pk.to_string(),
                    captured_at: loss.captured_at.to_rfc3339(),
                    why,
                })));
            }
        }
        None
    }

    async fn lost(
        &self,
        table: &TableName,
        sought: Sought<'_>,
        limit: u32,
    ) -> Result<Vec<Loss>, Error> {
        let spec = self.registry.get(table);
        let spec = spec.ok_or_else(|| Error::PastUnknown { table: table.clone() })?;
        let shape = self.registry.shapes().get(table);
        let mut binds = sql::Binds::default();
        let at = format!("{}::timestamptz", binds.push(self.at.utc()));
        let sought = match sought {
            Sought::All => "true".to_owned(),
            Sought::Refused(why) => {
                format!("{} = {}", bare("n.note ->> 'why'"), bare(&binds.push(why)))
            }
        };
        let past = PastTable { spec, shape, at: &at, mode: Mode::Strict };
        let text = format!("{} AND {sought} LIMIT {limit}", past.losses());
        let rows = sql::all(self.db, text, binds).await.map_err(super::error::of_read)?;
        rows.iter().map(|row| loss(table, row)).collect()
    }
}

/// A text without the schemas in it: the types of the host are told with theirs or without, as the search
/// path is.
fn bare(text: &str) -> String {
    format!(r#"regexp_replace({text}, '[[:alnum:]_$"]+[.](?=[[:alpha:]_"])', '', 'g')"#)
}

fn loss(table: &TableName, row: &QueryResult) -> Result<Loss, Error> {
    let column: String = row.try_get("", "column")?;
    let mut note = document(row, "", "note")?.unwrap_or_default();
    let mut take = |key: &str| note.get_mut(key).map(Value::take).unwrap_or_default();
    let note = match take("kind").as_str() {
        Some("recast") => Note::Recast { stored: take("stored"), read: take("read"), column },
        Some("uncastable") => {
            let why = take("why").as_str().unwrap_or("it does not fit").to_owned();
            Note::Uncastable { column, why }
        }
        _ => Note::NewerColumn { column },
    };
    Ok(Loss {
        table: table.clone(),
        row_pk: document(row, "", "row_pk")?.unwrap_or_default(),
        captured_at: row.try_get("", "captured_at")?,
        note,
    })
}
