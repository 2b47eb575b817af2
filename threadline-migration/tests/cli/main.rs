//! The program `threadline`, run as a process on a real database: what it does, what it says, and its
//! exit codes.

mod attach;
mod baseline;
mod detach;
mod errors;
mod fixture;
mod generate;
mod health;
mod help;
mod install;
mod questions;
mod read;
mod show;
mod story;
