//! What crosses crates, on a real PostgreSQL: mostly raw SQL in, audit rows out.

mod baseline;
mod capture;
mod corners;
mod export;
mod fixture;
mod health;
mod history;
mod install;
mod keyed_history;
mod past;
mod past_found;
mod plan;
mod pooler;
mod reading;
mod replication;
mod restore;
mod roles;
mod schema;
mod scope;
mod status;
mod twins;
mod writing;
