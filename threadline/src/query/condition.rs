//! A filter as conditions on a change `c`.

use super::sql::Binds;
use super::{relation, row};
use crate::filter::{ActorTerm, FieldIs, Terms, TimeBound};
use crate::{Error, Filter, TableName, TrailSource};

/// What a filter wants of a change, apart from where to look for it.
#[derive(Clone, Copy, Default)]
pub(super) struct Leave {
    /// The tables are looked up, so that they need not be compared.
    pub(super) tables: bool,
}

/// The conditions on `c`; all must hold. Rows that are wanted are not among them: an index is searched
/// for those, and for nothing else then.
pub(super) fn conditions(
    source: &impl TrailSource,
    filter: &Filter,
    leave: Leave,
    binds: &mut Binds,
) -> Result<Vec<String>, Error> {
    let mut all = on_change(filter, leave, binds);
    all.extend(on_transaction(filter, binds));
    let names = either(&filter.actions, |name| format!("a.name = {}", binds.push(name.as_str())));
    let correlated = correlated(source, filter, binds)?;
    if !names.is_empty() {
        let actions = relation::actions(source, binds)?;
        all.extend(names.into_iter().map(|(is_wanted, names)| {
            held(
                is_wanted,
                &format!(
                    "EXISTS (SELECT FROM {actions} WHERE a.id = c.action_id AND {names} OFFSET 0)"
                ),
            )
        }));
    }
    all.extend(correlated);
    Ok(all)
}

fn on_change(filter: &Filter, leave: Leave, binds: &mut Binds) -> Vec<String> {
    let mut all = Vec::new();
    let mut add = |of: Vec<(bool, String)>| {
        all.extend(of.into_iter().map(|(is_wanted, text)| held(is_wanted, &text)));
    };
    // A value that is bound must be used: the driver keeps statements by their text alone.
    let wanted = if leave.tables { &[] } else { filter.tables.wanted() };
    add(said(wanted, filter.tables.unwanted(), |table| is_table(table, binds)));
    if let ([table], unwanted @ [_, ..]) = (filter.tables.wanted(), filter.rows.unwanted()) {
        let keys = row::keys(table, unwanted, binds);
        add(vec![(false, format!("EXISTS (SELECT FROM {keys} WHERE k.key = c.row_pk)"))]);
    }
    add(either(&filter.operations, |op| format!("c.op::text = {}", binds.push(op.as_str()))));
    add(either(&filter.changed, |column| {
        format!("c.op = 'update' AND {} = ANY (c.changed_fields)", binds.push(column.as_str()))
    }));
    add(either(&filter.was, |field| holds("c.changed_from", field, binds)));
    add(either(&filter.now, |field| {
        let column = binds.push(field.column.as_str());
        format!(
            "{} AND (c.op = 'insert' OR c.op = 'update' AND {column} = ANY (c.changed_fields))",
            holds("c.data_after", field, binds)
        )
    }));
    add(either(&filter.transactions, |id| format!("c.transaction_id = {}", binds.push(*id))));
    if let Some(from) = filter.from {
        all.push(format!("c.captured_at >= {}", moment(from, binds)));
    }
    if let Some(to) = filter.to {
        all.push(format!("c.captured_at <= {}", moment(to, binds)));
    }
    all
}

/// What is asked of the change's transaction, in one look at it.
fn on_transaction(filter: &Filter, binds: &mut Binds) -> Option<String> {
    let mut all = Vec::new();
    let mut add = |of: Vec<(bool, String)>| {
        all.extend(of.into_iter().map(|(is_wanted, text)| held(is_wanted, &text)));
    };
    add(either(&filter.actors, |actor| is_actor(actor, binds)));
    add(either(&filter.kinds, |kind| format!("t.actor_type = {}", binds.push(kind.as_str()))));
    add(either(&filter.requests, |id| format!("t.request_id = {}", binds.push(id.as_str()))));
    add(either(&filter.networks, |network| {
        format!("t.remote_ip <<= {}::inet", binds.push(network.to_string()))
    }));
    if all.is_empty() {
        return None;
    }
    let transaction = relation::transaction_near("c.transaction_id", "c.captured_at");
    Some(format!("coalesce((SELECT {} FROM {transaction}), false)", all.join(" AND ")))
}

/// Strictly, a transaction has a correlation id by an action in it; widened, by its context as well.
fn correlated(
    source: &impl TrailSource,
    filter: &Filter,
    binds: &mut Binds,
) -> Result<Vec<String>, Error> {
    let mut all = Vec::new();
    let ids = [(true, filter.correlations.wanted()), (false, filter.correlations.unwanted())];
    for (is_wanted, ids) in ids.into_iter().filter(|(_, ids)| !ids.is_empty()) {
        let ids = binds.push(ids.to_vec());
        let mut text = format!(
            "EXISTS (SELECT FROM {}
                WHERE a.transaction_id = c.transaction_id AND a.correlation_id = ANY ({ids}) OFFSET 0)",
            relation::actions(source, binds)?
        );
        if filter.capture_only {
            let transaction = relation::transaction_near("c.transaction_id", "c.captured_at");
            text = format!("{text} OR (SELECT t.correlation_id = ANY ({ids}) FROM {transaction})");
        }
        all.push(held(is_wanted, &text));
    }
    Ok(all)
}

fn is_table(table: &TableName, binds: &mut Binds) -> String {
    format!(
        "c.table_schema = {} AND c.table_name = {}",
        binds.push(table.schema()),
        binds.push(table.name())
    )
}

fn is_actor(actor: &ActorTerm, binds: &mut Binds) -> String {
    match actor {
        ActorTerm::Nobody => "t.actor_type IS NULL".to_owned(),
        ActorTerm::Any(kind) => format!("t.actor_type = {}", binds.push(kind.as_str())),
        ActorTerm::Is(actor) => relation::is_actor(actor, binds),
    }
}

/// Whether a row held a value, as text; a column that the row does not have held none, and not null.
fn holds(row: &str, field: &FieldIs, binds: &mut Binds) -> String {
    let column = binds.push(field.column.as_str());
    match &field.value {
        Some(value) => format!("{row} ->> {column} = {}", binds.push(value.as_str())),
        None => format!("{row} -> {column} = 'null'"),
    }
}

/// A bound in time, by the clock of the database.
pub(super) fn moment(bound: TimeBound, binds: &mut Binds) -> String {
    match bound {
        TimeBound::At(at) => binds.push(at),
        TimeBound::Ago { seconds } => {
            format!("(statement_timestamp() - {} * interval '00:00:01')", binds.push(seconds))
        }
    }
}

/// What a key says: that one of the wanted holds, and that none of the unwanted does.
fn either<T: PartialEq>(terms: &Terms<T>, told: impl FnMut(&T) -> String) -> Vec<(bool, String)> {
    said(terms.wanted(), terms.unwanted(), told)
}

fn said<T>(
    wanted: &[T],
    unwanted: &[T],
    mut told: impl FnMut(&T) -> String,
) -> Vec<(bool, String)> {
    let mut one_of = |of: &[T]| {
        let of: Vec<String> = of.iter().map(|one| format!("({})", told(one))).collect();
        of.join(" OR ")
    };
    let mut said = Vec::new();
    if !wanted.is_empty() {
        said.push((true, one_of(wanted)));
    }
    if !unwanted.is_empty() {
        said.push((false, one_of(unwanted)));
    }
    said
}

fn held(is_wanted: bool, text: &str) -> String {
    if is_wanted { format!("({text})") } else { format!("NOT coalesce({text}, false)") }
}
