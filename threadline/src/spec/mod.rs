//! What is audited, as pure data: names, redaction and capture options of one table.

mod mode;
mod name;
mod path;
mod problem;
pub mod quote;
mod redaction;
mod schema;
mod table;

pub use mode::CaptureMode;
pub use name::{ColumnName, TableName};
pub use path::JsonPath;
pub use problem::SpecProblem;
pub use redaction::{Placeholder, Redaction};
pub use schema::SchemaName;
pub use table::TableSpec;
