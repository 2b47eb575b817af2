//! What is declared about one audited table.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{CaptureMode, ColumnName, Placeholder, Redaction, SpecProblem, TableName};

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
            quiet: BTreeSet::new(),
            key: None,
            capture_noop: false,
            mode: CaptureMode::Auto,
            overruled: BTreeSet::new(),
        }
    }

    /// Leaves `column` out of the trail.
    #[must_use]
    pub fn exclude(mut self, column: ColumnName) -> Self {
        if let Some(Redaction::Mask { .. }) = self.redactions.get(&column) {
            self.overruled.insert(SpecProblem::ExcludedAndMasked(column.clone()));
        }
        self.redactions.insert(column, Redaction::Exclude);
        self
    }

    /// Stores `placeholder` instead of the values of `column`.
    #[must_use]
    pub fn mask(mut self, column: ColumnName, placeholder: Placeholder) -> Self {
        match self.redactions.get(&column) {
            Some(Redaction::Exclude) => {
                self.overruled.insert(SpecProblem::ExcludedAndMasked(column));
            }
            Some(Redaction::Mask { placeholder: other }) if *other != placeholder => {
                self.overruled.insert(SpecProblem::TwoPlaceholders(column));
            }
            _ => {
                self.redactions.insert(column, Redaction::Mask { placeholder });
            }
        }
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
