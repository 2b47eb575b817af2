//! Writes the migration that puts the registry's tables under audit.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use threadline::Registry;

use crate::catalog;
use crate::error::Error;
use crate::inspect::inspect;
use crate::install::require_schema;
use crate::module_list;
use crate::render::{quote::qualified, table};

/// The files of a generated migration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Generated {
    /// The name of the migration and of its module.
    pub name: String,
    /// The module, and the frozen SQL of both directions beside it.
    pub files: Vec<PathBuf>,
    /// Whether `lib.rs` now lists the migration; if not, add it by hand.
    pub listed: bool,
}

/// Writes a migration that attaches every table of `registry` to the trail, and lists it in `lib.rs`.
///
/// `db` is a development database with all migrations applied: the SQL is made from the tables as
/// they are there, and frozen into `<name>.up.sql` and `<name>.down.sql` beside the module, so that
/// the migration gives the same result for ever, whatever becomes of the entities. `dir` is the
/// `src` folder of the migration crate; `name` consists of small letters, digits and underscores.
///
/// Its `down` takes out of the audit what was not audited on `db`, and puts back the policy that was in
/// force there on the other tables. So generate on a database on which the migrations before it are
/// applied, and it is not.
///
/// For each table the SQL ends with a statement that records the rows which the table has already:
/// 10 to 20 µs a row, while its writers wait. Take it out for a table that is too large for that, and
/// record them at another time ([`baseline`](crate::baseline())).
///
/// Generate again after changing a table's columns or a policy: attaching replaces what is there,
/// without a moment in which nothing is captured.
///
/// # Errors
///
/// [`Error::MigrationName`], [`Error::SchemaMissing`], everything that [`sync`](crate::sync) refuses
/// about a table, and [`Error::Write`]. No file is written unless all tables could be rendered.
pub async fn generate<C: ConnectionTrait>(
    db: &C,
    registry: &Registry,
    dir: &Path,
    name: &str,
) -> Result<Generated, Error> {
    let module = module_name(name, Utc::now())?;
    require_schema(db).await?;
    let (mut up, mut down, mut titles) = (String::new(), String::new(), Vec::new());
    let installed = inspect(db).await?;
    for spec in registry.tables() {
        let shape = catalog::shape(db, spec).await?;
        titles.push(qualified(spec.table()));
        up.push_str(&table::attach(&shape, spec)?);
        up.push_str(&table::baseline(spec.table())?);
        up.push('\n');
        // What an earlier migration has attached goes back to what that said.
        match installed.policy(spec.table())? {
            Some(earlier) => down.push_str(&table::attach(&shape, &earlier)?),
            None => down.push_str(&table::detach(spec.table())?),
        }
        down.push('\n');
    }
    let files = [
        (format!("{module}.up.sql"), up),
        (format!("{module}.down.sql"), down),
        (format!("{module}.rs"), module_text(&module, &titles)),
    ];
    let mut written = Vec::new();
    for (file, text) in files {
        written.push(write(dir.join(file), &text)?);
    }
    let listed = list(&dir.join("lib.rs"), &module)?;
    Ok(Generated { name: module, files: written, listed })
}

fn module_name(name: &str, now: DateTime<Utc>) -> Result<String, Error> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
        return Err(Error::MigrationName(name.to_owned()));
    }
    Ok(format!("m{}_{name}", now.format("%Y%m%d_%H%M%S")))
}

fn module_text(module: &str, tables: &[String]) -> String {
    format!(
        r#"//! Puts under audit: {tables}.
//!
//! Generated; the SQL beside this file is frozen. To change it, generate a new migration.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {{
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {{
        threadline_migration::attach(manager, include_str!("{module}.up.sql")).await
    }}

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {{
        threadline_migration::detach(manager, include_str!("{module}.down.sql")).await
    }}
}}
"#,
        tables = tables.join(", "),
    )
}

fn list(lib: &Path, module: &str) -> Result<bool, Error> {
    let Ok(text) = fs::read_to_string(lib) else { return Ok(false) };
    match module_list::add(&text, module) {
        Some(text) => write(lib.to_owned(), &text).map(|_| true),
        None => Ok(false),
    }
}

fn write(path: PathBuf, text: &str) -> Result<PathBuf, Error> {
    match fs::write(&path, text) {
        Ok(()) => Ok(path),
        Err(source) => Err(Error::Write { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_and_stamped() {
        let now = DateTime::from_timestamp(1_767_323_045, 0).unwrap_or_default();
        let name = module_name("audit_tickets", now).ok();
        assert_eq!(name.as_deref(), Some("m20260102_030405_audit_tickets"));
        for bad in ["", "Audit", "a-b", "../x", "a b"] {
            assert!(matches!(module_name(bad, now), Err(Error::MigrationName(_))), "{bad}");
        }
    }
}
