//! PostgreSQL from the internet, for a machine that has none.

use std::path::PathBuf;

use crate::cluster::account::Account;

/// The directory of downloaded programs. The error is a short text for the message that lists
/// everything that was tried.
pub(crate) async fn programs(_: Option<u32>, _: Option<Account>) -> Result<PathBuf, String> {
    Err("not built in (switch the feature `download` on)".to_owned())
}
