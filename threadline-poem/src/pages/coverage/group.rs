use threadline_migration::State;
use threadline_migration::health::{Cover, Coverage, HealthFinding, TableCoverage};

/// Tables with which it stands in the same way.
pub(super) struct Group {
    pub(super) kind: Kind,
    pub(super) rows: Vec<Row>,
}

/// A table, with the word for what is found worst about it.
pub(super) struct Row {
    pub(super) table: TableCoverage,
    pub(super) code: Option<&'static str>,
}

/// How it stands, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    NeedsCapture,
    Altered,
    OutOfDate,
    Covered,
    ExpectedGap,
}

impl Kind {
    pub(super) const ALL: [Self; 5] =
        [Self::NeedsCapture, Self::Altered, Self::OutOfDate, Self::Covered, Self::ExpectedGap];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::NeedsCapture => "Needs capture",
            Self::Altered => "Disabled or altered",
            Self::OutOfDate => "Out of date",
            Self::Covered => "Covered",
            Self::ExpectedGap => "Expected gap",
        }
    }

    pub(super) fn anchor(self) -> &'static str {
        match self {
            Self::NeedsCapture => "needs-capture",
            Self::Altered => "altered",
            Self::OutOfDate => "out-of-date",
            Self::Covered => "covered",
            Self::ExpectedGap => "expected-gap",
        }
    }

    /// What it means that a table is among these.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::NeedsCapture => {
                "Nobody has said that these need not be recorded, and what is written to them is not \
                 recorded, all or in part."
            }
            Self::Altered => {
                "Somebody has switched off or edited what records these. What was written since may be \
                 missing."
            }
            Self::OutOfDate => {
                "Every write is recorded, but by triggers that were made for an earlier form or policy \
                 of the table."
            }
            Self::Covered => "Every write is recorded.",
            Self::ExpectedGap => "Named as not to be recorded, and not recorded.",
        }
    }

    fn of(table: &TableCoverage) -> Self {
        match (table.cover, table.state) {
            (Cover::ExpectedUncovered { .. }, _) => Self::ExpectedGap,
            (_, Some(State::Disabled | State::Altered)) => Self::Altered,
            (Cover::Covered, Some(State::Outdated)) => Self::OutOfDate,
            (Cover::Covered, _) => Self::Covered,
            (_, _) => Self::NeedsCapture,
        }
    }
}

/// The groups that have a table, and the findings that none of their rows tells, the worst first.
pub(super) fn of(coverage: &Coverage) -> (Vec<Group>, Vec<HealthFinding>) {
    let groups = Kind::ALL.into_iter().filter_map(|kind| {
        let tables = coverage.tables.iter().filter(|table| Kind::of(table) == kind);
        let rows: Vec<Row> = tables.map(|table| row(coverage, table)).collect();
        (!rows.is_empty()).then_some(Group { kind, rows })
    });
    let is_told = |found: &HealthFinding| {
        let about = |table: &&TableCoverage| found.is_about(&table.table);
        coverage.tables.iter().find(about).is_some_and(|table| table.why == found.reason)
    };
    let mut also: Vec<HealthFinding> =
        coverage.findings.iter().filter(|found| !is_told(found)).cloned().collect();
    also.sort_by_key(|found| found.severity);
    (groups.collect(), also)
}

fn row(coverage: &Coverage, table: &TableCoverage) -> Row {
    let mut about = coverage.findings_of(&table.table);
    let code = about.find(|found| found.reason == table.why).map(|found| found.code.as_str());
    Row { table: table.clone(), code }
}
