//! The routes, and the layers around them.

use poem::middleware::CatchPanic;
use poem::{Endpoint, EndpointExt, Route, get, handler, post};
use sea_orm::DatabaseConnection;
use threadline::Registry;
use threadline_poem::Audit;

use crate::{audit, error, headers, limit, login, origin, posts, session, tickets};

/// The application, on this database. The sessions need a tokio runtime to live in. `registry` says which
/// tables have a past.
///
/// A layer sees a request before the layers that stand above it here, so the order matters: the
/// session has to be known before somebody is identified by it, and they before anything is put down
/// to them. All errors become responses right around the routes, because the layers further out drop
/// what they have to add (a session's cookie, a header) when they see an error.
pub fn app(db: DatabaseConnection, registry: &'static Registry) -> impl Endpoint {
    routes()
        .nest("/audit", audit::surface(&db, registry))
        .around(limit::small_bodies)
        .around(origin::own_pages_only)
        .with(CatchPanic::new())
        .around(error::render)
        .with(Audit::new(session::actor))
        .around(session::identify)
        .with(session::layer())
        .around(headers::secure)
        .data(db)
        .data(registry)
}

fn routes() -> Route {
    Route::new()
        .at("/", get(tickets::index))
        .at("/login", post(login::login))
        .at("/logout", post(login::logout))
        .at("/tickets", post(tickets::open))
        .at("/tickets/:id", get(tickets::show))
        .at("/tickets/:id/replies", post(tickets::reply))
        .at("/tickets/:id/close", post(tickets::close))
        .at("/api/posts", post(posts::create))
        .at("/api/audit_transactions/:id/changes", get(audit::changes))
        .at("/assets/helpdesk.css", get(stylesheet))
}

#[handler]
fn stylesheet() -> poem::Response {
    poem::Response::builder()
        .content_type("text/css; charset=utf-8")
        .body(include_str!("../assets/helpdesk.css"))
}
