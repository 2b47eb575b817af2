//! Everything that is looked at, in a few statements.

use sea_orm::ConnectionTrait;
use threadline::TableName;

use super::inventory::{Inventory, inventory};
use super::trail::{Trail, trail};
use crate::desired::{Desired, Wanted, gather};
use crate::diff::{Comparison, compare};
use crate::error::Error;
use crate::inspect::Installed;
use crate::install::CURRENT_VERSION;

/// What was seen on the database.
#[derive(Debug)]
pub(super) struct Examination {
    pub(super) wanted: Wanted,
    pub(super) installed: Installed,
    pub(super) comparison: Comparison,
    pub(super) inventory: Inventory,
    /// `None` if the schema of the trail is not there, or is not one that this crate knows.
    pub(super) trail: Option<Trail>,
}

impl Examination {
    /// Whether `table` is neither wanted nor under audit.
    pub(super) fn is_left_out(&self, table: &TableName) -> bool {
        self.installed.attached(table).is_none() && self.wanted.get(table).is_none()
    }
}

pub(super) async fn examine<C: ConnectionTrait>(
    db: &C,
    desired: &Desired<'_>,
) -> Result<Examination, Error> {
    let (wanted, installed) = gather(db, desired).await?;
    let comparison = compare(&wanted, &installed)?;
    let inventory = inventory(db, installed.version > 0).await?;
    let trail = match installed.version {
        CURRENT_VERSION => Some(trail(db, inventory.now).await?),
        _ => None,
    };
    Ok(Examination { wanted, installed, comparison, inventory, trail })
}
