use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use threadline::sea_orm::{DatabaseConnection, DbErr};
use threadline::{BoundedRead, Error, Registry};
use threadline_migration::health::{CoverageOptions, Health, health};
use tokio::sync::watch;

use crate::pages::Refusal;
use crate::pages::told::{Told, told};
use crate::view::Pill;

/// How it stands with the tables, looked up for all viewers together: however many pages are open, the
/// catalog is looked at once per interval. A look goes on when whoever waited for it has left.
pub(crate) struct Checkup {
    db: DatabaseConnection,
    registry: Registry,
    /// How long one look may take.
    limit: Duration,
    known: watch::Sender<Known>,
}

/// What is known.
#[derive(Clone, Default)]
pub(crate) struct Known {
    /// What the last look that succeeded found, and when.
    pub(crate) good: Option<Arc<(Health, DateTime<Utc>)>>,
    /// Why the last look failed, if it did, and when. What is good is then no longer new.
    pub(crate) failure: Option<(Told, DateTime<Utc>)>,
    begun: Option<Instant>,
    is_looking: bool,
}

impl Known {
    /// What the header says. A number that may no longer be true is not said.
    pub(crate) fn pill(&self) -> Pill {
        match &self.good {
            Some(good) if self.failure.is_none() => match good.0.coverage.uncovered() {
                0 => Pill::AllCovered,
                tables => Pill::Uncovered(tables),
            },
            _ => Pill::Unknown,
        }
    }

    fn is_older_than(&self, age: Duration) -> bool {
        self.begun.is_none_or(|begun| begun.elapsed() >= age)
    }
}

impl Checkup {
    pub(crate) fn new(db: DatabaseConnection, registry: Registry, limit: Duration) -> Self {
        Self { db, registry, limit, known: watch::Sender::default() }
    }

    /// What is known now.
    pub(crate) fn known(&self) -> Known {
        self.known.borrow().clone()
    }

    /// What is known after a new look, if the last one began longer ago than `age`; after `patience`, what
    /// is known by then.
    pub(crate) async fn latest(self: &Arc<Self>, age: Duration, patience: Duration) -> Known {
        let is_mine = self.known.send_if_modified(|known| {
            let is_due = !known.is_looking && known.is_older_than(age);
            if is_due {
                (known.is_looking, known.begun) = (true, Some(Instant::now()));
            }
            is_due
        });
        if is_mine {
            tokio::spawn(self.clone().look());
        }
        let mut known = self.known.subscribe();
        let looked = known.wait_for(|known| !known.is_looking);
        // Whether it came to its end in time does not matter: what there is then is the answer.
        let _ = tokio::time::timeout(patience, looked).await;
        self.known()
    }

    async fn look(self: Arc<Self>) {
        let turn = Turn(&self.known);
        let found = self.read().await;
        let now = Utc::now();
        match found {
            Ok(found) => {
                tell(&found);
                let good = Some(Arc::new((found, now)));
                turn.0.send_modify(|known| (known.good, known.failure) = (good, None));
            }
            Err(refusal) => {
                tracing::warn!(
                    name: "threadline.health.checked.error",
                    target: "threadline",
                    class = refusal.class(),
                    "the tables could not be looked at; the pages go on with what was found before"
                );
                let failure = Some((told(&refusal), now));
                turn.0.send_modify(|known| known.failure = failure);
            }
        }
    }

    async fn read(&self) -> Result<Health, Refusal> {
        let begun =
            tokio::time::timeout(self.limit, BoundedRead::begin(&self.db, self.limit)).await;
        let read = begun.map_err(|_| Refusal::Busy)??;
        let options = CoverageOptions::default();
        let looked = health(read.connection(), &self.registry, &options);
        let found = tokio::time::timeout(self.limit, looked).await;
        let found = found.map_err(|_| Error::TimedOut {
            after: Some(self.limit),
            source: DbErr::Custom("all statements of a look together".to_owned()),
        })??;
        read.end().await?;
        Ok(found)
    }
}

fn tell(found: &Health) {
    tracing::debug!(
        name: "threadline.health.checked",
        target: "threadline",
        covered = found.coverage.covered(),
        uncovered = found.coverage.uncovered(),
        expected_uncovered = found.coverage.expected_uncovered(),
        "the tables were looked at"
    );
}

/// A look that is going on. However it ends, another may begin.
struct Turn<'k>(&'k watch::Sender<Known>);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|known| known.is_looking = false);
    }
}

#[cfg(test)]
mod tests {
    use threadline::sea_orm::ConnectionTrait;
    use threadline::{Registry, TableName, TableSpec};
    use threadline_testkit::TestDb;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    async fn checkup(test_db: &TestDb) -> (DatabaseConnection, Arc<Checkup>) {
        let db = test_db.pool_of(3).await;
        threadline_migration::install(&db).await.expect("installed");
        db.execute_unprepared("CREATE TABLE notes (id int PRIMARY KEY)").await.expect("a table");
        let notes = TableSpec::new(TableName::parse("notes").expect("a name"));
        let registry = Registry::builder().table(notes).build().expect("a registry");
        threadline_migration::sync(&db, &registry).await.expect("synced");
        let checkup = Checkup::new(db.clone(), registry, Duration::from_secs(10));
        (db, Arc::new(checkup))
    }

    #[tokio::test]
    async fn what_was_found_last_stays_when_a_look_fails_and_the_header_does_not_say_it() {
        let test_db = TestDb::empty().await;
        let (db, checkup) = checkup(&test_db).await;
        let first = checkup.latest(Duration::ZERO, PATIENCE).await;
        assert_eq!(first.pill(), Pill::AllCovered);
        db.close().await.expect("closed");
        let second = checkup.latest(Duration::ZERO, PATIENCE).await;
        let (told, _) = second.failure.clone().expect("a failure");
        assert_eq!(told.title, "The database cannot be reached");
        let found = |known: &Known| known.good.as_ref().map(|good| good.1);
        assert_eq!(found(&second), found(&first));
        assert_eq!(second.pill(), Pill::Unknown);
        // Nothing is asked again before its time, though it failed.
        let third = checkup.latest(PATIENCE, PATIENCE).await;
        assert_eq!(third.failure.map(|(_, at)| at), second.failure.map(|(_, at)| at));
    }

    #[tokio::test]
    async fn however_many_ask_there_is_one_look() {
        let test_db = TestDb::empty().await;
        let (_db, checkup) = checkup(&test_db).await;
        let age = Duration::from_secs(60);
        let asked = (0..20).map(|_| checkup.latest(age, PATIENCE));
        let known = futures_util::future::join_all(asked).await;
        let found: std::collections::BTreeSet<_> =
            known.iter().map(|known| known.good.as_ref().map(|good| good.1)).collect();
        assert_eq!(found.len(), 1);
        assert!(found.first().is_some_and(Option::is_some));
    }

    #[tokio::test]
    async fn a_page_does_not_wait_for_a_look_that_takes_long_and_the_look_goes_on() {
        let test_db = TestDb::empty().await;
        let (db, checkup) = checkup(&test_db).await;
        let holder =
            threadline::sea_orm::TransactionTrait::begin(&db).await.expect("a transaction");
        let lock =
            threadline::schema().expect("a name").rewrite("LOCK TABLE threadline.audited_tables");
        holder.execute_unprepared(&lock).await.expect("locked");
        let begun = Instant::now();
        let known = checkup.latest(Duration::ZERO, Duration::from_millis(50)).await;
        assert!(begun.elapsed() < Duration::from_secs(2));
        assert!(known.good.is_none() && known.pill() == Pill::Unknown);
        holder.rollback().await.expect("unlocked");
        let known = checkup.latest(PATIENCE, PATIENCE).await;
        assert_eq!(known.pill(), Pill::AllCovered);
    }
}
