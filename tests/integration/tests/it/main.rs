//! What crosses crates, on a real PostgreSQL: mostly raw SQL in, audit rows out.

mod capture;
mod corners;
mod fixture;
mod history;
mod install;
mod reading;
mod restore;
mod roles;
mod schema;
mod writing;
