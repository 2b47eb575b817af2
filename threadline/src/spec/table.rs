//! What is declared about one audited table.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::{CaptureMode, ColumnName, JsonPath, Placeholder, Redaction, SpecProblem, TableName};

/// What is declared about one audited table: redaction and capture options by column name.
///
/// Contradictions do not stop the building; [`validate`](Self::validate) returns all of them.
///
/// ```
/// use threadline::spec::{ColumnName, Placeholder, TableName, TableSpec};
///
/// let users = TableSpec::new(TableName::parse("users")?)
///     .exclude(ColumnName::new("password_hash")?)
///     .mask(ColumnName::new("tax_number")?, Placeholder::default());
/// assert_eq!(users.redactions().len(), 2);
/// assert!(users.validate().is_ok());
/// # Ok::<(), threadline::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    table: TableName,
    redactions: BTreeMap<ColumnName, Redaction>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    limits: BTreeMap<ColumnName, NonZeroU32>,
    quiet: BTreeSet<ColumnName>,
    key: Option<Vec<ColumnName>>,
    capture_noop: bool,
    #[serde(default, skip_serializing_if = "CaptureMode::is_auto")]
    mode: CaptureMode,
    /// What the fields above can no longer show, because the stronger declaration was kept.
    #[serde(skip)]
    overruled: BTreeSet<SpecProblem>,
}

impl TableSpec {
    /// `table`, audited with every column as it is.
    pub fn new(table: TableName) -> Self {
        Self {
            table,
            redactions: BTreeMap::new(),
            limits: BTreeMap::new(),
            quiet: BTreeSet::new(),
            key: None,
            capture_noop: false,
            mode: CaptureMode::Auto,
            overruled: BTreeSet::new(),
        }
    }

    /// Leaves `column` out of the trail.
    #[must_use]
    pub fn exclude(self, column: ColumnName) -> Self {
        self.redact(column, Redaction::Exclude)
    }

    /// Stores `placeholder` instead of the values of `column`.
    #[must_use]
    pub fn mask(self, column: ColumnName, placeholder: Placeholder) -> Self {
        self.redact(column, Redaction::Mask { placeholder })
    }

    /// Stores a keyed hash of the values of `column` instead of them, or `placeholder` if the
    /// database has lost the key.
    ///
    /// Equal texts of one column have equal hashes. Those of two columns have not, so that nobody who
    /// may write the one can try out values for the other.
    #[must_use]
    pub fn hash(self, column: ColumnName, placeholder: Placeholder) -> Self {
        self.redact(column, Redaction::Hash { placeholder })
    }

    /// Stores the documents of `column`, which is `json` or `jsonb`, with `placeholder` in place of
    /// what is at `paths`.
    #[must_use]
    pub fn mask_json(
        self,
        column: ColumnName,
        paths: impl IntoIterator<Item = JsonPath>,
        placeholder: Placeholder,
    ) -> Self {
        let paths: BTreeSet<JsonPath> = paths.into_iter().collect();
        self.redact(column, Redaction::MaskJson { paths: paths.into_iter().collect(), placeholder })
    }

    /// Stores size and SHA-256 of a value of `column` that has more than `bytes` bytes, instead of
    /// it. This saves space and is no redaction: whoever guesses a value can tell that it was it.
    #[must_use]
    pub fn max_bytes(mut self, column: ColumnName, bytes: NonZeroU32) -> Self {
        match self.limits.get(&column) {
            Some(limit) if *limit != bytes => {
                self.overruled.insert(SpecProblem::TwoLimits(column));
            }
            _ => {
                self.limits.insert(column, bytes);
            }
        }
        self
    }

    /// Of two redactions of one column the stronger holds, and the contradiction is kept.
    pub(crate) fn redact(mut self, column: ColumnName, redaction: Redaction) -> Self {
        let redaction = match self.redactions.remove(&column) {
            None => redaction.tidied(),
            Some(earlier) => {
                self.overruled.extend(contradiction(&column, &earlier, &redaction));
                earlier.and(redaction)
            }
        };
        self.redactions.insert(column, redaction);
        self
    }

    /// Stores `column`, but records no change when an update changes nothing but quiet columns.
    #[must_use]
    pub fn quieten(mut self, column: ColumnName) -> Self {
        self.quiet.insert(column);
        self
    }

    /// Tells the rows apart by `columns`, for a table without a primary key. There must be a unique
    /// index over exactly these columns, and none of them may be null.
    #[must_use]
    pub fn keyed_by(mut self, columns: Vec<ColumnName>) -> Self {
        self.key = Some(columns);
        self
    }

    /// Records an update that changes nothing, too.
    #[must_use]
    pub fn capture_noop(mut self) -> Self {
        self.capture_noop = true;
        self
    }

    /// Captures by `mode` instead of what the table's triggers and kind ask for.
    #[must_use]
    pub fn in_mode(mut self, mode: CaptureMode) -> Self {
        self.mode = mode;
        self
    }

    /// The table.
    pub fn table(&self) -> &TableName {
        &self.table
    }

    /// The columns that are not stored as they are.
    pub fn redactions(&self) -> &BTreeMap<ColumnName, Redaction> {
        &self.redactions
    }

    /// The columns of which a value that has more than so many bytes is not stored.
    pub fn limits(&self) -> &BTreeMap<ColumnName, NonZeroU32> {
        &self.limits
    }

    /// The columns that are stored, but are no reason to record a change.
    pub fn quiet(&self) -> &BTreeSet<ColumnName> {
        &self.quiet
    }

    /// The declared key; `None` means the primary key of the catalog.
    pub fn key(&self) -> Option<&[ColumnName]> {
        self.key.as_deref()
    }

    /// Whether an update that changes nothing is recorded.
    pub fn captures_noop(&self) -> bool {
        self.capture_noop
    }

    /// How its writes are to be captured.
    pub fn mode(&self) -> CaptureMode {
        self.mode
    }

    /// Checks that the declarations do not contradict each other.
    ///
    /// # Errors
    ///
    /// Every contradiction, sorted.
    pub fn validate(&self) -> Result<(), Vec<SpecProblem>> {
        let mut problems = self.overruled.clone();
        let excluded =
            |column: &&ColumnName| self.redactions.get(*column) == Some(&Redaction::Exclude);
        let quiet = self.quiet.iter().filter(excluded).cloned();
        problems.extend(quiet.map(SpecProblem::QuietAndExcluded));
        for (column, redaction) in &self.redactions {
            check_paths(column, redaction, &mut problems);
        }
        self.check_limits(&mut problems);
        self.check_key(&mut problems);
        if problems.is_empty() { Ok(()) } else { Err(problems.into_iter().collect()) }
    }

    fn check_key(&self, problems: &mut BTreeSet<SpecProblem>) {
        let Some(key) = &self.key else { return };
        if key.is_empty() {
            problems.insert(SpecProblem::EmptyKey);
        }
        for (position, column) in key.iter().enumerate() {
            if key[..position].contains(column) {
                problems.insert(SpecProblem::RepeatedKeyColumn(column.clone()));
            }
            if self.redactions.contains_key(column) {
                problems.insert(SpecProblem::RedactedKey(column.clone()));
            }
            if self.limits.contains_key(column) {
                problems.insert(SpecProblem::LimitedKey(column.clone()));
            }
        }
    }

    fn check_limits(&self, problems: &mut BTreeSet<SpecProblem>) {
        for column in self.limits.keys() {
            match self.redactions.get(column) {
                None | Some(Redaction::MaskJson { .. }) => {}
                Some(other) => {
                    let (column, redacted) = (column.clone(), other.participle());
                    problems.insert(SpecProblem::LimitedAndRedacted { column, redacted });
                }
            }
        }
    }
}

/// What is wrong with declaring both of one column.
fn contradiction(column: &ColumnName, one: &Redaction, other: &Redaction) -> Option<SpecProblem> {
    let column = column.clone();
    if one == other {
        return None;
    }
    if std::mem::discriminant(one) == std::mem::discriminant(other) {
        let same = one.placeholder() == other.placeholder();
        return (!same).then_some(SpecProblem::TwoPlaceholders(column));
    }
    let (stronger, weaker) = if one.is_weaker_than(other) { (other, one) } else { (one, other) };
    Some(match (stronger, weaker) {
        (Redaction::Exclude, Redaction::Mask { .. }) => SpecProblem::ExcludedAndMasked(column),
        _ => SpecProblem::TwoRedactions {
            column,
            stronger: stronger.participle(),
            weaker: weaker.participle(),
        },
    })
}

fn check_paths(column: &ColumnName, redaction: &Redaction, problems: &mut BTreeSet<SpecProblem>) {
    let Redaction::MaskJson { paths, .. } = redaction else { return };
    if paths.is_empty() {
        problems.insert(SpecProblem::NoPath(column.clone()));
    }
    for (position, one) in paths.iter().enumerate() {
        // They are sorted, so a path comes before what lies within it.
        for other in &paths[position + 1..] {
            if one.covers(other) || one.contradicts(other) {
                let (column, one, other) = (column.clone(), one.clone(), other.clone());
                problems.insert(SpecProblem::ClashingPaths { column, one, other });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str) -> ColumnName {
        ColumnName::new(name).unwrap()
    }

    fn users() -> TableSpec {
        TableSpec::new(TableName::parse("users").unwrap())
    }

    fn stars() -> Placeholder {
        Placeholder::new("***").unwrap()
    }

    #[test]
    fn every_contradiction_is_returned() {
        let spec = users()
            .mask(column("a"), stars())
            .exclude(column("a"))
            .quieten(column("a"))
            .mask(column("b"), stars())
            .mask(column("b"), Placeholder::default())
            .exclude(column("id"))
            .keyed_by(vec![column("id"), column("id")]);
        let expected = vec![
            SpecProblem::ExcludedAndMasked(column("a")),
            SpecProblem::TwoPlaceholders(column("b")),
            SpecProblem::QuietAndExcluded(column("a")),
            SpecProblem::RedactedKey(column("id")),
            SpecProblem::RepeatedKeyColumn(column("id")),
        ];
        assert_eq!(spec.validate(), Err(expected));
        assert_eq!(users().keyed_by(vec![]).validate(), Err(vec![SpecProblem::EmptyKey]));
    }

    #[test]
    fn of_two_redactions_the_stronger_holds() {
        for spec in [
            users().exclude(column("a")).mask(column("a"), stars()),
            users().mask(column("a"), stars()).exclude(column("a")),
        ] {
            assert_eq!(spec.redactions()[&column("a")], Redaction::Exclude);
            assert!(spec.validate().is_err());
        }
    }

    fn paths(text: &str) -> Vec<JsonPath> {
        JsonPath::parse_list(text).unwrap()
    }

    fn bytes(limit: u32) -> NonZeroU32 {
        NonZeroU32::new(limit).unwrap()
    }

    #[test]
    fn every_contradiction_of_the_finer_redactions_is_returned() {
        let path = |text: &str| JsonPath::parse(text).unwrap();
        let spec = users()
            .hash(column("a"), stars())
            .mask(column("a"), stars())
            .max_bytes(column("a"), bytes(9))
            .mask_json(column("b"), paths("x, x.y"), stars())
            .mask_json(column("b"), paths("z.*, z.k"), stars())
            .mask_json(column("c"), [], stars())
            .max_bytes(column("c"), bytes(9))
            .max_bytes(column("c"), bytes(8))
            .max_bytes(column("id"), bytes(9))
            .keyed_by(vec![column("id")]);
        let clash = |one: &str, other: &str| SpecProblem::ClashingPaths {
            column: column("b"),
            one: path(one),
            other: path(other),
        };
        let mut expected = vec![
            SpecProblem::TwoRedactions {
                column: column("a"),
                stronger: "masked",
                weaker: "hashed",
            },
            SpecProblem::LimitedAndRedacted { column: column("a"), redacted: "masked" },
            clash("x", "x.y"),
            clash("z.k", "z.*"),
            SpecProblem::NoPath(column("c")),
            SpecProblem::TwoLimits(column("c")),
            SpecProblem::LimitedKey(column("id")),
        ];
        expected.sort();
        assert_eq!(spec.validate(), Err(expected));
        assert!(matches!(spec.redactions()[&column("a")], Redaction::Mask { .. }));
    }

    #[test]
    fn a_document_can_be_masked_in_parts_and_limited_and_is_stored_and_read_back() {
        let spec = users()
            .mask_json(column("doc"), paths("a.b"), stars())
            .mask_json(column("doc"), paths("c.*.d, a.b"), stars())
            .max_bytes(column("doc"), bytes(100))
            .hash(column("email"), stars());
        assert_eq!(spec.validate(), Ok(()));
        let stored = serde_json::to_value(&spec).unwrap();
        assert_eq!(stored["limits"], serde_json::json!({"doc": 100}));
        assert_eq!(
            stored["redactions"],
            serde_json::json!({
                "doc": {"mask_json": {"paths": ["a.b", "c.*.d"], "placeholder": "***"}},
                "email": {"hash": {"placeholder": "***"}},
            })
        );
        assert_eq!(serde_json::from_value::<TableSpec>(stored).unwrap(), spec);
    }

    #[test]
    fn saying_the_same_twice_is_no_contradiction() {
        let spec = users().mask(column("a"), stars()).mask(column("a"), stars());
        assert_eq!(spec.quieten(column("a")).validate(), Ok(()));
    }

    #[test]
    fn it_is_stored_and_read_back() {
        let spec = users()
            .exclude(column("hash"))
            .mask(column("tax"), stars())
            .quieten(column("seen"))
            .keyed_by(vec![column("id")])
            .capture_noop();
        let stored = serde_json::to_value(&spec).unwrap();
        assert_eq!(
            stored,
            serde_json::json!({
                "table": {"schema": "public", "name": "users"},
                "redactions": {"hash": "exclude", "tax": {"mask": {"placeholder": "***"}}},
                "quiet": ["seen"],
                "key": ["id"],
                "capture_noop": true,
            })
        );
        assert_eq!(serde_json::from_value::<TableSpec>(stored).unwrap(), spec);
    }

    #[test]
    fn a_stored_policy_with_something_unknown_is_not_half_understood() {
        let mut stored = serde_json::to_value(users()).unwrap();
        stored["redactions"]["a"] = "scramble".into();
        assert!(serde_json::from_value::<TableSpec>(stored.clone()).is_err());
        stored["redactions"] = serde_json::json!({});
        stored["also"] = true.into();
        assert!(serde_json::from_value::<TableSpec>(stored).is_err());
    }
}
