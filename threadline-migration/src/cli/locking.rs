//! How long a command waits for a table that others use.

use clap::Args;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::failure::Failure;

/// How long a command waits for a table that others use. While it waits, writers queue up behind it,
/// so it does not wait for ever.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Patience {
    /// Seconds to wait for a table that others use, and for another install; 0 waits for ever.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(..=86_400))]
    lock_timeout: u32,
}

impl Patience {
    /// Makes the rest of the transaction wait no longer.
    pub(crate) async fn set(self, txn: &DatabaseTransaction) -> Result<(), Failure> {
        let milliseconds = u64::from(self.lock_timeout) * 1000;
        txn.execute_unprepared(&format!("SET LOCAL lock_timeout = {milliseconds}")).await?;
        Ok(())
    }
}
