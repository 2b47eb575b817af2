//! What is captured, by raw SQL on the write side.

mod canary;
mod context;
mod drift;
mod inherited;
mod keys;
mod names;
mod partitions;
mod redaction;
mod rows;
mod safety;
mod settings;
mod transactions;
mod versions;
mod writes;
