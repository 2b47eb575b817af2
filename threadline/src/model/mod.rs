//! The trail as read: plain values, which know neither SQL nor the web.

mod action;
mod change;
mod diff;
mod surrogate;
mod transaction;

pub use action::ActionRecord;
pub use change::{Change, Operation};
pub use diff::{BeforeValues, ChangeDiff, FieldChange, change_diff};
pub use surrogate::Surrogate;
pub use transaction::Transaction;
