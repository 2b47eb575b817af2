//! Why a table cannot be put under audit as it is wanted.

use threadline::{ColumnName, TableName};

use crate::error::Error;
use crate::health::Code;

/// What stands in the way of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    MissingTable,
    Refused(String),
    /// Its rows cannot be told apart as wanted.
    Key(KeyProblem, String),
    UnknownColumn(ColumnName),
    WeakerRedaction(Vec<ColumnName>),
}

/// In what the key of a table is not what it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyProblem {
    NoPrimaryKey,
    OverrideWithoutQualifyingIndex,
    OverrideOnTableWithPrimaryKey,
    KeyMismatch,
    RecordedColumnMissing,
}

impl KeyProblem {
    /// The word for it, which never changes.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NoPrimaryKey => "no_primary_key",
            Self::OverrideWithoutQualifyingIndex => "override_without_qualifying_index",
            Self::OverrideOnTableWithPrimaryKey => "override_on_table_with_primary_key",
            Self::KeyMismatch => "key_mismatch",
            Self::RecordedColumnMissing => "recorded_column_missing",
        }
    }
}

impl Problem {
    /// The error of a call that was refused for this alone.
    pub(crate) fn to_error(&self, table: &TableName) -> Error {
        let table = table.clone();
        match self.clone() {
            Self::MissingTable => Error::MissingTable { table },
            Self::Refused(reason) | Self::Key(_, reason) => Error::Refused { table, reason },
            Self::UnknownColumn(column) => Error::UnknownColumn { table, column },
            Self::WeakerRedaction(columns) => Error::WeakerRedaction { table, columns },
        }
    }

    /// What kind of finding it is.
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::MissingTable => Code::MissingTable,
            Self::Key(..) => Code::PkDrift,
            Self::Refused(_) | Self::UnknownColumn(_) | Self::WeakerRedaction(_) => {
                Code::CannotBeAudited
            }
        }
    }

    /// What is wrong with the key, if it is that.
    pub(crate) fn key(&self) -> Option<KeyProblem> {
        match self {
            Self::Key(problem, _) => Some(*problem),
            _ => None,
        }
    }

    /// What is wrong and what to do, in a sentence whose subject is the table.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::MissingTable => {
                "it does not exist: create it first (run the migrations before)".to_owned()
            }
            Self::Refused(reason) | Self::Key(_, reason) => reason.clone(),
            Self::UnknownColumn(column) => format!(
                "its policy names the column `{column}`, which it does not have; correct the name, \
                 or remove it from the policy"
            ),
            Self::WeakerRedaction(columns) => format!(
                "its installed policy redacts {}, the new one does not; if the values may be stored \
                 from now on, say so with `allow_weaker_redaction`",
                listed(columns)
            ),
        }
    }
}

/// `` `a`, `b` ``.
pub(crate) fn listed<T: std::fmt::Display>(names: impl IntoIterator<Item = T>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
