//! What an update changed.

use threadline::spec::quote::Literal;

use super::Capture;
use crate::render::compare::differs;
use crate::render::quote::name_array;
use crate::shape::CatalogColumn;

/// Whether two documents differ. Their own equality is looser: to it 1.0 and 1.00 are the same.
pub(super) fn json_differs(left: &str, right: &str) -> String {
    format!("ROW({left})::record *<> ROW({right})::record")
}

impl Capture<'_> {
    /// `fields` and `before` of `x.jo` against `x.jn`, whatever the columns.
    pub(super) fn json_difference(&self) -> String {
        let visible = match self.excluded() {
            excluded if excluded.is_empty() => String::new(),
            excluded => format!(" AND e.key <> ALL ({})", name_array(excluded)),
        };
        format!(
            "SELECT coalesce(jsonb_object_agg(e.key, {value}), '{{}}') AS before,
        coalesce(array_agg(e.key ORDER BY array_position({columns}, e.key)), '{{}}') AS fields
    FROM jsonb_each(x.jo) e WHERE {differs}{visible}",
            value = self.redacted_value(),
            columns = name_array(self.shape.columns.iter().map(|column| &column.name)),
            differs = json_differs("x.jn -> e.key", "e.value"),
        )
    }

    pub(super) fn visible(&self) -> Vec<&CatalogColumn> {
        let excluded = self.excluded();
        self.shape.columns.iter().filter(|c| !excluded.contains(&&c.name)).collect()
    }

    pub(super) fn typed_fields(&self) -> String {
        let cases: Vec<String> = self
            .visible()
            .into_iter()
            .map(|column| {
                let name = Literal(column.name.as_str());
                format!("CASE WHEN {} THEN {name} END", differs(column, "o", "n"))
            })
            .collect();
        format!("array_remove(ARRAY[{}]::text[], NULL)", cases.join(",\n        "))
    }

    pub(super) fn typed_before(&self) -> String {
        let cases: Vec<String> = self
            .visible()
            .into_iter()
            .map(|column| {
                let name = Literal(column.name.as_str());
                let old = self.stored(column, "o");
                let changed = differs(column, "o", "n");
                format!(
                    "CASE WHEN {changed} THEN jsonb_build_object({name}, {old}) ELSE '{{}}' END"
                )
            })
            .collect();
        cases.join("\n        || ")
    }

    /// The condition that keeps an update whose only change may be in quiet columns, as json.
    pub(super) fn keep_json(&self, old: &str, new: &str) -> Option<String> {
        let quiet = self.spec.quiet();
        (!quiet.is_empty() && !self.spec.captures_noop()).then(|| {
            let quiet = name_array(quiet);
            json_differs(&format!("{old} - {quiet}"), &format!("{new} - {quiet}"))
        })
    }

    pub(super) fn keep_typed(&self, old_gone: &str, new_gone: &str) -> String {
        format!("{old_gone} OR {new_gone} OR {}", self.changed_typed())
    }

    /// Whether an update of a row counts: the stored image differs, or a column that is not quiet.
    pub(super) fn changed_typed(&self) -> String {
        if self.spec.captures_noop() {
            return "true".to_owned();
        }
        if self.spec.quiet().is_empty() {
            return "o.* *<> n.*".to_owned();
        }
        let loud = self.shape.columns.iter().filter(|c| !self.spec.quiet().contains(&c.name));
        loud.map(|column| differs(column, "o", "n")).collect::<Vec<_>>().join(" OR ")
    }
}
