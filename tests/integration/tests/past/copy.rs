//! Copies of all tables, taken at a moment, and the policy applied to them by code of the test's own.

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};

use crate::entities::TABLES;

/// What is stored of a person's mail: the keyed hash, by the functions of PostgreSQL alone.
const MAIL: &str = r#"(SELECT 'hmac:' || encode(sha256(k.outer_pad || sha256(k.inner_pad
    || convert_to('"public"."people"."email"', 'UTF8') || '\x00'::bytea
    || convert_to(email, 'UTF8'))), 'hex') FROM threadline.hash_keys k)"#;

/// What is stored of a person's profile: no street, and nothing at all if the address has another form.
const PROFILE: &str = r#"CASE
    WHEN jsonb_typeof(profile -> 'address') NOT IN ('object', 'null') THEN NULL
    WHEN profile #> '{address,street}' IS NOT NULL
        THEN jsonb_set(profile, '{address,street}', '"[REDACTED]"')
    ELSE profile END"#;

/// The copies of one moment: schemas called `copy_7_public` and `copy_7_billing`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Copy {
    pub(crate) number: usize,
}

impl Copy {
    /// Copies all tables at once. `None` if somebody has locked one of them.
    pub(crate) async fn take(number: usize, db: &DatabaseConnection) -> Option<Self> {
        let copy = Self { number };
        let txn = db.begin().await.expect("a transaction");
        let mut sql = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;".to_owned();
        for schema in ["public", "billing"] {
            sql += &format!("CREATE SCHEMA {};", copy.schema(schema));
        }
        for (schema, table) in TABLES {
            let place = copy.schema(schema);
            sql += &format!("CREATE TABLE {place}.{table} AS TABLE {schema}.{table};");
        }
        match txn.execute_unprepared(&sql).await {
            Ok(_) => {
                txn.execute_unprepared(&written(&copy.redacted())).await.expect("it is redacted")
            }
            Err(error) => {
                let is_locked = error.to_string().contains("lock timeout");
                assert!(is_locked, "{error}\n{sql}");
                return None;
            }
        };
        txn.commit().await.expect("it is kept");
        Some(copy)
    }

    fn schema(self, schema: &str) -> String {
        format!("copy_{}_{schema}", self.number)
    }

    fn redacted(self) -> String {
        let (public, billing) = (self.schema("public"), self.schema("billing"));
        format!(
            "ALTER TABLE {public}.people ALTER email TYPE text, ALTER pin TYPE text;
            UPDATE {public}.people SET email = {MAIL}, profile = {PROFILE}, pin = '[REDACTED]',
                secret = '', wage = 7;
            UPDATE {public}.posts SET body = '' WHERE octet_length(body) > 40;
            UPDATE {billing}.invoices SET card = '***'"
        )
    }

    /// What has become of a table's columns since, which is how its past is read, too.
    pub(crate) fn brought_up_to_date(self, change: &str) -> String {
        let (public, billing) = (self.schema("public"), self.schema("billing"));
        change.replace("public.", &format!("{public}.")).replace("billing.", &format!("{billing}."))
    }

    /// A transaction for which the copies stand where the tables were, under the same names.
    pub(crate) async fn stand_in(
        self,
        db: &DatabaseConnection,
    ) -> Result<DatabaseTransaction, DbErr> {
        let txn = db.begin().await?;
        for schema in ["public", "billing"] {
            let copy = self.schema(schema);
            let sql = format!(
                "ALTER SCHEMA {schema} RENAME TO live_{schema}; ALTER SCHEMA {copy} RENAME TO {schema}"
            );
            txn.execute_unprepared(&sql).await?;
        }
        Ok(txn)
    }
}

/// `sql`, which is written for the schema `threadline`, for the one that these tests run with.
fn written(sql: &str) -> String {
    threadline::schema().expect("a schema's name").rewrite(sql).into_owned()
}
