//! The reference application: a small helpdesk on Poem, audited by Threadline.
//!
//! Where to look for what:
//!
//! * [`app()`]: the routes, and the order of the layers around them;
//! * `session`: who is signed in, which is all that decides the actor of an audited write;
//! * `login`: actions of people who are not signed in yet, failed ones too;
//! * `posts`: one audited insert behind a JSON API;
//! * [`tickets`]: audited writes behind forms, the history of a row on its page, and the page as it stood
//!   at any moment, by the very same queries;
//! * `audit`: the operator pages of the trail, and who may see which part of it;
//! * [`seed`]: writers of every kind, jobs and raw SQL among them.

mod app;
mod audit;
mod error;
mod headers;
mod input;
mod limit;
mod login;
mod origin;
mod password;
mod posts;
pub mod seed;
mod session;
pub mod tickets;
mod view;

pub use app::app;
pub use session::COOKIE;
