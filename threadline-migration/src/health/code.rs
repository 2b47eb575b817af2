//! What can be found, as words that stay the same.

use std::fmt;

use serde::Serialize;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// Writes go unrecorded, are recorded wrongly, or the trail can be changed by who must not.
    Error,
    /// Nothing is lost yet, or what is lost is not certain: look at it soon.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// The word for it, in small letters, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Declares the codes: name, word, severity, and whether writes may go unrecorded.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $severity:ident $(, $loses:ident)?;)*) => {
        /// What kind of thing was found. The word of each, in [`as_str`](Self::as_str) and in JSON, never
        /// changes; new ones are added. `docs/health.md` has a section on each.
        ///
        /// ```
        /// use threadline_migration::health::{Code, Severity};
        ///
        /// assert_eq!(Code::PkDrift.as_str(), "pk_drift");
        /// assert_eq!(Code::PkDrift.severity(), Severity::Error);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word for it: `capture_trigger_disabled`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// How much it matters.
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// Whether writes of the table may go unrecorded while this stands.
            pub fn loses_writes(self) -> bool {
                match self { $(Self::$name => false $(|| codes!(@$loses))?,)* }
            }
        }
    };
    (@loses) => { true };
}

codes! {
    /// The database does not have the schema of the trail.
    SchemaMissing = "schema_missing", Error, loses;
    /// A newer version of this crate has installed the schema of the trail.
    NewerSchema = "newer_schema", Error;
    /// A function that all audited tables share is not there.
    MissingFunction = "missing_function", Error;
    /// A function that all audited tables share is not the one that was installed.
    AlteredFunction = "altered_function", Error;
    /// A table that is wanted under audit is not.
    NotAttached = "not_attached", Error, loses;
    /// A table that is wanted under audit does not exist.
    MissingTable = "missing_table", Error, loses;
    /// A table that is wanted under audit cannot be, or not any more.
    CannotBeAudited = "cannot_be_audited", Error;
    /// The key by which the rows of a table are told apart is not the one of today.
    PkDrift = "pk_drift", Error;
    /// A table lacks one of its capture triggers, or all of them.
    MissingCaptureTrigger = "missing_capture_trigger", Error, loses;
    /// A table lacks the trigger that records TRUNCATE.
    MissingTruncateTrigger = "missing_truncate_trigger", Error;
    /// A partition or child table lacks a trigger.
    LeafWithoutTriggers = "leaf_without_triggers", Error, loses;
    /// A capture trigger is disabled.
    CaptureTriggerDisabled = "capture_trigger_disabled", Error, loses;
    /// A capture trigger fires in replica mode only.
    ReplicaOnly = "replica_only", Error, loses;
    /// A capture trigger does not fire in replica mode.
    NotAlways = "not_always", Warning;
    /// A second trigger calls the capture function of the table.
    DuplicateCaptureTrigger = "duplicate_capture_trigger", Error;
    /// Two tables are captured by one function.
    SharedCaptureFunction = "shared_capture_function", Error;
    /// A table is recorded under the name that it had before.
    RenamedTable = "renamed_table", Error;
    /// A trigger of the trail that nothing asks for.
    StrayTrigger = "stray_trigger", Warning;
    /// A table is captured by statement though something on it asks for capture by row.
    WrongCaptureMode = "wrong_capture_mode", Error;
    /// The capture function, or a capture trigger, of a table is not what was installed.
    Altered = "altered", Error, loses;
    /// A table, or what is wanted of it, has changed since it was put under audit.
    Outdated = "outdated", Warning;
    /// What is stored about an audited table cannot be read.
    UnreadablePolicy = "unreadable_policy", Error;
    /// A role has a right on the trail that it must not have.
    WrongGrants = "wrong_grants", Error;
    /// A table is under audit, and what is wanted does not say so.
    Unregistered = "unregistered", Warning;
    /// A table is named as expected to be uncovered, and is under audit.
    ExemptButAudited = "exempt_but_audited", Warning;
    /// A table that was under audit does not exist any more.
    DroppedTable = "dropped_table", Warning;
    /// A table is neither under audit nor named as expected to be uncovered.
    Uncovered = "uncovered", Warning;
    /// A table that is expected to be uncovered: only [`status`](crate::status()) tells of it.
    ExpectedUncovered = "expected_uncovered", Info;
    /// Rows that were there before the audit began may not be in the trail.
    IncompletePast = "incomplete_past", Info;
    /// The statistics of the server count writes, and the trail has none of them.
    Silent = "silent", Warning;
    /// The trail was restored from a dump, and nothing was recorded since.
    RestoredDatabase = "restored_database", Warning;
    /// The trail has no partition for the coming month.
    MissingPartitionAhead = "missing_partition_ahead", Warning;
    /// Rows of the trail lie in a partition that is made for none.
    RowsInDefaultPartition = "rows_in_default_partition", Warning;
    /// The trail lacks an index.
    MissingIndex = "missing_index", Warning;
    /// The view for people and reports is not there.
    MissingView = "missing_view", Warning;
    /// The view for people and reports is not the one that was installed.
    AlteredView = "altered_view", Warning;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Code;

    const GUIDE: &str = include_str!("../../../docs/health.md");

    #[test]
    fn the_guide_has_a_line_on_every_code_and_on_no_other() {
        let found = GUIDE.split("## What is found").nth(1).unwrap_or_default();
        let found = found.split("### What cannot happen here").next().unwrap_or_default();
        let mut told = Vec::new();
        for line in found.lines().filter(|line| line.matches(" | ").count() == 3) {
            let cells: Vec<&str> = line.trim_matches(['|', ' ']).split(" | ").collect();
            if let Some(code) = cells[0].strip_prefix('`') {
                told.push((code.trim_end_matches('`'), cells[1]));
            }
        }
        let mut expected: Vec<(&str, &str)> =
            Code::ALL.iter().map(|code| (code.as_str(), code.severity().as_str())).collect();
        told.sort_unstable();
        expected.sort_unstable();
        assert_eq!(told, expected);
    }

    #[test]
    fn every_code_has_a_word_of_its_own_in_snake_case() {
        let words: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), Code::ALL.len());
        for word in words {
            assert!(word.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{word}");
        }
    }
}
