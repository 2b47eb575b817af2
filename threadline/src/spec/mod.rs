//! What is audited, as pure data: names, redaction and capture options of one table.

mod name;
mod problem;
pub mod quote;
mod redaction;
mod table;

pub use name::{ColumnName, TableName};
pub use problem::SpecProblem;
pub use redaction::{Placeholder, Redaction};
pub use table::TableSpec;
