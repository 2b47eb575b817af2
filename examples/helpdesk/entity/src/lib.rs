//! The helpdesk's entities: every one of them is audited.
//!
//! `#[derive(Audited)]` stands in the derive list of each `Model`. It registers the table and says
//! what SeaORM does not know: which columns never reach the trail, or only as a placeholder.

// The columns explain themselves, and SeaORM's macros generate the rest without documentation.
#![allow(missing_docs)]

pub mod organization;
pub mod post;
pub mod ticket;
pub mod ticket_reply;
pub mod user;
