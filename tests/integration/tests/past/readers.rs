//! The connections that the queries are asked on.

use sea_orm::{ConnectionTrait, DatabaseConnection};
use threadline_testkit::TestDb;

/// Settings of a session, which both sides share.
pub(crate) const SETTINGS: [&str; 3] = [
    "",
    "SET timezone = 'Asia/Kathmandu'; SET datestyle = 'German, DMY'; SET extra_float_digits = 0;",
    "SET timezone = 'America/St_Johns'; SET intervalstyle = 'sql_standard'; SET jit = on;",
];

/// Those with the same settings.
pub(crate) struct Readers {
    settings: &'static str,
    /// For the past: it knows its statements from before the schema changed.
    pub(crate) old: DatabaseConnection,
    /// For the past, in transactions: in one that is under way, nothing can be prepared again.
    pub(crate) new: DatabaseConnection,
    /// For the copies.
    pub(crate) copies: DatabaseConnection,
}

impl Readers {
    pub(crate) async fn all(test_db: &TestDb) -> Vec<Self> {
        let mut all = Vec::new();
        for settings in SETTINGS {
            all.push(Self {
                settings,
                old: connection(test_db, settings).await,
                new: connection(test_db, settings).await,
                copies: connection(test_db, settings).await,
            });
        }
        all
    }

    /// After the schema has changed: what was prepared before cannot be asked again of a table that
    /// has other types.
    pub(crate) async fn renew(&mut self, test_db: &TestDb) {
        self.new = connection(test_db, self.settings).await;
        self.copies = connection(test_db, self.settings).await;
    }
}

pub(crate) async fn connection(test_db: &TestDb, settings: &str) -> DatabaseConnection {
    let db = test_db.pool_of(1).await;
    let sql = format!("SET search_path = public, kinds; SET lock_timeout = '5ms'; {settings}");
    db.execute_unprepared(&sql).await.expect("settings");
    db
}
