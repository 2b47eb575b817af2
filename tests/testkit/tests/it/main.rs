//! The test kit on a real PostgreSQL.

mod databases;
mod given;
#[allow(unreachable_pub, reason = "it reads like the code of an application")]
mod guide;
mod lifetime;
mod supervisor;
mod versions;
