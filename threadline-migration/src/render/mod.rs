//! From facts to SQL text: pure functions, no database.
//!
//! Names and values enter SQL only through [`quote`]; text that PostgreSQL keeps lies in `sql/`.

pub(crate) mod body;
pub(crate) mod capture;
pub(crate) mod compare;
pub(crate) mod hole;
pub(crate) mod quote;
pub(crate) mod settings;
pub(crate) mod table;
