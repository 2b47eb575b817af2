//! Holds the walls of the architecture: who may name whom, and what may not occur anywhere.
//!
//! It reads source text, so it needs neither a build of the crates nor a database.

mod docs;
mod layers;
mod limits;
mod schema;
mod scope;
mod source;
mod words;
