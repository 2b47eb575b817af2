//! Entities in every form, for the tests of what they declare.

// Entities are `pub` all through, and each test binary uses some of them.
#![allow(dead_code, unreachable_pub)]

pub mod classic;
pub mod composite;
pub mod dense;
pub mod expanded;
pub mod finer;
pub mod generated;
pub mod named;
pub mod renamed_crate;
pub mod several;
pub mod unregistered;
