//! The changes as documents: one suite for every format, and what only one of them promises.

mod columns;
mod documents;
mod formats;
mod formulas;
mod moment;
mod scope;
mod suite;
mod transport;
