//! One table as it stood: the SELECT that takes its place.

use serde_json::{Map, Value};

use super::Mode;
use crate::audited::{Shape, ShapeColumn};
use crate::spec::quote::{Ident, Literal};
use crate::spec::{Redaction, TableName, TableSpec};
use crate::trail::TRAIL;

/// A table, and how it is to be read.
pub(super) struct PastTable<'r> {
    pub(super) spec: &'r TableSpec,
    /// What its entity says; `None` if it has none.
    pub(super) shape: Option<&'r Shape>,
    /// The parameter that holds the moment, as `$3::timestamptz`.
    pub(super) at: &'r str,
    pub(super) mode: Mode,
}

/// The keys of the rows that matter.
pub(super) enum Keys<'r> {
    /// These: each has one SQL expression for each column of the key.
    Told(&'r [Vec<String>]),
    /// Those in these columns of another CTE.
    In { cte: &'r str, columns: &'r [String] },
}

impl PastTable<'_> {
    /// The rows of the moment, with the columns of the table. With keys only the rows that have one of them.
    pub(super) fn select(&self, keys: Option<&Keys<'_>>) -> String {
        // Of one key, that is asked before anything is looked for.
        let since = match keys {
            Some(Keys::Told([_])) => String::new(),
            keys => format!(" AND {} IS NOT NULL", self.since(keys.is_some())),
        };
        let record = match self.mode {
            Mode::Strict => {
                format!("jsonb_populate_record({}, {})", self.base(), self.image())
            }
            Mode::Lossy => self.lossy_record(),
        };
        format!(
            "SELECT {columns} FROM {changes} c \
             CROSS JOIN LATERAL (SELECT {record} AS rec OFFSET 0) r \
             WHERE c.op <> 'delete'{since}",
            columns = self.columns(),
            changes = self.newest(keys),
        )
    }

    /// What of the rows of the moment cannot be read exactly, ready for one more condition.
    pub(super) fn losses(&self) -> String {
        let columns = self.shape.iter().flat_map(|shape| &shape.columns);
        let required: Vec<&ShapeColumn> = columns.filter(|column| column.required).collect();
        let names = |of_image: bool| {
            let names = required.iter().filter(|column| self.is_text_in_place(column) == of_image);
            names.map(|column| Literal(&column.name).to_string()).collect::<Vec<_>>().join(", ")
        };
        format!(
            "SELECT c.row_pk::text AS row_pk, c.captured_at, n.name AS \"column\", \
                n.note::text AS note \
             FROM {changes} c CROSS JOIN LATERAL {TRAIL}.read_row({base}, {image}) r \
             CROSS JOIN LATERAL (\
                SELECT e.key AS name, e.value AS note FROM jsonb_each(r.notes) e \
                WHERE e.value ->> 'kind' <> 'dropped' UNION ALL \
                SELECT q.name, '{{}}' FROM unnest(ARRAY[{read}]::text[]) q (name) \
                WHERE to_jsonb(r.whole) ->> q.name IS NULL AND NOT r.notes ? q.name UNION ALL \
                SELECT q.name, '{{}}' FROM unnest(ARRAY[{in_place}]::text[]) q (name) \
                WHERE c.data_after ->> q.name IS NULL) n \
             WHERE c.op <> 'delete' AND {since} IS NOT NULL",
            since = self.since(false),
            changes = self.newest(None),
            base = self.base(),
            image = self.image(),
            read = names(false),
            in_place = names(true),
        )
    }

    /// Whether a column is read out of the image: what is stored is another text than its own, and may be
    /// too long for its type.
    fn is_text_in_place(&self, column: &ShapeColumn) -> bool {
        let stores_text = |redaction: &Redaction| {
            matches!(redaction, Redaction::Mask { .. } | Redaction::Hash { .. })
        };
        column.is_text && self.redaction(&column.name).is_some_and(stores_text)
    }

    fn redaction(&self, column: &str) -> Option<&Redaction> {
        let mut redactions = self.spec.redactions().iter();
        redactions.find(|(name, _)| name.as_str() == column).map(|(_, redaction)| redaction)
    }

    fn table(&self) -> &TableName {
        self.spec.table()
    }

    fn relation(&self) -> String {
        format!("{}.{}", Ident(self.table().schema()), Ident(self.table().name()))
    }

    /// The names of the table as two literals.
    pub(super) fn names(&self) -> (String, String) {
        (Literal(self.table().schema()).to_string(), Literal(self.table().name()).to_string())
    }

    /// The record that a row begins as. It comes out of the table and not out of a cast, so that a
    /// statement prepared before an ALTER TABLE is planned again.
    fn base(&self) -> String {
        let empty = format!("(SELECT (t.*)::{0} FROM {0} t LIMIT 0)", self.relation());
        let stand_ins = self.stand_ins();
        if stand_ins.is_empty() {
            return empty;
        }
        let stand_ins = Value::Object(stand_ins).to_string();
        format!("(SELECT jsonb_populate_record({empty}, {}::jsonb))", Literal(&stand_ins))
    }

    fn stand_ins(&self) -> Map<String, Value> {
        let columns = self.shape.iter().flat_map(|shape| &shape.columns);
        let pairs =
            columns.filter_map(|column| Some((column.name.clone(), column.stand_in.clone()?)));
        pairs.collect()
    }

    /// Reads what does not fit as nothing, and what has to be there as nothing of its type.
    fn lossy_record(&self) -> String {
        let columns = self.shape.iter().flat_map(|shape| &shape.columns);
        let required: Vec<String> = columns
            .filter(|column| column.required)
            .map(|column| Literal(&column.name).to_string())
            .collect();
        format!(
            "{TRAIL}.lossy_row((SELECT {TRAIL}.zero_row({}, ARRAY[{required}]::text[])), {}, \
             ARRAY[{required}]::text[])",
            self.base(),
            self.image(),
            required = required.join(", "),
        )
    }

    /// The image of a row without what stands in place of a value.
    fn image(&self) -> String {
        let masked: Vec<String> = (self.spec.redactions().iter())
            .filter(|(name, redaction)| {
                let in_place = |column| self.is_text_in_place(column);
                self.column(name.as_str()).is_some_and(in_place)
                    || matches!(redaction, Redaction::Mask { .. })
            })
            .map(|(name, _)| Literal(name.as_str()).to_string())
            .collect();
        let image = match masked.as_slice() {
            [] => "c.data_after".to_owned(),
            masked => format!("(c.data_after - ARRAY[{}]::text[])", masked.join(", ")),
        };
        if self.spec.redactions().is_empty() && self.spec.limits().is_empty() {
            return image;
        }
        let (places, test) = self.placeholders();
        format!(
            "CASE WHEN jsonb_path_exists({image}, {test}) \
             THEN {TRAIL}.without_surrogates({image}, {places}::jsonb) ELSE {image} END",
            test = Literal(&test),
            places = Literal(&places),
        )
    }

    /// What each column reads as that is masked without having been declared so, and a path that finds
    /// anything that may stand in place of a value.
    fn placeholders(&self) -> (String, String) {
        let mut of_columns = Map::new();
        for column in self.shape.iter().flat_map(|shape| &shape.columns) {
            let placeholder = match self.redaction(&column.name) {
                Some(Redaction::Exclude | Redaction::Mask { .. }) => continue,
                Some(redaction) => redaction.placeholder().map(ToString::to_string),
                None if self.spec.redactions().is_empty() => continue,
                None => Some(crate::Placeholder::default().to_string()),
            };
            if let Some(placeholder) = placeholder.filter(|_| !column.is_text) {
                of_columns.insert(column.name.clone(), placeholder.into());
            }
        }
        let mut tests =
            vec!["@ starts with \"hmac:\"".to_owned(), "exists (@.\"$truncated\")".to_owned()];
        tests.extend(of_columns.values().map(|text| format!("@ == {text}")));
        tests.sort();
        tests.dedup();
        (Value::Object(of_columns).to_string(), format!("$.* ? ({})", tests.join(" || ")))
    }

    fn column(&self, name: &str) -> Option<&ShapeColumn> {
        self.shape?.columns.iter().find(|column| column.name == name)
    }

    /// The columns that come out. A table without an entity gives what it has.
    fn columns(&self) -> String {
        let Some(shape) = self.shape else { return "(r.rec).*".to_owned() };
        let columns = shape
            .columns
            .iter()
            .map(|column| format!("{} AS {}", self.value(column), Ident(&column.name)));
        columns.collect::<Vec<_>>().join(", ")
    }

    /// A column's value. One that a Model cannot do without is never null: SeaORM takes a joined Model
    /// that it cannot read for one that is not there.
    fn value(&self, column: &ShapeColumn) -> String {
        let (ident, literal) = (Ident(&column.name), Literal(&column.name));
        let is_text = self.is_text_in_place(column);
        let value = match is_text {
            true => format!("(c.data_after ->> {literal})"),
            false => format!("(r.rec).{ident}"),
        };
        if !column.required {
            return value;
        }
        let mut values = vec![value.clone()];
        match (&column.stand_in, is_text) {
            (Some(Value::String(text)), true) => values.push(Literal(text).to_string()),
            (Some(_), false) => values.push(format!("({}).{ident}", self.base())),
            _ => {}
        }
        let (schema, name) = self.names();
        values.push(format!(
            "{TRAIL}.past_drift({value}, {schema}, {name}, {literal}, c.row_pk, c.captured_at)"
        ));
        format!("COALESCE({})", values.join(", "))
    }
}
