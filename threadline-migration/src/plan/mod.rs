//! What would be done to the database, as a value: to look at before anything is done.

mod apply;
mod print;
mod step;

use sea_orm::ConnectionTrait;
use threadline::{Registry, TableName};

use crate::desired::{Desired, against};
use crate::detach;
use crate::diff::{Compared, Comparison};
use crate::error::Error;
use crate::install::{LOCK, v1_sql};
use crate::problem::Problem;
use crate::status::State;
pub use step::{Orphan, Refusal, Step, Verb};

/// What would be done to a database, and nothing of it is done before [`apply`](Self::apply).
///
/// It prints as a person would want to see it first, a line a table with the reasons;
/// [`sql`](Self::sql) is what would run. The rows that a table has already are recorded by a step of its
/// own (`baseline`), which can be left for later: [`without_baseline`](Self::without_baseline). As JSON (keys are only ever added):
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
    leaves_rows: bool,
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
        Self { goal, weaker_redaction: false, leaves_rows: false, version, tables }
    }

    /// Permits that columns which the installed policy excludes or masks are stored from now on: what
    /// was refused for that is then a step.
    pub fn allow_weaker_redaction(mut self) -> Self {
        self.weaker_redaction = true;
        self
    }

    /// Leaves the rows that tables have already for later: recording them takes 10 to 20 µs for each,
    /// while writers wait. [`status`](crate::status()) tells of tables that are not complete, and
    /// [`baseline`](crate::baseline()) completes one.
    pub fn without_baseline(mut self) -> Self {
        self.leaves_rows = true;
        self
    }

    /// What would be done, sorted by the tables' names: what changes a table's audit, and after it what
    /// records the rows that the table has already.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let possible = |compared: &&Compared| self.problems(compared).is_empty();
        let possible = self.tables.iter().filter(possible);
        possible.flat_map(|compared| {
            let baseline = compared.baseline.as_ref().filter(|_| !self.leaves_rows);
            compared.step.iter().chain(baseline)
        })
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

    fn problems(&self, compared: &Compared) -> Vec<Problem> {
        let mut problems = compared.problems.clone();
        if !self.weaker_redaction && !compared.weaker.is_empty() {
            problems.push(Problem::WeakerRedaction(compared.weaker.clone()));
        }
        problems
    }

    /// How many wanted tables are as they should be.
    fn unchanged(&self) -> usize {
        let good = |compared: &&Compared| {
            let has_step = self.steps().any(|step| step.table == compared.table);
            compared.is_wanted && compared.findings.is_empty() && !has_step
        };
        self.tables.iter().filter(good).count()
    }
}
