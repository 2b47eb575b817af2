//! What is captured, by raw SQL on the write side.

mod canary;
mod columns;
mod commits;
mod context;
mod drift;
mod foreign_keys;
mod hash;
mod host_triggers;
mod inherited;
mod key_moves;
mod key_types;
mod keys;
mod limit;
mod mask_json;
mod names;
mod orm;
mod partitions;
mod redaction;
mod rows;
mod safety;
mod settings;
mod statements;
mod transactions;
mod upkeep;
mod versions;
mod writes;
