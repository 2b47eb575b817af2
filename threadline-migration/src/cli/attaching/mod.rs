//! `threadline attach`: shows what it would do to each table, and does it in one transaction.

mod preview;

use clap::Args;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, TransactionTrait};
use serde::Serialize;
use threadline::trail::TRAIL;
use threadline::{Registry, TableSpec};

use self::preview::{Action, Preview};
use super::carrying_out::carry_out;
use super::failure::Failure;
use super::locking::Patience;
use super::names::{self, Tables};
use super::output::{NOTABLE, Output, STRONG};
use super::policy::Policy;
use super::script;
use crate::desired::Desired;
use crate::inspect::{Recorded, inspect};
use crate::install::{LOCK, known_version, require_schema};
use crate::plan::{Plan, plan};

/// Puts tables under audit, or brings them up to date.
#[derive(Clone, Debug, Args)]
pub(crate) struct Attach {
    /// The tables: `posts` is public.posts, others are written with their schema.
    #[arg(
        long,
        value_name = "TABLE,…",
        value_parser = names::tables,
        required_unless_present = "installed"
    )]
    tables: Vec<Tables>,
    /// All tables that are under audit, each by the policy it has: after a change of their columns.
    #[arg(long, conflicts_with_all = ["tables", "exclude", "mask", "quiet", "key", "mode"])]
    installed: bool,
    /// Installs Threadline's schema first if it is missing.
    #[arg(long)]
    install: bool,
    /// Permits that columns which are excluded or masked now are stored from now on.
    #[arg(long)]
    allow_weaker_redaction: bool,
    /// Leaves the rows that the tables have already for `threadline baseline`: for a huge table.
    #[arg(long)]
    no_baseline: bool,
    /// Shows the plan and does nothing.
    #[arg(long)]
    dry_run: bool,
    /// Prints the SQL as well: a script for psql, in which the plan is a comment.
    #[arg(long, requires = "dry_run")]
    pub(crate) sql: bool,
    #[command(flatten)]
    patience: Patience,
    #[command(flatten)]
    policy: Policy,
}

/// What `attach` did, or would do.
#[derive(Debug, Serialize)]
struct Document<'a> {
    dry_run: bool,
    /// Whether the schema was missing, and is installed with it.
    installs_schema: bool,
    tables: &'a [Preview],
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<String>,
}

impl Attach {
    /// Shows the plan, and does it unless it is a dry run.
    pub(crate) async fn run(self, db: &DatabaseConnection, out: Output) -> Result<(), Failure> {
        let txn = db.begin().await?;
        self.patience.set(&txn).await?;
        txn.execute_unprepared(LOCK).await?;
        match self.install {
            true => known_version(&txn).await.map(drop)?,
            false => require_schema(&txn).await?,
        }
        let (plan, specs) = self.plan(&txn).await?;
        plan.refuse()?;
        let mut tables = Vec::new();
        for spec in &specs {
            tables.push(Preview::of(&txn, spec, &plan).await?);
        }
        if self.dry_run {
            txn.rollback().await?;
            self.show_only(&plan, &tables, out);
        } else {
            out.text(told(&plan, &tables));
            carry_out(&plan, txn).await?;
            out.text(format!("\nDone: {}.\n", summary(&tables)));
        }
        out.document(&Document {
            dry_run: self.dry_run,
            installs_schema: plan.installs_schema(),
            tables: &tables,
            sql: self.sql.then(|| plan.sql()),
        });
        Ok(())
    }

    /// The plan, and the policy of each table in it.
    async fn plan(&self, txn: &DatabaseTransaction) -> Result<(Plan, Vec<TableSpec>), Failure> {
        let (plan, specs) = if self.installed {
            let specs = installed_policies(txn).await?;
            (plan(txn, Desired::Installed).await?, specs)
        } else {
            let registry: Registry = self.policy.registry(txn, &self.tables).await?;
            (plan(txn, &registry).await?, registry.tables().cloned().collect())
        };
        let plan = if self.allow_weaker_redaction { plan.allow_weaker_redaction() } else { plan };
        let plan = if self.no_baseline { plan.without_baseline() } else { plan };
        Ok((plan, specs))
    }

    fn show_only(&self, plan: &Plan, tables: &[Preview], out: Output) {
        let text = told(plan, tables);
        out.text(match self.sql {
            true => script::of(&text, plan),
            false => format!("{text}\nNothing was done: this was a dry run.\n"),
        });
    }
}

/// The policies of the tables that are under audit and still there.
async fn installed_policies(txn: &DatabaseTransaction) -> Result<Vec<TableSpec>, Failure> {
    let installed = inspect(txn).await?;
    let attached = installed.tables.iter().filter(|recorded| recorded.detached_at.is_none());
    let there = attached.filter(|recorded| recorded.relation.is_some());
    let policies = there.map(Recorded::policy).collect::<Result<Vec<_>, _>>();
    let mut policies = policies.map_err(|reason| Failure::new("refused", reason))?;
    if policies.is_empty() {
        let message = "no table is under audit yet: name some with --tables";
        return Err(Failure::usage(message.to_owned()));
    }
    policies.sort_by(|a, b| a.table().cmp(b.table()));
    Ok(policies)
}

fn told(plan: &Plan, tables: &[Preview]) -> String {
    let mut text = String::new();
    if plan.installs_schema() {
        text.push_str(&format!("{STRONG}schema {TRAIL}{STRONG:#}  {NOTABLE}install{NOTABLE:#}\n"));
    }
    tables.iter().for_each(|table| text.push_str(&table.to_string()));
    text
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
