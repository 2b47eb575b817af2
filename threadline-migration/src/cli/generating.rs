//! `threadline gen triggers` and a host's `audit generate`: the migration that attaches tables.

use std::path::{Path, PathBuf};

use clap::Args;
use sea_orm::DatabaseConnection;
use serde::Serialize;
use threadline::{Registry, TableName};

use super::failure::Failure;
use super::names::{self, Tables};
use super::output::{GOOD, Output};
use super::policy::Policy;
use crate::generate;

/// Writes the migration that puts tables under audit, made from this database.
#[derive(Clone, Debug, Args)]
pub(crate) struct Triggers {
    /// What the migration is called, in small letters, digits and underscores.
    #[arg(default_value = "audit")]
    name: String,
    /// The tables: `posts` is public.posts, others are written with their schema.
    #[arg(long, value_name = "TABLE,…", value_parser = names::tables, required = true)]
    tables: Vec<Tables>,
    /// The `src` folder of the migration crate.
    #[arg(long, value_name = "DIR")]
    migration_dir: PathBuf,
    #[command(flatten)]
    policy: Policy,
}

impl Triggers {
    /// Writes the migration of the tables that the flags name.
    pub(crate) async fn run(self, db: &DatabaseConnection, out: Output) -> Result<(), Failure> {
        crate::install::require_schema(db).await?;
        let registry = self.policy.registry(db, &self.tables).await?;
        write(db, &registry, &self.migration_dir, &self.name, out).await
    }
}

/// The migration that was written.
#[derive(Debug, Serialize)]
struct Document<'a> {
    name: &'a str,
    files: Vec<String>,
    /// Whether `lib.rs` lists it now.
    listed: bool,
    tables: Vec<&'a TableName>,
}

/// Writes the migration of `registry`.
pub(crate) async fn write(
    db: &DatabaseConnection,
    registry: &Registry,
    dir: &Path,
    name: &str,
    out: Output,
) -> Result<(), Failure> {
    let generated = generate(db, registry, dir, name).await?;
    let files: Vec<String> =
        generated.files.iter().map(|file| file.display().to_string()).collect();
    for file in &files {
        out.text(format!("{GOOD}wrote{GOOD:#} {file}\n"));
    }
    let name = generated.name.as_str();
    if !generated.listed {
        out.text(format!(
            "lib.rs was left alone: declare `mod {name};` and add `Box::new({name}::Migration)` to its \
             migrations\n"
        ));
    }
    let tables = registry.tables().map(|spec| spec.table()).collect();
    out.document(&Document { name, files, listed: generated.listed, tables });
    Ok(())
}
