//! What crosses crates, on a real PostgreSQL: mostly raw SQL in, audit rows out.

mod capture;
mod corners;
mod fixture;
mod history;
mod install;
mod plan;
mod reading;
mod status;
mod writing;
