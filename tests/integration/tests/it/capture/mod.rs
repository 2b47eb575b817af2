//! What is captured, by raw SQL on the write side.

mod canary;
mod columns;
mod commits;
mod context;
mod drift;
mod foreign_keys;
mod host_triggers;
mod key_moves;
mod key_types;
mod keys;
mod names;
mod orm;
mod redaction;
mod reshaped;
mod safety;
mod settings;
mod statements;
mod transactions;
mod types;
mod upkeep;
mod writes;
