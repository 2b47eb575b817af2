//! What is stored of a single value.
//!
//! Every expression but the shortest ones works on `jsonb`, so that a value is stored as the same thing
//! whether its column is named or found in the image of a row.

use threadline::spec::quote::{Ident, Literal};
use threadline::trail::TRAIL;
use threadline::{JsonPath, Redaction};

use super::Capture;
use crate::shape::CatalogColumn;

const BYTEA: u32 = 17;
/// Types whose size is known without making `jsonb` of the value.
const SIZED: [u32; 3] = [BYTEA, 25, 1043];

impl Capture<'_> {
    /// What is stored of a column's value in a row with typed columns.
    pub(super) fn stored(&self, column: &CatalogColumn, row: &str) -> String {
        let name = Ident(column.name.as_str());
        let is_whole = !self.spec.limits().contains_key(&column.name);
        match self.spec.redactions().get(&column.name) {
            Some(Redaction::Mask { placeholder }) => {
                format!("{}::text", Literal(placeholder.as_str()))
            }
            None if is_whole && column.may_hold_json => json_image(column, row),
            None if is_whole => format!("{row}.{name}"),
            None if SIZED.contains(&column.type_oid) => format!(
                "CASE WHEN octet_length({row}.{name}) > {} THEN {} ELSE to_jsonb({row}.{name}) END",
                self.spec.limits()[&column.name],
                self.treated(column, &format!("to_jsonb({row}.{name})")),
            ),
            _ if column.may_hold_json => self.treated(column, &json_image(column, row)),
            _ => self.treated(column, &format!("to_jsonb({row}.{name})")),
        }
    }

    /// The branches of a CASE for each `e.key` whose `e.value` is stored neither as it is nor as a
    /// placeholder, beginning with a space.
    pub(super) fn treated_values(&self) -> String {
        let is_treated = |column: &&CatalogColumn| {
            self.spec.limits().contains_key(&column.name)
                || matches!(
                    self.spec.redactions().get(&column.name),
                    Some(Redaction::Hash { .. } | Redaction::MaskJson { .. })
                )
        };
        // What is not known to be the declared column goes on to the placeholders.
        let trusted = if self.redacts() { " AND e.key = ANY (capture.trusted)" } else { "" };
        let branches = self.shape.columns.iter().filter(is_treated).map(|column| {
            let name = Literal(column.name.as_str());
            format!(" WHEN e.key = {name}{trusted} THEN {}", self.treated(column, "e.value"))
        });
        branches.collect()
    }

    /// What is stored of `value`, which is `jsonb`.
    fn treated(&self, column: &CatalogColumn, value: &str) -> String {
        let treated = match self.spec.redactions().get(&column.name) {
            Some(Redaction::Hash { placeholder }) => format!(
                "{TRAIL}.keyed_hash({value}, {}, \
                 (SELECT ARRAY[k.inner_pad, k.outer_pad] FROM {TRAIL}.hash_keys k \
                 ORDER BY k.made_at LIMIT 1), {})",
                Literal(&self.hashed_name(column)),
                Literal(placeholder.as_str()),
            ),
            Some(Redaction::MaskJson { paths, placeholder }) => {
                let placeholder = Literal(placeholder.as_str());
                // What a path has masked wholly has no form that the next one expects.
                paths.iter().fold(value.to_owned(), |value, path| {
                    let steps = steps(path);
                    format!(
                        "coalesce({TRAIL}.mask_path({value}, {steps}, {placeholder}), \
                         to_jsonb({placeholder}::text))"
                    )
                })
            }
            _ => value.to_owned(),
        };
        match self.spec.limits().get(&column.name) {
            Some(limit) => {
                format!("{TRAIL}.bounded({treated}, {limit}, {})", column.type_oid == BYTEA)
            }
            None => treated,
        }
    }

    /// The name that goes into a column's hashes, so that no two columns have a hash in common.
    fn hashed_name(&self, column: &CatalogColumn) -> String {
        let table = &self.shape.table;
        let column = Ident(column.name.as_str());
        format!("{}.{}.{column}", Ident(table.schema()), Ident(table.name()))
    }
}

fn json_image(column: &CatalogColumn, row: &str) -> String {
    format!("{TRAIL}.json_image(to_json({row}.{}))", Ident(column.name.as_str()))
}

/// A path as `ARRAY['contacts', NULL, 'phone']::text[]`.
fn steps(path: &JsonPath) -> String {
    let steps = path.steps().map(|step| match step {
        Some(key) => Literal(key).to_string(),
        None => "NULL".to_owned(),
    });
    format!("ARRAY[{}]::text[]", steps.collect::<Vec<_>>().join(", "))
}
