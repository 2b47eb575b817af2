//! Makes proposals: compares what was with what is, on the server.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, FromQueryResult, IdenStatic, IntoActiveModel, Iterable, ModelTrait,
    PrimaryKeyToColumn, QueryResult,
};
use serde_json::{Map, Value};

use super::blame;
use super::columns::Columns;
use super::one_row::{OneRow, base, ordered, qualified};
use super::proposal::{Conflict, Proposal, ProposedAction, ProposedField, Untouched, WhyUntouched};
use super::select::{BEFORE, Reads};
use super::version::{Note, Reified, reified};
use crate::model::{Change, Operation, Surrogate};
use crate::query::sql::{self, Binds, CHANGE};
use crate::query::{self, relation};
use crate::spec::quote::{Ident, Literal};
use crate::trail::TRAIL;
use crate::{Audited, Error, TrailSource};

/// What a proposal is to bring back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// The row as it was after the change.
    After,
    /// The row as it was before the change.
    Before,
    /// What this change alone has replaced.
    Undo,
}

/// How a proposal is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) aim: Aim,
    /// Whether what does not fit today's table and Model may be left out.
    pub(super) lossy: bool,
}

/// Proposes, about the change of that time and number.
pub(super) async fn propose<E>(
    db: &impl TrailSource,
    change: (DateTime<Utc>, i64),
    wish: Wish,
) -> Result<Proposal<E>, Error>
where
    E: Audited<Model: IntoActiveModel<E::ActiveModel>>,
{
    let columns = Columns::<E>::new()?;
    let (text, binds) = statement(db, &columns, change, wish.aim)?;
    let rows = sql::all(db.connection(), text, binds).await?;
    let not_found =
        || Error::NotFound { what: format!("change {} of {}", change.1, columns.table()) };
    let row = rows.first().ok_or_else(not_found)?;
    if !row.try_get::<bool>("p:", "visible")? {
        return Err(not_found());
    }
    let facts = Facts::<E>::new(row)?;
    let mut proposal = match (wish.aim, facts.change.op) {
        (_, Operation::Truncate) => Err(refused(
            "a truncate does not store the rows that it removes; restore each of them as of a moment \
             before it",
        )),
        (Aim::Undo, Operation::Baseline) => {
            Err(refused("a baseline changed nothing: it says how the row stood"))
        }
        (Aim::After, Operation::Delete) => {
            Err(refused("the row was gone after this change; `undo` proposes to bring it back"))
        }
        (Aim::Before, Operation::Insert) => {
            Err(refused("the row was not there before this change; `undo` proposes to delete it"))
        }
        (Aim::Undo, Operation::Insert) => Ok(deletion(&columns, facts)),
        _ => image(&columns, row, facts, wish),
    }?;
    if !proposal.conflicts.is_empty() {
        name_the_last(db, &columns, row, &mut proposal).await?;
    }
    Ok(proposal)
}

fn refused(why: &str) -> Error {
    Error::NotRestorable(why.to_owned())
}

/// What the statement found, beside the image.
struct Facts<E: Audited> {
    change: Change,
    /// The row as it is now.
    current: Option<E::Model>,
    /// The same, as the trail would tell it.
    told: Map<String, Value>,
    proposed: Map<String, Value>,
    written: Map<String, Value>,
    /// The columns in which the image is not what the row holds now.
    differing: BTreeSet<String>,
    /// The columns in which the row does not hold what the change wrote.
    overwritten: BTreeSet<String>,
    /// The columns of which the database makes the values, and how.
    made: Map<String, Value>,
}

impl<E: Audited> Facts<E> {
    fn new(row: &QueryResult) -> Result<Self, Error> {
        let object = |column: &str| -> Result<Option<Map<String, Value>>, Error> {
            Ok(match query::document(row, "p:", column)? {
                Some(Value::Object(object)) => Some(object),
                _ => None,
            })
        };
        let names = |column: &str| -> Result<BTreeSet<String>, Error> {
            Ok(row.try_get::<Vec<String>>("p:", column)?.into_iter().collect())
        };
        let told = object("current")?;
        Ok(Self {
            change: query::change(row)?,
            current: match &told {
                Some(_) => Some(E::Model::from_query_result(row, "l:")?),
                None => None,
            },
            told: told.unwrap_or_default(),
            proposed: object("proposed")?.unwrap_or_default(),
            written: object("written")?.unwrap_or_default(),
            differing: names("differing")?,
            overwritten: names("overwritten")?,
            made: object("made")?.unwrap_or_default(),
        })
    }

    fn conflict(&self, column: &str) -> Conflict {
        Conflict {
            column: column.to_owned(),
            current: self.told.get(column).cloned(),
            written: self.written.get(column).cloned(),
            last: None,
        }
    }
}

/// To undo an insert.
fn deletion<E>(columns: &Columns<E>, facts: Facts<E>) -> Proposal<E>
where
    E: Audited<Model: IntoActiveModel<E::ActiveModel>>,
{
    // What the trail does not tell cannot be compared.
    let is_told = |name: &&String| {
        let stored = facts.change.data_after.as_ref().and_then(|row| row.get(*name));
        let column = E::Column::iter().find(|column| column.as_str() == name.as_str());
        column.is_none_or(|column| columns.kept_back(&column, stored).is_none())
    };
    let overwritten = facts.overwritten.iter().filter(is_told);
    let conflicts = overwritten.map(|column| facts.conflict(column)).collect();
    let fields = facts.told.iter().map(|(column, current)| ProposedField {
        column: column.clone(),
        current: Some(current.clone()),
        proposed: None,
    });
    let (fields, untouched) = (fields.collect(), Vec::new());
    match facts.current {
        Some(current) => Proposal {
            action: ProposedAction::Delete,
            model: current.into_active_model(),
            fields,
            conflicts,
            untouched,
        },
        None => Proposal {
            action: ProposedAction::Nothing,
            model: <E::ActiveModel as ActiveModelTrait>::default(),
            fields: Vec::new(),
            conflicts: Vec::new(),
            untouched,
        },
    }
}

/// To bring the row to its image.
fn image<E>(
    columns: &Columns<E>,
    row: &QueryResult,
    facts: Facts<E>,
    wish: Wish,
) -> Result<Proposal<E>, Error>
where
    E: Audited<Model: IntoActiveModel<E::ActiveModel>>,
{
    match (wish.aim, facts.change.op, &facts.current) {
        (Aim::Undo, Operation::Update, None) => {
            return Err(refused("the row is gone; undo its delete, or restore it, first"));
        }
        (Aim::Undo, Operation::Delete, Some(_)) => {
            return Err(refused(
                "there is a row with this key again; restore the version before the delete instead",
            ));
        }
        _ => {}
    }
    let (target, notes) = match reified(columns, &facts.change, row)? {
        Reified::Exact(target) => (target, Vec::new()),
        Reified::Lossy(target, notes) => (target, notes),
        Reified::Unreadable { why, .. } => return Err(Error::NotRestorable(why)),
        Reified::Absent(absence) => return Err(Error::NotRestorable(absence.to_string())),
    };
    let drift: Vec<&Note> = notes.iter().filter(|note| note.is_drift()).collect();
    if wish.aim != Aim::Undo && !wish.lossy && !drift.is_empty() {
        let why: Vec<String> = drift.iter().map(ToString::to_string).collect();
        return Err(Error::NotRestorable(format!(
            "{}; `restore_lossy` proposes the rest",
            why.join("; ")
        )));
    }
    let image = match query::document(row, "r:", "image")? {
        Some(Value::Object(image)) => image,
        _ => Map::new(),
    };
    let draft = Draft { columns, facts, image, notes, wish };
    Ok(draft.proposal(target))
}

/// A proposal in the making.
struct Draft<'a, E: Audited> {
    columns: &'a Columns<E>,
    facts: Facts<E>,
    image: Map<String, Value>,
    notes: Vec<Note>,
    wish: Wish,
}

impl<E> Draft<'_, E>
where
    E: Audited<Model: IntoActiveModel<E::ActiveModel>>,
{
    fn proposal(self, target: E::Model) -> Proposal<E> {
        let (mut model, is_insert) = match &self.facts.current {
            Some(current) => (current.clone().into_active_model(), false),
            None => (<E::ActiveModel as ActiveModelTrait>::default(), true),
        };
        let (mut fields, mut untouched) = (Vec::new(), self.beyond_the_model());
        for column in E::Column::iter().filter(|column| self.is_meant(column.as_str())) {
            let (name, is_key) = (column.as_str(), is_key::<E>(&column));
            if let Some(why) = self.why_untouched(&column) {
                if is_insert || !is_key {
                    untouched.push(Untouched { column: name.to_owned(), why });
                }
                if !(is_key && is_insert && why == WhyUntouched::Identity) {
                    continue;
                }
            }
            if is_insert || (!is_key && self.facts.differing.contains(name)) {
                model.set(column, target.get(column));
                fields.push(ProposedField {
                    column: name.to_owned(),
                    current: self.facts.told.get(name).cloned(),
                    proposed: self.facts.proposed.get(name).cloned(),
                });
            }
        }
        let conflicts = match self.wish.aim {
            Aim::Undo if !is_insert => self.conflicts(&fields),
            _ => Vec::new(),
        };
        let action = match (is_insert, fields.is_empty()) {
            (true, _) => ProposedAction::Insert,
            (false, false) => ProposedAction::Update,
            (false, true) => ProposedAction::Nothing,
        };
        Proposal { action, model, fields, conflicts, untouched }
    }

    /// Whether the proposal is about this column at all: to undo an update is about what it changed.
    fn is_meant(&self, column: &str) -> bool {
        let change = &self.facts.change;
        let is_partial = self.wish.aim == Aim::Undo && change.op == Operation::Update;
        !is_partial || change.changed_fields.iter().any(|name| name == column)
    }

    fn why_untouched(&self, column: &E::Column) -> Option<WhyUntouched> {
        let name = column.as_str();
        match self.facts.made.get(name).and_then(Value::as_str) {
            Some("generated") => return Some(WhyUntouched::Generated),
            Some(_) => return Some(WhyUntouched::Identity),
            None => {}
        }
        let stored = match (self.wish.aim, self.facts.change.op) {
            // Its image is made of the row as it is now, for what the update has not replaced.
            (Aim::Undo, Operation::Update) => {
                self.facts.change.changed_from.as_ref().and_then(|old| old.get(name))
            }
            _ => self.image.get(name),
        };
        if let Some(why) = self.columns.kept_back(column, stored) {
            return Some(why);
        }
        self.notes.iter().filter(|note| note.column() == name).find_map(|note| match note {
            Note::Recast { .. } if self.wish.aim != Aim::Undo => None,
            Note::NewerColumn { .. } => Some(WhyUntouched::NotRecorded),
            Note::DroppedColumn { .. } => Some(WhyUntouched::Dropped),
            Note::Recast { .. } | Note::Uncastable { .. } => Some(WhyUntouched::Unfit),
            Note::Hashed { .. } => Some(WhyUntouched::Hashed),
            Note::Truncated { .. } => Some(WhyUntouched::TooLarge),
            Note::MaskedParts { .. } | Note::Masked { .. } => Some(WhyUntouched::Masked),
        })
    }

    /// The stored columns that the Model has not, and that differ.
    fn beyond_the_model(&self) -> Vec<Untouched> {
        let is_beyond = |name: &&String| {
            self.is_meant(name) && !E::Column::iter().any(|column| column.as_str() == name.as_str())
        };
        let beyond = self.image.keys().filter(is_beyond).filter_map(|name| {
            let why = match self.facts.proposed.contains_key(name) {
                false => WhyUntouched::Dropped,
                true if self.facts.differing.contains(name) => WhyUntouched::NotOnModel,
                true => return None,
            };
            Some(Untouched { column: name.clone(), why })
        });
        beyond.collect()
    }

    fn conflicts(&self, fields: &[ProposedField]) -> Vec<Conflict> {
        let is_in_doubt = |column: &str| {
            let written = self.facts.change.data_after.as_ref().and_then(|row| row.get(column));
            self.facts.overwritten.contains(column)
                || written.is_none_or(|written| Surrogate::of(written).is_some())
        };
        let of_fields = fields.iter().filter(|field| is_in_doubt(&field.column));
        of_fields.map(|field| self.facts.conflict(&field.column)).collect()
    }
}

fn is_key<E: Audited>(column: &E::Column) -> bool {
    E::PrimaryKey::iter().any(|key| key.into_column().as_str() == column.as_str())
}

/// Says of each conflict who wrote last.
async fn name_the_last<E: Audited>(
    db: &impl TrailSource,
    columns: &Columns<E>,
    row: &QueryResult,
    proposal: &mut Proposal<E>,
) -> Result<(), Error> {
    let key: String = row.try_get("c:", "row_pk")?;
    let blame =
        blame::of_row(db, &OneRow::told(columns.table().clone(), None, key), columns).await?;
    for conflict in &mut proposal.conflicts {
        let blamed = blame.columns.iter().find(|blamed| blamed.column == conflict.column);
        conflict.last = blamed.and_then(|blamed| blamed.last.clone());
    }
    Ok(())
}

/// The change, the row as it is now, and the image that is to be brought back, compared on the server: there
/// 1.0 is 1.00 and a moment is the same in every time zone.
fn statement<E: Audited>(
    db: &impl TrailSource,
    columns: &Columns<E>,
    (captured_at, id): (DateTime<Utc>, i64),
    aim: Aim,
) -> Result<(String, Binds), Error> {
    let mut binds = Binds::default();
    let changes = relation::changes(db, &mut binds)?;
    let visible = relation::may_see(db, &mut binds, "n")?;
    let table = columns.table();
    let (at, id) = (binds.push(captured_at), binds.push(id));
    let (schema, name) = (binds.push(table.schema()), binds.push(table.name()));
    let reading = columns.reading(&mut binds);
    let written = columns.values_of("c.data_after", &mut binds);
    let same: Vec<String> = E::PrimaryKey::iter()
        .map(|key| format!("b.{0} = (w.whole).{0}", Ident(key.into_column().as_str())))
        .collect();
    let image = match aim {
        Aim::After => "p.data_after",
        Aim::Before => BEFORE,
        Aim::Undo => {
            "CASE p.op WHEN 'update' THEN l.told || p.changed_from \
                      WHEN 'delete' THEN p.changed_from END"
        }
    };
    let text = format!(
        "WITH p AS MATERIALIZED (SELECT c.* FROM {changes} WHERE c.captured_at = {at} AND c.id = {id}
            AND c.table_schema = {schema} AND c.table_name = {name}),
        w AS MATERIALIZED (SELECT ({TRAIL}.read_row({base}, p.row_pk)).whole FROM p
            WHERE p.row_pk IS NOT NULL),
        l AS MATERIALIZED (SELECT w.now AS whole, {TRAIL}.told_row(w.now) AS told
            FROM (SELECT (b.*)::{relation} AS now FROM {relation} b, w WHERE {same}) w)
        SELECT {CHANGE}, coalesce(n.visible, true) AS \"p:visible\", l.told::text AS \"p:current\",
            CASE WHEN c.image IS NOT NULL THEN {TRAIL}.told_row(r.whole)::text END AS \"p:proposed\",
            v.told::text AS \"p:written\",
            ARRAY(SELECT e.key FROM jsonb_each({TRAIL}.told_row(r.whole)) e
                WHERE l.told -> e.key IS DISTINCT FROM e.value) AS \"p:differing\",
            ARRAY(SELECT e.key FROM jsonb_each(v.told) e
                WHERE c.data_after ? e.key AND l.told -> e.key IS DISTINCT FROM e.value)
                AS \"p:overwritten\",
            (SELECT jsonb_object_agg(a.attname,
                    CASE a.attidentity WHEN 'a' THEN 'identity' ELSE 'generated' END)::text
                FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = {regclass}::regclass AND a.attnum > 0 AND NOT a.attisdropped
                  AND (a.attgenerated <> '' OR a.attidentity = 'a')) AS \"p:made\",
            {live}, {list}
        FROM (SELECT p.*, {image} AS image FROM p LEFT JOIN l ON true) c
        LEFT JOIN LATERAL (SELECT {visible} AS visible FROM (
            SELECT c.captured_at, c.id FROM {every}
            WHERE c.row_hash = (SELECT p.row_hash FROM p) AND c.row_pk = (SELECT p.row_pk FROM p)
              AND c.table_schema = {schema} AND c.table_name = {name} {newest}) n) n ON true
        LEFT JOIN l ON true
        {join}
        LEFT JOIN LATERAL (SELECT {TRAIL}.told_row(({TRAIL}.read_row({base}, {written})).whole) AS told
            WHERE c.data_after IS NOT NULL) v ON true",
        base = base(table),
        relation = qualified(table),
        regclass = Literal(&qualified(table)),
        same = same.join(" AND "),
        live = columns.select_list("l.whole", None, "l:"),
        list = reading.list,
        join = reading.join,
        every = relation::every_change(),
        newest = ordered(false, Some(1)),
    );
    Ok((text, binds))
}
