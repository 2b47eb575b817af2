//! What is captured, by raw SQL on the write side.

mod canary;
mod context;
mod drift;
mod found;
mod keys;
mod names;
mod redaction;
mod safety;
mod settings;
mod transactions;
mod writes;
