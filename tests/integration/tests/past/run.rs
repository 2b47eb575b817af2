//! One run: sessions write, moments are remembered, and all queries are asked of both.

use std::collections::BTreeMap;

use fastrand::Rng;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, Statement, StreamTrait, TransactionTrait,
};
use threadline::Registry;
use threadline::prelude::*;
use threadline_testkit::{Template, TestDb};

use crate::copy::Copy;
use crate::difference::Difference;
use crate::entities::{DDL, registry};
use crate::parameters::Parameters;
use crate::queries::{NAMES, ask};
use crate::readers::{Readers, SETTINGS, connection};
use crate::session::Session;
use crate::statement::first_rows;

/// A database in which Threadline's schema is installed and nothing else.
static INSTALLED: Template = Template::new("past", |db| {
    Box::pin(async move { Ok(threadline_migration::install(&db).await?) })
});

const SESSIONS: usize = 4;
const MOMENTS_A_ROUND: usize = 5;
const STEPS_A_MOMENT: usize = 60;
/// The first one makes a column that the entities have, so nothing is asked before it.
const SCHEMA_CHANGES: [&str; 5] = [
    "ALTER TABLE public.people ADD nick text",
    "ALTER TABLE public.people DROP legacy",
    "ALTER TABLE public.posts ALTER title TYPE text",
    "ALTER TABLE public.lines ALTER amount TYPE numeric(20, 4)",
    "ALTER TABLE billing.invoices ADD remark text DEFAULT 'none'",
];

/// What is compared with the copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Past,
    /// The tables as they are, which is what a time traveller that does not travel reads.
    Live,
}

pub(crate) struct Run {
    of: Asked,
    test_db: TestDb,
    registry: Registry,
    rng: Rng,
    sessions: Vec<Session>,
    /// Who takes the copies and changes the schema.
    owner: DatabaseConnection,
    readers: Vec<Readers>,
    moments: Vec<Moment>,
    log: Vec<String>,
    equal: usize,
    rows: usize,
    empty: usize,
    /// How often a kind of query was answered differently, and a report of the first time.
    wrong: BTreeMap<&'static str, (usize, String)>,
}

struct Moment {
    at: DateTimeUtc,
    copy: Copy,
    /// How many transactions were in flight.
    open: usize,
    /// How much of the log was before it.
    logged: usize,
    /// How often it was asked about.
    asked: usize,
}

/// Compares about `queries` answers, and gives a summary, or what is wrong.
pub(crate) async fn run(seed: u64, queries: usize, of: Asked) -> Result<String, String> {
    let mut run = Run::set_up(Rng::with_seed(seed), of).await;
    let rounds = SCHEMA_CHANGES.len();
    let batches = queries.div_ceil(NAMES.len()).max(rounds);
    let mut changes = SCHEMA_CHANGES.to_vec();
    run.rng.shuffle(&mut changes[1..]);
    for (round, change) in changes.into_iter().enumerate() {
        for _ in 0..MOMENTS_A_ROUND {
            run.steps().await;
            run.remember().await;
        }
        run.finish().await;
        run.change_schema(change).await;
        for _ in (batches * round / rounds)..(batches * (round + 1) / rounds) {
            run.compare().await?;
        }
    }
    run.verdict()
}

impl Run {
    async fn set_up(mut rng: Rng, of: Asked) -> Self {
        let test_db = TestDb::from(&INSTALLED).await;
        let owner = connection(&test_db, "").await;
        owner.execute_unprepared(DDL).await.expect("the tables can be made");
        let registry = registry();
        threadline_migration::sync(&owner, &registry).await.expect("they can be audited");
        for sql in first_rows(&mut rng) {
            owner.execute_unprepared(&sql).await.expect("the tables can be filled");
        }
        let mut sessions = Vec::new();
        for number in 0..SESSIONS {
            let settings = SETTINGS[rng.usize(..SETTINGS.len())];
            sessions.push(Session::new(number, connection(&test_db, settings).await));
        }
        Self {
            readers: Readers::all(&test_db).await,
            of,
            test_db,
            registry,
            rng,
            sessions,
            owner,
            moments: Vec::new(),
            log: Vec::new(),
            equal: 0,
            rows: 0,
            empty: 0,
            wrong: BTreeMap::new(),
        }
    }

    async fn steps(&mut self) {
        for _ in 0..STEPS_A_MOMENT {
            let session = self.rng.usize(..SESSIONS);
            self.sessions[session].step(&mut self.rng, &mut self.log).await;
        }
    }

    /// Copies the tables, lets the open transactions go on unseen, and looks at the clock.
    async fn remember(&mut self) {
        let number = self.moments.len();
        // Only who is alone can truncate.
        let truncates = self.rng.u8(..3) == 0;
        if truncates {
            self.finish().await;
        }
        let copy = match Copy::take(number, &self.owner).await {
            Some(copy) => copy,
            // Somebody is truncating.
            None => {
                self.finish().await;
                Copy::take(number, &self.owner).await.expect("nobody locks anything any more")
            }
        };
        if truncates {
            let session = self.rng.usize(..SESSIONS);
            self.sessions[session].unseen_truncate(&mut self.rng, &mut self.log).await;
        }
        for _ in 0..self.rng.usize(..24) {
            let session = self.rng.usize(..SESSIONS);
            self.sessions[session].unseen_step(&mut self.rng, &mut self.log).await;
        }
        let at = now(&self.owner).await;
        let open = self.sessions.iter().filter(|session| session.is_open()).count();
        self.log.push(format!("-- moment {}: {at}, {open} open", self.moments.len()));
        self.moments.push(Moment { at, copy, open, logged: self.log.len(), asked: 0 });
    }

    async fn finish(&mut self) {
        for session in &mut self.sessions {
            session.finish(&mut self.rng, &mut self.log).await;
        }
    }

    async fn change_schema(&mut self, change: &str) {
        self.log.push(format!("schema: {change}"));
        self.owner.execute_unprepared(change).await.expect(change);
        for moment in &self.moments {
            let change = moment.copy.brought_up_to_date(change);
            self.owner.execute_unprepared(&change).await.expect("a copy is like the table");
        }
        let redacts = change.contains("people") || change.contains("invoices");
        // What a trigger does not know of a table without redaction, it records all the same.
        if redacts || self.rng.bool() {
            self.log.push("sync".to_owned());
            threadline_migration::sync(&self.owner, &self.registry).await.expect("it syncs");
        }
        for readers in &mut self.readers {
            readers.renew(&self.test_db).await;
        }
    }

    /// Asks every kind of query once, of one moment.
    async fn compare(&mut self) -> Result<(), String> {
        let number = self.least_asked();
        let readers = &self.readers[self.rng.usize(..SETTINGS.len())];
        let moment = &self.moments[number];
        let at = any_time_of(moment.at, &self.owner).await[self.rng.usize(..3)];
        let copy = moment.copy.stand_in(&readers.copies).await.expect("the copies can stand in");
        let mut within = match self.rng.bool() {
            true => Some(readers.new.begin().await.expect("a transaction")),
            false => None,
        };
        let mut queries = NAMES.to_vec();
        self.rng.shuffle(&mut queries);
        for query in queries {
            let parameters = &Parameters::new(&mut self.rng);
            let wanted = ask(query, &copy, parameters).await;
            let wanted = &wanted.map_err(|error| format!("{query} is no query: {error}"))?;
            let found = &match &within {
                Some(txn) => self.past(txn, at, query, parameters).await,
                None => self.past(&readers.old, at, query, parameters).await,
            };
            if found.as_ref() != Ok(wanted) {
                let difference = Difference { query, parameters, wanted, found };
                let how = format!("asked of {at}, within a transaction: {}", within.is_some());
                let report = self.report(number, &how, &difference);
                self.wrong.entry(query).or_insert((0, report)).0 += 1;
                // After an error nothing more can be asked there.
                within = None;
                continue;
            }
            self.equal += 1;
            self.rows += wanted.len();
            self.empty += usize::from(wanted.is_empty());
        }
        Ok(())
    }

    /// One of the moments that were asked about least often.
    fn least_asked(&mut self) -> usize {
        let least = self.moments.iter().map(|moment| moment.asked).min().unwrap_or_default();
        let all = 0..self.moments.len();
        let few: Vec<usize> = all.filter(|number| self.moments[*number].asked == least).collect();
        let number = few[self.rng.usize(..few.len())];
        self.moments[number].asked += 1;
        number
    }

    async fn past<C: ConnectionTrait + StreamTrait>(
        &self,
        db: &C,
        at: DateTimeUtc,
        query: &str,
        parameters: &Parameters,
    ) -> Result<Vec<String>, String> {
        let answer = match self.of {
            Asked::Past => ask(query, &db.as_of(at, &self.registry), parameters).await,
            Asked::Live => ask(query, db, parameters).await,
        };
        answer.map_err(|error| error.to_string())
    }

    fn report(&self, number: usize, how: &str, difference: &Difference<'_>) -> String {
        let Moment { at, open, logged, .. } = self.moments[number];
        let before = &self.log[logged.saturating_sub(120)..logged];
        format!(
            "moment {number} ({at}, {open} transactions in flight), {how}\n{difference}\n-- what was said before --\n{}",
            before.join("\n")
        )
    }

    fn verdict(&self) -> Result<String, String> {
        let Some((_, (_, first))) = self.wrong.first_key_value() else { return Ok(self.summary()) };
        let kinds = self.wrong.iter().map(|(query, (times, _))| format!("{times:>4} {query}"));
        let kinds = kinds.collect::<Vec<_>>().join("\n");
        Err(format!("{first}\n\n-- all that was answered differently, how often --\n{kinds}"))
    }

    fn summary(&self) -> String {
        let open = self.moments.iter().filter(|moment| moment.open > 0).count();
        let (done, failed) = self
            .sessions
            .iter()
            .fold((0, 0), |(done, failed), session| (done + session.done, failed + session.failed));
        format!(
            "{} moments, {open} with transactions in flight, {} queries equal ({} kinds, {} \
             answers without rows, {} rows), {done} statements, {failed} failed",
            self.moments.len(),
            self.equal,
            NAMES.len(),
            self.empty,
            self.rows,
        )
    }
}

/// A moment, and the first and the last one at which everything stood as it did then: when the last
/// transaction before it was committed, and just before the next one was.
async fn any_time_of(at: DateTimeUtc, db: &DatabaseConnection) -> [DateTimeUtc; 3] {
    let sql = "SELECT coalesce(max(committed_at) FILTER (WHERE committed_at <= $1), $1), coalesce(
            min(committed_at) FILTER (WHERE committed_at > $1) - interval '1 microsecond', $1)
        FROM threadline.audit_transactions";
    let sql = threadline::schema().expect("a schema's name").rewrite(sql);
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [at.into()]);
    let row = db.query_one_raw(statement).await.expect("the trail can be read").expect("a row");
    let time = |place| row.try_get_by_index(place).expect("a time");
    [at, time(0), time(1)]
}

async fn now(db: &DatabaseConnection) -> DateTimeUtc {
    let sql = Statement::from_string(DbBackend::Postgres, "SELECT clock_timestamp()");
    let row = db.query_one_raw(sql).await.expect("the clock").expect("a row");
    row.try_get_by_index(0).expect("a time")
}
