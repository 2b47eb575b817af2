//! A filter as a statement for people: to be copied, read, changed and run in psql.

use super::cursor::Cursor;
use super::{relation, row};
use crate::filter::{ActorTerm, FieldIs, Terms, TimeBound};
use crate::spec::quote::Literal;
use crate::trail::{self, TRAIL};
use crate::{Error, Filter, RowKey, TableName};

/// The statement that tells by plain SQL what [`timeline`](crate::timeline) tells of this filter: the same
/// changes in the same order, read from the view `threadline.changes`.
///
/// It is complete: nothing has to be bound, and names and values are quoted. It knows no scope: whoever runs
/// it sees what the database lets them see. It is written to be read, so of a large trail it may be slower
/// than the reader.
///
/// ```
/// use threadline::Filter;
///
/// let filter: Filter = "table=orders&was=status:paid&from=-24h".parse()?;
/// let sql = threadline::timeline_sql(&filter)?;
/// assert!(sql.contains("(before ->> 'status' = 'paid')"));
/// # Ok::<(), threadline::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::InvalidFilter`] if the filter cannot be, or would read the whole trail;
/// [`Error::InvalidCursor`], and [`Error::SchemaVariable`].
pub fn timeline_sql(filter: &Filter) -> Result<String, Error> {
    trail::schema()?;
    filter.check()?;
    let mut all = on_change(filter);
    all.extend(on_transaction(filter));
    if let Some(cursor) = &filter.after {
        all.push(beside(cursor.parse()?, filter.oldest_first));
    }
    let conditions = match all.is_empty() {
        true => String::new(),
        false => format!("\nWHERE {}", all.join("\n  AND ")),
    };
    let way = if filter.oldest_first { "" } else { " DESC" };
    Ok(format!(
        "SELECT *\nFROM {TRAIL}.changes{conditions}\nORDER BY captured_at{way}, change_id{way}\nLIMIT {}",
        filter.max_entries()
    ))
}

fn on_change(filter: &Filter) -> Vec<String> {
    let mut all = said(&filter.tables, is_table);
    if let [table] = filter.tables.wanted() {
        all.extend(said(&filter.rows, |key| is_row(table, key)));
    }
    all.extend(said(&filter.operations, |op| format!("op = {}", Literal(op.as_str()))));
    all.extend(said(&filter.changed, |column| {
        format!("op = 'update' AND {} = ANY (changed)", Literal(column.as_str()))
    }));
    all.extend(said(&filter.was, |field| holds("before", field)));
    all.extend(said(&filter.now, |field| {
        let column = Literal(field.column.as_str());
        format!(
            "{} AND (op = 'insert' OR op = 'update' AND {column} = ANY (changed))",
            holds("row_after", field)
        )
    }));
    all.extend(filter.from.map(|from| format!("captured_at >= {}", moment(from))));
    all.extend(filter.to.map(|to| format!("captured_at <= {}", moment(to))));
    all
}

fn on_transaction(filter: &Filter) -> Vec<String> {
    let mut all = said(&filter.actors, |actor| match actor {
        ActorTerm::Nobody => "actor_type IS NULL".to_owned(),
        ActorTerm::Any(kind) => format!("actor_type = {}", Literal(kind.as_str())),
        ActorTerm::Is(actor) => {
            let kind = Literal(actor.actor_type().as_str());
            match actor.id() {
                Some(id) => format!("actor_type = {kind} AND actor_id = {}", Literal(id)),
                None => format!("actor_type = {kind} AND actor_id IS NULL"),
            }
        }
    });
    all.extend(said(&filter.kinds, |kind| format!("actor_type = {}", Literal(kind.as_str()))));
    all.extend(said(&filter.actions, |name| format!("action = {}", Literal(name))));
    all.extend(said(&filter.correlations, |id| correlated(id, filter.capture_only)));
    all.extend(said(&filter.requests, |id| in_transactions("request_id =", id, "")));
    all.extend(said(&filter.transactions, |id| format!("transaction_id = {id}")));
    all.extend(said(&filter.networks, |network| {
        in_transactions("remote_ip <<=", &network.to_string(), "::inet")
    }));
    all
}

fn is_table(table: &TableName) -> String {
    format!("table_schema = {} AND table_name = {}", Literal(table.schema()), Literal(table.name()))
}

/// By the hash as well, to which there is an index. A key of one column may be written without its name,
/// which the list of audited tables knows.
fn is_row(table: &TableName, key: &RowKey) -> String {
    let readings: Vec<String> = row::readings_of(key)
        .iter()
        .map(|reading| {
            let json = format!("{}::jsonb", Literal(reading));
            match key {
                RowKey::Named(_) => json,
                RowKey::Scalar(_) => format!(
                    "(SELECT jsonb_build_object(h.key_columns[1], {json})
        FROM {TRAIL}.audited_tables h WHERE h.table_schema = {} AND h.table_name = {}
            AND cardinality(h.key_columns) = 1)",
                    Literal(table.schema()),
                    Literal(table.name()),
                ),
            }
        })
        .collect();
    let seed = format!("{}.{}", table.schema(), table.name());
    format!(
        "(row_hash, row_key) IN (
        SELECT jsonb_hash_extended(k.key, hashtextextended({}, 0)), k.key
        FROM unnest(ARRAY[{}]) k(key))",
        Literal(&seed),
        readings.join(", "),
    )
}

fn holds(column: &str, field: &FieldIs) -> String {
    let name = Literal(field.column.as_str());
    match &field.value {
        Some(value) => format!("{column} ->> {name} = {}", Literal(value)),
        None => format!("{column} -> {name} = 'null'"),
    }
}

fn correlated(id: &str, capture_only: bool) -> String {
    let id = Literal(id);
    let acted = format!(
        "transaction_id IN (SELECT a.transaction_id FROM {} WHERE a.correlation_id = {id})",
        relation::every_action()
    );
    match capture_only {
        true => format!("{acted} OR context_correlation_id = {id}"),
        false => acted,
    }
}

/// What the view does not tell of a transaction.
fn in_transactions(compared: &str, value: &str, cast: &str) -> String {
    format!(
        "transaction_id IN (SELECT t.id FROM {} WHERE t.{compared} {}{cast})",
        relation::every_transaction(),
        Literal(value)
    )
}

fn moment(bound: TimeBound) -> String {
    match bound {
        TimeBound::At(at) => format!("{}::timestamptz", Literal(&at.to_rfc3339())),
        TimeBound::Ago { seconds } => {
            format!("statement_timestamp() - {seconds} * interval '1 second'")
        }
    }
}

fn beside(cursor: Cursor, oldest_first: bool) -> String {
    let than = if oldest_first { ">" } else { "<" };
    let at = moment(TimeBound::At(cursor.at));
    format!("(captured_at, change_id) {than} ({at}, {})", cursor.id)
}

/// That one of the wanted holds, and none of the unwanted.
fn said<T: PartialEq>(terms: &Terms<T>, told: impl Fn(&T) -> String) -> Vec<String> {
    let one_of = |of: &[T]| {
        let of: Vec<String> = of.iter().map(|one| format!("({})", told(one))).collect();
        match &*of {
            [] => None,
            [only] => Some(only.clone()),
            several => Some(format!("({})", several.join(" OR "))),
        }
    };
    let wanted = one_of(terms.wanted());
    let unwanted = one_of(terms.unwanted()).map(|text| format!("NOT coalesce({text}, false)"));
    wanted.into_iter().chain(unwanted).collect()
}
