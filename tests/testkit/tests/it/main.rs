//! The test kit on a real PostgreSQL.

mod databases;
