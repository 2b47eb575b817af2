//! The documents of this project whose code is compiled and run as tests.

/// `README.md`.
#[doc = include_str!("../../../README.md")]
pub struct Readme;
