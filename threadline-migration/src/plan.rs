//! What would be done to the database, as a value: to look at before anything is done.

use std::fmt;

use sea_orm::{ConnectionTrait, TransactionSession, TransactionTrait};
use serde::{Serialize, Serializer};
use threadline::{CaptureMode, Registry, TableName};

use crate::catalog::all;
use crate::desired::{Desired, against};
use crate::detach;
use crate::diff::{Compared, Comparison};
use crate::error::Error;
use crate::install::{CURRENT_VERSION, LOCK, up_v1, v1_sql};
use crate::problem::Problem;
use crate::status::{Mend, State};

/// What a step does to its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verb {
    /// Puts a table under audit that was not.
    Attach,
    /// Replaces function, triggers and policy, without a moment in which nothing is captured.
    Replace,
    /// Takes a table out of the audit. What was recorded stays.
    Detach,
}

impl Verb {
    /// The word for it, in small letters, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attach => "attach",
            Self::Replace => "replace",
            Self::Detach => "detach",
        }
    }
}

/// What is to be done to one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Step {
    /// The table.
    pub table: TableName,
    /// What is done.
    pub verb: Verb,
    /// How the table will be captured; `None` for a detach.
    pub mode: Option<CaptureMode>,
    /// Why, one for each finding, the worst first.
    pub reasons: Vec<String>,
    /// The statements.
    pub sql: String,
}

/// What stands in the way of a plan. While there is any, [`Plan::apply`] does nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Refusal {
    /// The table.
    pub table: TableName,
    /// Why it cannot be done and what to do; where a line is to be pasted, that line.
    pub reason: String,
}

/// What nothing asks for, and a plan therefore leaves alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Orphan {
    /// The table.
    pub table: TableName,
    /// What was found.
    pub reason: String,
    /// What mends it.
    pub mend: Option<Mend>,
}

/// What would be done to a database, and nothing of it is done before [`apply`](Self::apply).
///
/// It prints as a person would want to see it first, a line a table with the reasons;
/// [`sql`](Self::sql) is what would run. As JSON (keys are only ever added):
///
/// ```json
/// {"schema_version": 1, "installs_schema": false,
///  "steps": [{"table": {"schema": "public", "name": "posts"}, "verb": "attach",
///    "mode": "statement", "reasons": ["it is not attached"], "sql": "…"}],
///  "refusals": [{"table": {"schema": "public", "name": "logs"}, "reason": "…"}],
///  "orphans": [{"table": {"schema": "public", "name": "old"}, "reason": "…",
///    "mend": {"advice": "…"}}],
///  "unchanged": 3}
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a plan does nothing until it is applied"]
pub struct Plan {
    goal: Goal,
    weaker_redaction: bool,
    /// The schema version that was found; 0 if none was.
    version: i32,
    tables: Vec<Compared>,
}

/// From what a plan is made, so that it can be made again.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Goal {
    Registry(Registry),
    Installed,
    Detach(Vec<TableName>),
}

/// Says what would make the database audit what is desired, and changes nothing.
///
/// `desired` is a [`Registry`], or [`Desired::Installed`] where the host's code is not at hand: then
/// the stored policies are what is wanted, and the plan mends what has drifted from them. A table that
/// cannot be audited is a [`Refusal`] in the plan, and all of them are there.
///
/// ```no_run
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), Box<dyn std::error::Error>> {
/// let registry = threadline::Registry::collect()?;
/// let plan = threadline_migration::plan(&db, &registry).await?;
/// print!("{plan}"); // attach   public.posts  by statement: it is not attached
/// plan.apply(&db).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::SchemaMissing`] for [`Desired::Installed`] on a database without Threadline's schema, and
/// [`Error::Db`].
pub async fn plan<'a, C: ConnectionTrait>(
    db: &C,
    desired: impl Into<Desired<'a>>,
) -> Result<Plan, Error> {
    let desired = desired.into();
    let goal = match desired {
        Desired::Registry(registry) => Goal::Registry(registry.clone()),
        Desired::Installed => Goal::Installed,
    };
    Ok(Plan::of(goal, against(db, &desired).await?))
}

impl Plan {
    /// Says what would take `tables` out of the audit. What was recorded stays, and can be read.
    ///
    /// # Errors
    ///
    /// [`Error::NotAttached`], which names those that are, [`Error::SchemaMissing`] or [`Error::Db`].
    pub async fn detach<C: ConnectionTrait>(
        db: &C,
        tables: impl IntoIterator<Item = TableName>,
    ) -> Result<Self, Error> {
        let mut tables: Vec<TableName> = tables.into_iter().collect();
        tables.sort();
        tables.dedup();
        let comparison = detach::compare(db, &tables).await?;
        Ok(Self::of(Goal::Detach(tables), comparison))
    }

    fn of(goal: Goal, comparison: Comparison) -> Self {
        let Comparison { version, tables, .. } = comparison;
        Self { goal, weaker_redaction: false, version, tables }
    }

    /// Permits that columns which the installed policy excludes or masks are stored from now on: what
    /// was refused for that is then a step.
    pub fn allow_weaker_redaction(mut self) -> Self {
        self.weaker_redaction = true;
        self
    }

    /// What would be done, a step a table, sorted by name.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let possible = |compared: &&Compared| self.problems(compared).is_empty();
        self.tables.iter().filter(possible).filter_map(|compared| compared.step.as_ref())
    }

    /// Everything that stands in the way. A table may be here more than once.
    pub fn refusals(&self) -> Vec<Refusal> {
        let of_one = |compared| {
            let problems = self.problems(compared).into_iter();
            let table = &compared.table;
            problems.map(|problem| Refusal { table: table.clone(), reason: problem.reason() })
        };
        self.tables.iter().flat_map(of_one).collect()
    }

    /// What nothing asks for. It is listed and never touched.
    pub fn orphans(&self) -> Vec<Orphan> {
        let unwanted = self.tables.iter().filter(|compared| !compared.is_wanted);
        let orphans = unwanted.flat_map(|compared| {
            let found = compared.findings.iter().filter(|found| found.state == State::Orphan);
            found.map(|found| Orphan {
                table: compared.table.clone(),
                reason: found.reason.clone(),
                mend: found.mend.clone(),
            })
        });
        orphans.collect()
    }

    /// Whether the schema itself would be installed.
    pub fn installs_schema(&self) -> bool {
        self.version == 0
    }

    /// Whether nothing would be done and nothing stands in the way. There may be orphans.
    pub fn is_empty(&self) -> bool {
        !self.installs_schema() && self.steps().next().is_none() && self.refusals().is_empty()
    }

    /// What would run, as one script for psql.
    pub fn sql(&self) -> String {
        let mut sql = format!("BEGIN;\n{LOCK};\n");
        if self.installs_schema() {
            sql.push_str(&v1_sql());
        }
        for step in self.steps() {
            sql.push_str(&step.sql);
            sql.push('\n');
        }
        sql + "COMMIT;\n"
    }

    /// Does it, in one transaction: all of it or nothing.
    ///
    /// First it takes the lock of all installations, waits for writers on the tables it is about, and
    /// looks whether the database still is what the plan was made from.
    ///
    /// # Errors
    ///
    /// The error of a [`Refusal`], or [`Error::Several`] if there is more than one;
    /// [`Error::PlanOutdated`] if a new plan would be another one; [`Error::Db`].
    pub async fn apply<C: TransactionTrait>(&self, db: &C) -> Result<(), Error> {
        self.refuse()?;
        let txn = db.begin().await?;
        txn.execute_unprepared(LOCK).await?;
        self.lock_tables(&txn).await?;
        let now = self.again(&txn).await?;
        let tables = self.differing(&now);
        if !tables.is_empty() || now.version != self.version {
            return Err(Error::PlanOutdated { tables });
        }
        self.run(&txn).await?;
        txn.commit().await?;
        Ok(())
    }

    /// Makes it anew from what the database holds now.
    pub(crate) async fn again<C: ConnectionTrait>(&self, db: &C) -> Result<Self, Error> {
        let comparison = match &self.goal {
            Goal::Registry(registry) => against(db, &Desired::Registry(registry)).await?,
            Goal::Installed => against(db, &Desired::Installed).await?,
            Goal::Detach(tables) => detach::compare(db, tables).await?,
        };
        let plan = Self::of(self.goal.clone(), comparison);
        Ok(Self { weaker_redaction: self.weaker_redaction, ..plan })
    }

    /// Runs the steps on a connection that is in a transaction.
    pub(crate) async fn run<C: ConnectionTrait>(&self, txn: &C) -> Result<(), Error> {
        self.refuse()?;
        up_v1(txn).await?;
        for step in self.steps() {
            txn.execute_unprepared(&step.sql).await?;
        }
        Ok(())
    }

    /// Waits for writers and keeps others from altering the tables, so that what was looked at is what
    /// is worked on. A table that is gone is found by looking again.
    pub(crate) async fn lock_tables<C: ConnectionTrait>(&self, txn: &C) -> Result<(), Error> {
        let steps = self.steps();
        let (schemas, names): (Vec<String>, Vec<String>) =
            steps.map(|s| (s.table.schema().to_owned(), s.table.name().to_owned())).unzip();
        let query = "
            SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ') AS tables
            FROM unnest($1::text[], $2::text[]) AS w(schema_name, table_name)
            JOIN pg_namespace n ON n.nspname = w.schema_name
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.table_name
            WHERE c.relkind IN ('r', 'p')";
        let rows = all(txn, query, [schemas.into(), names.into()]).await?;
        let tables = rows.first().map(|row| row.try_get::<Option<String>>("", "tables"));
        if let Some(tables) = tables.transpose()?.flatten() {
            let detaches = matches!(self.goal, Goal::Detach(_));
            // Dropping a trigger takes the stronger lock; to take the weaker first invites a deadlock.
            let mode = if detaches { "ACCESS EXCLUSIVE" } else { "SHARE ROW EXCLUSIVE" };
            txn.execute_unprepared(&format!("LOCK TABLE {tables} IN {mode} MODE")).await?;
        }
        Ok(())
    }

    /// The tables about which the two plans do not say the same.
    fn differing(&self, other: &Self) -> Vec<TableName> {
        let only = |ours: &[Compared], theirs: &[Compared]| {
            let differing = ours.iter().filter(|compared| !theirs.contains(compared));
            differing.map(|compared| compared.table.clone()).collect::<Vec<_>>()
        };
        let mut tables = only(&self.tables, &other.tables);
        tables.extend(only(&other.tables, &self.tables));
        tables.sort();
        tables.dedup();
        tables
    }

    fn problems(&self, compared: &Compared) -> Vec<Problem> {
        let mut problems = compared.problems.clone();
        if !self.weaker_redaction && !compared.weaker.is_empty() {
            problems.push(Problem::WeakerRedaction(compared.weaker.clone()));
        }
        problems
    }

    /// The error of what stands in the way, if anything does.
    pub(crate) fn refuse(&self) -> Result<(), Error> {
        let of_one = |compared| {
            let problems = self.problems(compared).into_iter();
            problems.map(|problem| problem.to_error(&compared.table))
        };
        let mut errors: Vec<Error> = self.tables.iter().flat_map(of_one).collect();
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Error::Several(errors)),
        }
    }

    /// How many wanted tables are as they should be.
    fn unchanged(&self) -> usize {
        let good = |compared: &&Compared| compared.is_wanted && compared.findings.is_empty();
        self.tables.iter().filter(good).count()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.installs_schema() {
            writeln!(f, "install  schema threadline, version {CURRENT_VERSION}")?;
        }
        let mut lines = Vec::new();
        for step in self.steps() {
            let by = step.mode.map(|mode| format!("by {}: ", mode.as_str())).unwrap_or_default();
            let text = format!("{by}{}", step.reasons.join("; "));
            lines.push((step.verb.as_str(), &step.table, text));
        }
        let (refusals, orphans) = (self.refusals(), self.orphans());
        for refusal in &refusals {
            lines.push(("refused", &refusal.table, refusal.reason.clone()));
        }
        for orphan in &orphans {
            lines.push(("orphan", &orphan.table, orphan.reason.clone()));
        }
        let width = lines.iter().map(|(_, table, _)| table.to_string().len()).max().unwrap_or(0);
        for (verb, table, text) in &lines {
            writeln!(f, "{verb:<8} {:<width$}  {text}", table.to_string())?;
        }
        match self.unchanged() {
            0 => Ok(()),
            1 => writeln!(f, "1 table is as it should be"),
            tables => writeln!(f, "{tables} tables are as they should be"),
        }
    }
}

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Keys<'a> {
            schema_version: i32,
            installs_schema: bool,
            steps: Vec<&'a Step>,
            refusals: Vec<Refusal>,
            orphans: Vec<Orphan>,
            unchanged: usize,
        }
        let keys = Keys {
            schema_version: self.version,
            installs_schema: self.installs_schema(),
            steps: self.steps().collect(),
            refusals: self.refusals(),
            orphans: self.orphans(),
            unchanged: self.unchanged(),
        };
        keys.serialize(serializer)
    }
}
