//! Somebody with a browser: one database, one application, one cookie.

use std::error::Error;
use std::sync::LazyLock;

use helpdesk_migration::Migrator;
use poem::endpoint::BoxEndpoint;
use poem::http::StatusCode;
use poem::test::{TestClient, TestResponse};
use poem::{EndpointExt, Response};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;
use serde_json::Value;
use threadline::Registry;
use threadline_testkit::{Template, TestDb};

/// A database with the accounts and nothing else.
static ACCOUNTS: Template = Template::new("accounts", |db| Box::pin(accounts(db)));

/// A database with the whole demo.
static SEEDED: Template = Template::new("seeded", |db| {
    Box::pin(async move {
        accounts(db.clone()).await?;
        helpdesk::seed::history(&db).await
    })
});

async fn accounts(db: DatabaseConnection) -> Result<(), Box<dyn Error + Send + Sync>> {
    Migrator::up(&db, None).await?;
    helpdesk::seed::accounts(&db).await
}

pub(crate) struct Browser {
    pub(crate) db: DatabaseConnection,
    /// Kept, because dropping it drops the database.
    _test_db: TestDb,
    client: TestClient<BoxEndpoint<'static, Response>>,
    cookie: Option<String>,
}

impl Browser {
    /// On a database with the accounts only.
    pub(crate) async fn new() -> Self {
        Self::on(&ACCOUNTS).await
    }

    /// On a database with the whole demo.
    pub(crate) async fn seeded() -> Self {
        Self::on(&SEEDED).await
    }

    /// On a database with the accounts only, and signed in as one of them.
    pub(crate) async fn signed_in(email: &str) -> Self {
        let mut browser = Self::new().await;
        browser.sign_in(email).await;
        browser
    }

    async fn on(template: &'static Template) -> Self {
        let test_db = TestDb::from(template).await;
        let db = test_db.connect().await;
        let client =
            TestClient::new(helpdesk::app(db.clone(), registry()).map_to_response().boxed());
        Self { db, _test_db: test_db, client, cookie: None }
    }

    pub(crate) async fn sign_in(&mut self, email: &str) {
        let form = [("email", email), ("password", helpdesk::seed::PASSWORD)];
        self.post_form("/login", &form).await.assert_status(StatusCode::SEE_OTHER);
        assert!(self.cookie.is_some(), "the login sets a cookie");
    }

    pub(crate) async fn get(&self, path: &str) -> TestResponse {
        let mut request = self.client.get(path);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        request.send().await
    }

    /// Sends a form as a page of the application does.
    pub(crate) async fn post_form(&mut self, path: &str, form: &[(&str, &str)]) -> TestResponse {
        let site = ("sec-fetch-site", "same-origin");
        let response = self.post_form_with(path, form, &[site]).await;
        self.keep_cookie(&response);
        response
    }

    pub(crate) async fn post_form_with(
        &self,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> TestResponse {
        let mut request = self.client.post(path).form(&form);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        request.send().await
    }

    /// Sends JSON as a program does, with the cookie and these headers.
    pub(crate) async fn post_json(
        &self,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> TestResponse {
        let mut request = self.client.post(path).content_type("application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        request.body(body.to_owned()).send().await
    }

    /// The `set-cookie` of a response is what goes back with the next request.
    fn keep_cookie(&mut self, response: &TestResponse) {
        if let Some(set) = response.0.headers().get("set-cookie") {
            let set = set.to_str().expect("cookies are ASCII");
            self.cookie = set.split(';').next().map(str::to_owned);
        }
    }

    /// Forgets the cookie, or takes another.
    pub(crate) fn replace_cookie(&mut self, cookie: Option<String>) -> Option<String> {
        std::mem::replace(&mut self.cookie, cookie)
    }

    /// The only value of a query, as JSON.
    pub(crate) async fn value(&self, sql: &str) -> Value {
        value(&self.db, sql).await
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        let count = self.value(&format!("SELECT count(*) FROM {table}")).await;
        count.as_i64().expect("a number")
    }
}

pub(crate) async fn value(db: &DatabaseConnection, sql: &str) -> Value {
    let sql = format!("SELECT to_jsonb(v) AS v FROM ({sql}) AS q(v)");
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql.clone())).await;
    let row = row.unwrap_or_else(|error| panic!("{error}\n{sql}"));
    let row = row.unwrap_or_else(|| panic!("no row: {sql}"));
    row.try_get::<Option<Value>>("", "v").expect("jsonb").unwrap_or(Value::Null)
}

pub(crate) async fn json(response: TestResponse) -> Value {
    let body = text(response).await;
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}\n{body}"))
}

pub(crate) async fn text(response: TestResponse) -> String {
    response.0.into_body().into_string().await.expect("the body is text")
}

/// The tables that have a past, collected once.
pub(crate) fn registry() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> =
        LazyLock::new(|| Registry::collect().expect("the entities are linked"));
    &REGISTRY
}
