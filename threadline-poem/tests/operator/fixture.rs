//! A surface over a trail with two tenants, and what a browser would get of it.

use poem::http::{HeaderMap, Method, StatusCode};
use poem::test::TestClient;
use poem::{Endpoint, Request, Route};
use scraper::{Html, Selector};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use threadline::{
    Action, ActorRef, AuditContext, AuditExt, Predicate, Registry, TableName, TableSpec,
};
use threadline_poem::{Capability, Decision, Grant, Surface};
use threadline_testkit::{Template, TestDb};

/// Two tenants with a few tickets each, one order whose lines have a key of two columns, and one
/// transaction that touches both tenants. Whatever belongs to a tenant has its name in every text, so
/// that a page that shows a word of the other can be caught by that word.
static TENANTS: Template =
    Template::new("operator_tenants", |db| Box::pin(async move { seed(&db).await }));

const TABLES: &str = "
    CREATE TABLE tickets (
        id bigint PRIMARY KEY, organization_id bigint NOT NULL, title text NOT NULL,
        status text NOT NULL DEFAULT 'open', priority int NOT NULL DEFAULT 3, details jsonb,
        card text, secret text, updated_at timestamptz);
    CREATE TABLE order_lines (
        order_id bigint, line_no int, organization_id bigint NOT NULL, article text NOT NULL,
        amount numeric(12, 2) NOT NULL, PRIMARY KEY (order_id, line_no));
    CREATE TABLE unwatched (id int PRIMARY KEY)";

/// What the trail of these tests is about.
pub(crate) fn registry() -> Registry {
    let table = |name: &str| TableSpec::new(TableName::parse(name).expect("a name"));
    let column = |name: &str| threadline::ColumnName::new(name).expect("a name");
    Registry::builder()
        .table(
            table("tickets")
                .mask(
                    column("card"),
                    threadline::Placeholder::new("[card]").expect("a placeholder"),
                )
                .exclude(column("secret")),
        )
        .table(table("order_lines"))
        .build()
        .expect("a registry")
}

async fn seed(db: &DatabaseConnection) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    threadline_migration::install(db).await?;
    db.execute_unprepared(TABLES).await?;
    threadline_migration::sync(db, &registry()).await?;
    for (organization, name) in [(1, "acme"), (2, "globex")] {
        let first = organization * 10;
        write(
            db,
            organization,
            name,
            "ticket.open",
            &format!(
                "INSERT INTO tickets (id, organization_id, title, details, card, secret)
             SELECT {first} + n, {organization}, '{name} ticket ' || n,
                 jsonb_build_object('city', '{name} town', 'tags', jsonb_build_array('{name}')),
                 '{name} card', '{name} secret'
             FROM generate_series(1, 3) n"
            ),
        )
        .await?;
        write(db, organization, name, "ticket.close", &format!(
            "UPDATE tickets SET status = '{name} closed', details = details || '{{\"city\": \"{name} city\"}}'
             WHERE id = {first} + 1"
        )).await?;
        write(
            db,
            organization,
            name,
            "order.place",
            &format!(
                "INSERT INTO order_lines VALUES ({first}, 1, {organization}, '{name} bolt', 4.50),
                 ({first}, 2, {organization}, '{name} nut', 0.10);
             UPDATE order_lines SET amount = 5.25 WHERE order_id = {first} AND line_no = 1;
             DELETE FROM tickets WHERE id = {first} + 3"
            ),
        )
        .await?;
    }
    // One transaction of both, by somebody of neither, and a write that nobody announced.
    let both = AuditContext::new(ActorRef::job("nightly")).correlation_id("nightly-1");
    let txn = db.audit_begin(&both, Action::new("ticket.renumber")).await?;
    txn.execute_unprepared("UPDATE tickets SET priority = priority + 1 WHERE id IN (12, 22)")
        .await?;
    txn.commit().await?;
    db.execute_unprepared("UPDATE tickets SET priority = 9 WHERE id = 22").await?;
    Ok(())
}

async fn write(
    db: &DatabaseConnection,
    organization: i64,
    name: &str,
    action: &str,
    sql: &str,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let context = AuditContext::new(ActorRef::user(format!("{name}-agent")))
        .request_id(format!("{name}-request-{action}"))
        .correlation_id(format!("{name}-{organization}"));
    let action = Action::new(action).reason(format!("{name} asked for it"));
    let txn = db.audit_begin(&context, action).await?;
    txn.execute_unprepared(sql).await?;
    txn.commit().await?;
    Ok(())
}

/// A surface over the two tenants, mounted at `/audit`.
pub(crate) struct Fixture {
    pub(crate) test_db: TestDb,
    pub(crate) db: DatabaseConnection,
}

impl Fixture {
    pub(crate) async fn tenants() -> Self {
        let test_db = TestDb::from(&TENANTS).await;
        let db = test_db.pool_of(6).await;
        Self { test_db, db }
    }

    /// Runs a script, as psql would.
    pub(crate) async fn run(&self, sql: &str) {
        let sql = threadline::schema().expect("a name").rewrite(sql).into_owned();
        self.db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{error}\n{sql}"));
    }

    /// The surface, mounted. Who asks is in the header `x-viewer`: see [`grant`].
    pub(crate) fn app(&self) -> impl Endpoint {
        let surface = Surface::builder(self.db.clone(), &registry()).authorize(|req| {
            let decision = decide(req);
            async move { decision }
        });
        Route::new().nest("/audit", surface.build())
    }

    /// What this viewer's browser gets.
    pub(crate) async fn get(&self, viewer: &str, path: &str) -> Got {
        self.ask(Method::GET, viewer, path, &[]).await
    }

    /// The same with another method and more headers.
    pub(crate) async fn ask(
        &self,
        method: Method,
        viewer: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Got {
        ask(&TestClient::new(self.app()), method, (viewer, path), headers).await
    }
}

/// Asks any application.
pub(crate) async fn ask<E: Endpoint>(
    client: &TestClient<E>,
    method: Method,
    (viewer, path): (&str, &str),
    headers: &[(&str, &str)],
) -> Got {
    let request = client.request(method, path).header("x-viewer", viewer);
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = request.send().await.0;
    let (parts, body) = response.into_parts();
    let text = body.into_bytes().await.expect("a body");
    let text = String::from_utf8_lossy(&text).into_owned();
    Got { status: parts.status, headers: parts.headers, text }
}

fn decide(req: &Request) -> Decision {
    req.header("x-viewer").and_then(grant).into()
}

/// `admin` may do everything, `acme` and `globex` see their tenant and may export, `support` is `acme`
/// without a capability, `blind` is `acme` without values, `warden` is `acme` who may look after coverage
/// and policy, and nobody else may come in.
pub(crate) fn grant(viewer: &str) -> Option<Grant> {
    let of = |organization: i64| {
        Grant::scoped(
            ActorRef::user(viewer),
            format!("organization {organization}"),
            Predicate::column("organization_id", organization),
        )
    };
    Some(match viewer {
        "admin" => {
            Capability::ALL.into_iter().fold(Grant::everything(ActorRef::admin(1)), Grant::allow)
        }
        "acme" => of(1).allow(Capability::Export),
        "globex" => of(2).allow(Capability::Export),
        "support" => of(1),
        "warden" => of(1).allow(Capability::Coverage).allow(Capability::Policy),
        "blind" => of(1).allow(Capability::Export).hide_values(),
        _ => return None,
    })
}

/// An answer as a browser has it.
pub(crate) struct Got {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Got {
    pub(crate) fn html(&self) -> Html {
        Html::parse_document(&self.text)
    }

    /// The texts of the elements that match, without the blanks around and within.
    pub(crate) fn texts(&self, css: &str) -> Vec<String> {
        let selector = Selector::parse(css).expect("a selector");
        self.html()
            .select(&selector)
            .map(|element| {
                element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .collect()
    }

    /// The values of an attribute of the elements that match.
    pub(crate) fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        let selector = Selector::parse(css).expect("a selector");
        self.html()
            .select(&selector)
            .filter_map(|element| element.value().attr(name).map(str::to_owned))
            .collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
