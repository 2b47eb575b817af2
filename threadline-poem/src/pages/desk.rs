//! Where the pages' questions are put: the only place that reads the trail for them, so that the scope of
//! the grant, the limits of time and the hiding of values are in one place each.

mod actor;
mod checkup;
mod export;
mod health;
mod hiding;
mod pair;
mod row;
mod sitting;
mod timeline;
mod transaction;

use threadline::Registry;

use super::site::Site;
use crate::access::Grant;

pub(crate) use actor::Ever;
pub(crate) use checkup::Checkup;
pub(crate) use export::{MOST_COUNTED, Taken, Wanted};
pub(crate) use health::Looked;
pub(crate) use pair::Pair;
pub(crate) use row::{RowFound, State, Wish};
pub(crate) use sitting::Weight;
pub(crate) use transaction::{Head, Related, walk_of};

/// A viewer's way to the trail. Every question opens a [`Sitting`], which is a read-only transaction
/// with a limit of time, narrowed to the viewer's scope.
pub(crate) struct Desk<'v> {
    site: &'v Site,
    grant: &'v Grant,
}

impl<'v> Desk<'v> {
    pub(crate) fn new(site: &'v Site, grant: &'v Grant) -> Self {
        Self { site, grant }
    }

    /// What is declared about the tables.
    pub(crate) fn registry(&self) -> &'v Registry {
        &self.site.registry
    }
}
