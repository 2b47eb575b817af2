//! The documents of this project whose code is compiled and run as tests.

/// `README.md`.
#[doc = include_str!("../../../README.md")]
pub struct Readme;

/// `docs/travel-in-time.md`.
#[doc = include_str!("../../../docs/travel-in-time.md")]
pub struct TravelInTime;

/// `docs/read-the-trail.md`.
#[doc = include_str!("../../../docs/read-the-trail.md")]
pub struct ReadTheTrail;

/// `docs/operator-pages.md`.
#[doc = include_str!("../../../docs/operator-pages.md")]
pub struct OperatorPages;
