//! What is captured, by raw SQL on the write side.

mod canary;
mod context;
mod drift;
mod hash;
mod keys;
mod limit;
mod mask_json;
mod names;
mod redaction;
mod safety;
mod settings;
mod transactions;
mod writes;
