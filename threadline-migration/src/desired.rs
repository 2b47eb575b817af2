//! What is to be installed, and what it means for the tables that there are.

use sea_orm::ConnectionTrait;
use threadline::{Registry, TableName, TableSpec};

use crate::catalog::{self, Looked};
use crate::diff::{Comparison, compare};
use crate::error::Error;
use crate::inspect::{Installed, inspect};
use crate::install::CURRENT_VERSION;
use crate::population::Population;
use crate::problem::Problem;
use crate::shape::TableShape;

/// What is wanted: the policies to compare an installation with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Desired<'a> {
    /// What the host's entities declare.
    Registry(&'a Registry),
    /// What is stored in `threadline.audited_tables`: for any database, without the host's code.
    Installed,
}

impl<'a> From<&'a Registry> for Desired<'a> {
    fn from(registry: &'a Registry) -> Self {
        Self::Registry(registry)
    }
}

/// What is wanted of a database, with the facts about the tables that are meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) tables: Vec<WantedTable>,
    pub(crate) exempt: Vec<TableName>,
    /// Whether a table that is not among them is wanted by nobody.
    pub(crate) is_complete: bool,
}

/// A policy, and the table it is about.
#[derive(Clone, Debug)]
pub(crate) struct WantedTable {
    pub(crate) spec: TableSpec,
    /// Or why no such table can be audited.
    pub(crate) shape: Result<TableShape, Problem>,
    pub(crate) population: Population,
}

impl Wanted {
    pub(crate) fn get(&self, table: &TableName) -> Option<&WantedTable> {
        self.tables.iter().find(|wanted| wanted.spec.table() == table)
    }
}

/// Compares what is wanted with what `db` holds.
pub(crate) async fn against<C: ConnectionTrait>(
    db: &C,
    desired: &Desired<'_>,
) -> Result<Comparison, Error> {
    let (wanted, installed) = gather(db, desired).await?;
    compare(&wanted, &installed)
}

/// What is wanted of `db`, and what it holds.
pub(crate) async fn gather<C: ConnectionTrait>(
    db: &C,
    desired: &Desired<'_>,
) -> Result<(Wanted, Installed), Error> {
    let installed = inspect(db).await?;
    let (specs, exempt): (Vec<TableSpec>, _) = match desired {
        Desired::Registry(registry) => {
            (registry.tables().cloned().collect(), registry.exempt().cloned().collect())
        }
        Desired::Installed => (stored(&installed)?, Vec::new()),
    };
    let looked = catalog::shapes(db, &specs).await?;
    let tables = specs
        .into_iter()
        .zip(looked)
        .map(|(spec, Looked { shape, population })| WantedTable { spec, shape, population })
        .collect();
    let is_complete = matches!(desired, Desired::Registry(_));
    Ok((Wanted { tables, exempt, is_complete }, installed))
}

/// The policies of the tables that are attached and still there. Those that cannot be read are found by
/// the comparison.
fn stored(installed: &Installed) -> Result<Vec<TableSpec>, Error> {
    if installed.version == 0 {
        return Err(Error::SchemaMissing {
            schema: threadline::schema()?.clone(),
            wanted: CURRENT_VERSION,
        });
    }
    let attached = installed.tables.iter().filter(|recorded| recorded.detached_at.is_none());
    let there = attached.filter(|recorded| recorded.relation.is_some());
    Ok(there.filter_map(|recorded| recorded.policy().ok()).collect())
}
