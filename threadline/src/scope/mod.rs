//! Who may read what: a reader, its scope, and the condition that the scope puts on every read.

mod predicate;
mod reader;

pub use predicate::Predicate;
pub use reader::{Reader, TrailSource};

pub(crate) use predicate::Condition;
