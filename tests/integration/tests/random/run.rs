//! One run: tables, sessions, moments, and the verdict.

use std::fmt::Write;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use fastrand::Rng;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use threadline_testkit::{Template, TestDb};
use tokio::sync::oneshot;

use crate::journal::Journal;
use crate::moment::{Moment, remember};
use crate::schema::{SchemaChanges, text};
use crate::session::{Abilities, Session};
use crate::story::Story;
use crate::table::Table;
use crate::verdict::Evidence;
use crate::world::{World, registry, tables};
use crate::{kind, trail};

/// A database in which Threadline's schema is installed and nothing else.
static INSTALLED: Template = Template::new("random", |db| {
    Box::pin(async move { Ok(threadline_migration::install(&db).await?) })
});

/// Between two rounds nobody writes.
const ROUNDS: usize = 6;
const SESSIONS: usize = 4;
/// A transaction has about this many statements.
const STATEMENTS_A_UNIT: usize = 4;

pub(crate) struct Run {
    test_db: TestDb,
    db: DatabaseConnection,
    world: World,
    names: Vec<String>,
    journal: Arc<Journal>,
    stories: Arc<Mutex<Vec<Story>>>,
    moments: Vec<Moment>,
}

/// Runs about `statements` statements, and gives a summary, or what is wrong.
pub(crate) async fn run(seed: u64, statements: usize) -> Result<String, String> {
    let mut rng = Rng::with_seed(seed);
    let mut run = Run::set_up(&mut rng).await;
    let can = abilities(&run.db).await;
    let mut sessions = Vec::new();
    for number in 0..SESSIONS {
        sessions.push(run.session(number, Rng::with_seed(rng.u64(..)), can).await);
    }
    let db = run.pool().await;
    let mut schema = SchemaChanges {
        db,
        rng: Rng::with_seed(rng.u64(..)),
        world: run.world.clone(),
        journal: run.journal.clone(),
        stories: run.stories.clone(),
    };
    let units = (statements / (ROUNDS * SESSIONS * STATEMENTS_A_UNIT)).max(1);
    for round in 0..ROUNDS {
        // Now and then the schema stays as it is, and the triggers fit their tables.
        let changes = if round % 3 == 0 { 0 } else { rng.usize(1..6) };
        (sessions, schema) = run.round(sessions, schema, units, changes).await;
    }
    run.verdict().await
}

impl Run {
    async fn set_up(rng: &mut Rng) -> Self {
        let test_db = TestDb::from(&INSTALLED).await;
        let mut tables = tables(rng);
        let db = test_db.pool_of(1).await;
        db.execute_unprepared(kind::TYPES).await.expect("the types can be made");
        db.execute_unprepared(trail::TEXTS).await.expect("the function can be made");
        for table in &mut tables {
            let sql = table.create();
            table.is_made = true;
            db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{error}\n{sql}"));
        }
        threadline_migration::sync(&db, &registry(&tables)).await.expect("they can be audited");
        for parts in tables.iter_mut().filter_map(|table| table.parts.as_mut()) {
            parts.know(&parts.clone());
        }
        let canonical = "SET timezone = 'UTC'; SET datestyle = 'ISO, MDY';
            SET intervalstyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 1";
        db.execute_unprepared(canonical).await.expect("settings");
        let stories = Arc::new(Mutex::new(tables.iter().map(Story::of).collect()));
        Self {
            test_db,
            db,
            names: tables.iter().map(|table: &Table| table.name.clone()).collect(),
            world: Arc::new(RwLock::new(tables)),
            journal: Journal::shared(),
            stories,
            moments: Vec::new(),
        }
    }

    async fn pool(&self) -> DatabaseConnection {
        let db = self.test_db.pool_of(1).await;
        db.execute_unprepared("SET statement_timeout = '60s'").await.expect("a setting");
        // Only a superuser may; without it deadlocks take longer to be found, and that is all.
        let _ = db.execute_unprepared("SET deadlock_timeout = '30ms'").await;
        db
    }

    async fn session(&self, number: usize, rng: Rng, can: Abilities) -> Session {
        let (world, journal) = (self.world.clone(), self.journal.clone());
        Session { number, db: self.pool().await, rng, world, journal, can, units: 0 }
    }

    /// Everybody writes; moments are remembered in the middle of it and after it.
    async fn round(
        &mut self,
        sessions: Vec<Session>,
        mut schema: SchemaChanges,
        units: usize,
        changes: usize,
    ) -> (Vec<Session>, SchemaChanges) {
        let writers: Vec<_> =
            sessions.into_iter().map(|session| tokio::spawn(session.run(units))).collect();
        let (done, mut is_done) = oneshot::channel::<()>();
        let changer = tokio::spawn(async move {
            for _ in 0..changes {
                tokio::time::sleep(Duration::from_millis(schema.rng.u64(5..80))).await;
                schema.once().await;
            }
            schema
        });
        let joined = tokio::spawn(async move {
            let mut sessions = Vec::new();
            for writer in writers {
                sessions.push(writer.await.expect("no session panics"));
            }
            let schema = changer.await.expect("no schema change panics");
            drop(done);
            (sessions, schema)
        });
        while is_done.try_recv() == Err(oneshot::error::TryRecvError::Empty) {
            // A deadlock with a truncate is an error like any other; there will be other moments.
            if let Ok(moment) = remember(&self.db, &self.names, false).await {
                self.moments.push(moment);
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        let back = joined.await.expect("nobody panics");
        let moment = remember(&self.db, &self.names, true).await.expect("nobody is in the way");
        self.moments.push(moment);
        back
    }

    async fn verdict(&self) -> Result<String, String> {
        let trail = trail::Trail::load(&self.db).await.map_err(|error| error.to_string())?;
        let open = text(&self.db, "SELECT count(*)::text FROM threadline.open_transactions").await;
        let stories = self.stories.lock().expect("no panic before").clone();
        let evidence = Evidence::new(trail, stories, &self.moments, &self.journal);
        let mut summary = evidence.judge()?;
        if open.as_deref() != Ok("0") {
            return Err(format!("{open:?} rows are left in open_transactions"));
        }
        let (succeeded, failed) = self.journal.counts();
        let _ = write!(summary, ", {succeeded} statements, {failed} failed");
        if std::env::var_os("THREADLINE_RANDOM_ERRORS").is_some() {
            for (count, error) in self.journal.errors().iter().take(30) {
                let _ = write!(summary, "\n{count:>6} {error}");
            }
        }
        Ok(summary)
    }
}

async fn abilities(db: &DatabaseConnection) -> Abilities {
    let setting = async |name: &str| {
        let told = text(db, &format!("SELECT current_setting('{name}')")).await;
        told.ok().and_then(|told| told.parse::<u32>().ok()).unwrap_or(0)
    };
    Abilities {
        merges: setting("server_version_num").await >= 150_000,
        prepares: setting("max_prepared_transactions").await > 0,
    }
}
