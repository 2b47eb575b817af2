//! Why a table cannot be put under audit as it is wanted.

use threadline::{ColumnName, TableName};

use crate::error::Error;
use crate::health::Code;

/// What stands in the way of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    MissingTable,
    Refused(String),
    UnknownColumn(ColumnName),
    WeakerRedaction(Vec<ColumnName>),
}

impl Problem {
    /// The problem in an error that is about one table; any other error is given back.
    pub(crate) fn of(error: Error) -> Result<Self, Error> {
        match error {
            Error::MissingTable { .. } => Ok(Self::MissingTable),
            Error::Refused { reason, .. } => Ok(Self::Refused(reason)),
            Error::UnknownColumn { column, .. } => Ok(Self::UnknownColumn(column)),
            Error::WeakerRedaction { columns, .. } => Ok(Self::WeakerRedaction(columns)),
            error => Err(error),
        }
    }

    /// The error of a call that was refused for this alone.
    pub(crate) fn to_error(&self, table: &TableName) -> Error {
        let table = table.clone();
        match self.clone() {
            Self::MissingTable => Error::MissingTable { table },
            Self::Refused(reason) => Error::Refused { table, reason },
            Self::UnknownColumn(column) => Error::UnknownColumn { table, column },
            Self::WeakerRedaction(columns) => Error::WeakerRedaction { table, columns },
        }
    }

    /// What kind of finding it is.
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::MissingTable => Code::MissingTable,
            Self::Refused(_) | Self::UnknownColumn(_) | Self::WeakerRedaction(_) => {
                Code::CannotBeAudited
            }
        }
    }

    /// What is wrong and what to do, in a sentence whose subject is the table.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::MissingTable => {
                "it does not exist: create it first (run the migrations before)".to_owned()
            }
            Self::Refused(reason) => reason.clone(),
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
