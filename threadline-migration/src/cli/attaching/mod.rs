//! `threadline attach`: shows what it would do to each table, and does it in one transaction.

mod preview;

use clap::Args;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, TransactionTrait};
use serde::Serialize;
use threadline::Registry;

use self::preview::{Action, Preview};
use super::failure::Failure;
use super::locking::Patience;
use super::names::{self, Tables};
use super::output::{FAINT, Output, STRONG};
use super::policy::Policy;
use super::script;
use crate::install::{LOCK, require_schema, up_v1};
use crate::sync;

/// Puts tables under audit, or brings them up to date.
#[derive(Clone, Debug, Args)]
pub(crate) struct Attach {
    /// The tables: `posts` is public.posts, others are written with their schema.
    #[arg(
        long, value_name = "TABLE,…", value_parser = names::tables,
        required_unless_present = "installed"
    )]
    tables: Vec<Tables>,
    /// All tables that are under audit, each by the policy it has: after a change of their columns.
    #[arg(long, conflicts_with_all = ["tables", "exclude", "mask", "quiet", "key", "mode"])]
    installed: bool,
    #[command(flatten)]
    policy: Policy,
    /// Installs Threadline's schema first if it is missing.
    #[arg(long)]
    install: bool,
    /// Permits that columns which are excluded or masked now are stored from now on.
    #[arg(long)]
    allow_weaker_redaction: bool,
    /// Shows the plan and does nothing.
    #[arg(long)]
    dry_run: bool,
    /// Prints the SQL as well, in a form that psql can run.
    #[arg(long, requires = "dry_run")]
    sql: bool,
    #[command(flatten)]
    patience: Patience,
}

/// What `attach` did, or would do.
#[derive(Debug, Serialize)]
struct Document<'a> {
    dry_run: bool,
    /// Whether the schema was missing and was installed.
    schema_created: bool,
    tables: &'a [Preview],
}

impl Attach {
    /// Shows the plan, and does it unless it is a dry run.
    pub(crate) async fn run(self, db: &DatabaseConnection, out: Output) -> Result<(), Failure> {
        let txn = db.begin().await?;
        self.patience.set(&txn).await?;
        let schema_created = self.prepare(&txn).await?;
        let registry = self.registry(&txn).await?;
        let mut tables = Vec::new();
        for spec in registry.tables() {
            tables.push(Preview::of(&txn, spec, self.allow_weaker_redaction).await?);
        }
        if self.dry_run {
            txn.rollback().await?;
            self.show_only(&tables, schema_created, out);
        } else {
            out.text(self.plan(&tables, schema_created));
            for table in &tables {
                table.apply(&txn).await?;
            }
            txn.commit().await?;
            out.text(format!("\nDone: {}.\n", summary(&tables)));
        }
        if !self.sql {
            tables.iter_mut().for_each(Preview::leave_out_sql);
        }
        out.document(&Document { dry_run: self.dry_run, schema_created, tables: &tables });
        Ok(())
    }

    async fn prepare(&self, txn: &DatabaseTransaction) -> Result<bool, Failure> {
        if self.install {
            return Ok(up_v1(txn).await?);
        }
        txn.execute_unprepared(LOCK).await?;
        require_schema(txn).await?;
        Ok(false)
    }

    async fn registry(&self, txn: &DatabaseTransaction) -> Result<Registry, Failure> {
        if !self.installed {
            return self.policy.registry(txn, &self.tables).await;
        }
        let mut builder = Registry::builder();
        for table in sync::attached(txn).await? {
            if let Some(spec) = sync::installed_policy(txn, &table).await? {
                builder = builder.table(spec);
            }
        }
        builder.build().map_err(|_| {
            Failure::usage("no table is under audit yet: name some with --tables".to_owned())
        })
    }

    fn show_only(&self, tables: &[Preview], schema_created: bool, out: Output) {
        let plan = self.plan(tables, schema_created);
        let changes = tables.iter().filter(|table| table.action != Action::None);
        let statements = changes.map(|table| table.sql.as_deref().unwrap_or_default());
        out.text(match self.sql {
            true => script::of(&plan, self.patience, schema_created, statements),
            false => {
                format!("{plan}\nNothing was done: this was a dry run of {}.\n", summary(tables))
            }
        });
    }

    fn plan(&self, tables: &[Preview], schema_created: bool) -> String {
        let mut text = String::new();
        if schema_created {
            text.push_str(&format!("{STRONG}schema threadline{STRONG:#}  create\n"));
        }
        tables.iter().for_each(|table| text.push_str(&table.to_string()));
        match text.is_empty() {
            true => format!("{FAINT}nothing{FAINT:#}\n"),
            false => text,
        }
    }
}

fn summary(tables: &[Preview]) -> String {
    let words =
        [(Action::Attach, "attached"), (Action::Replace, "replaced"), (Action::None, "unchanged")];
    let count = |action| tables.iter().filter(|table| table.action == action).count();
    let counts = words.map(|(action, word)| (count(action), word));
    let told: Vec<String> =
        counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    told.join(", ")
}
