//! The checks S-01 to S-52 that a request can show. Each test begins with the numbers of its checks, and
//! `docs/security.md` says which test holds which.

mod attack;
mod blind;
mod crawl;
mod failing;
mod forms;
mod fuzz;
mod grants;
mod hostile;
mod limits;
mod logs;
mod output;
mod reading;
mod tenants;

use poem::http::Method;
use poem::{Endpoint, Route};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use threadline_poem::{Capability, Surface};

use crate::fixture::{Fixture, registry};

/// A page with its variable segments filled in.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) pattern: &'static str,
    pub(crate) path: String,
    pub(crate) needs: Option<Capability>,
}

/// Every page of the surface, each about something that `acme` may see.
pub(crate) async fn every_page(fixture: &Fixture) -> Vec<Asked> {
    let transaction = number(fixture, &of_acme("min(transaction_id)")).await;
    let change = number(fixture, &of_acme("min(id)")).await;
    let other = number(fixture, &of_acme("max(id)")).await;
    Surface::__pages()
        .into_iter()
        .map(|(method, pattern, needs)| {
            let id = if pattern.starts_with("/changes") { change } else { transaction };
            let id = id.to_string();
            let (id, key) = match pattern {
                "/actors/{kind}/{id}" => ("acme-agent", ""),
                _ => (id.as_str(), "11"),
            };
            let path = [
                ("{id}", id),
                ("{key}", key),
                ("{table}", "public.tickets"),
                ("{kind}", "user"),
                ("{name}", "ticket.close"),
                ("{file}", "changes.csv"),
            ]
            .iter()
            .fold(format!("/audit{pattern}"), |path, (hole, value)| path.replace(hole, value));
            assert!(!path.contains('{'), "{path}: fill it in");
            let path = match pattern {
                "/compare" => format!("{path}?a={change}&b={other}"),
                _ => path,
            };
            Asked { method, pattern, path, needs }
        })
        .collect()
}

/// A statement about the changes of the ticket that `acme` opened and closed.
fn of_acme(what: &str) -> String {
    format!("SELECT {what} FROM threadline.audit_changes WHERE data_after->>'id' = '11'")
}

/// The one number that a statement gives.
pub(crate) async fn number(fixture: &Fixture, sql: &str) -> i64 {
    let sql = threadline::schema().expect("a name").rewrite(sql).into_owned();
    let row = fixture.db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
    row.expect("an answer").expect("a row").try_get_by_index(0).expect("a number")
}

/// The surface over another connection, for the same viewers.
pub(crate) fn app_over(db: &DatabaseConnection) -> impl Endpoint + use<> {
    let surface = Surface::builder(db.clone(), &registry()).authorize(|req| {
        let viewer = req.header("x-viewer").unwrap_or_default().to_owned();
        async move { crate::fixture::grant(&viewer) }
    });
    Route::new().nest("/audit", surface.build())
}
