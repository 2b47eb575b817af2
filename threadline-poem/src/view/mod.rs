//! Components: plain data in, markup out. Nothing here knows the web framework or the database.

mod chrome;
mod links;
mod shell;

pub use chrome::Theme;
pub use links::Links;

pub(crate) use chrome::{AssetNames, Chrome, Pill, Place};
pub(crate) use links::segment;
pub(crate) use shell::shell;
