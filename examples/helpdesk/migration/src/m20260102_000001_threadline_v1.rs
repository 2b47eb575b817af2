//! Adopts version 1 of Threadline's schema.

pub use threadline_migration::v1::Migration;
