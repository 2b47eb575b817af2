//! Threadline for Poem: who makes a request, and what ties it to others, at hand in every handler.
//!
//! [`Audit`] is the middleware. It asks the host who the actor is, reads the ids of the request from
//! its headers, and puts the context into the request. [`AuditContext`] is the extractor, and goes
//! wherever Threadline wants a context:
//!
//! ```
//! use poem::{EndpointExt, Request, Route, handler, post, web::Data};
//! use threadline::{ActorRef, AuditExt, sea_orm::DatabaseConnection};
//! use threadline_poem::{Audit, AuditContext, AuditError};
//!
//! #[derive(Clone)]
//! struct CurrentUser(i32); // put there by the host's authentication
//!
//! fn actor(req: &Request) -> Option<ActorRef> {
//!     req.data::<CurrentUser>().map(|user| ActorRef::user(user.0))
//! }
//!
//! #[handler]
//! async fn publish(db: Data<&DatabaseConnection>, ctx: AuditContext) -> Result<String, AuditError> {
//!     let txn = db.audit_begin(&ctx, "post.publish").await?;
//!     // … write on `&txn` …
//!     let done = txn.commit().await?;
//!     Ok(format!("/audit/transactions/{}", done.transaction_id))
//! }
//!
//! let app = Route::new().at("/publish", post(publish)).with(Audit::new(actor));
//! // and then: .with(the host's authentication)
//! # let _ = app;
//! ```
//!
//! Authenticate first: what the actor function reads must be there before [`Audit`] runs, so the
//! authentication is added *after* it (Poem runs the last one first). Answer requests that may not
//! pass there, with 401 or 403; an [`Error::MissingActor`](threadline::Error::MissingActor) in a handler
//! means that the order is wrong.

mod access;
mod error;
mod extract;
mod headers;
mod incident;
mod middleware;
mod operator;
mod overrides;
mod pages;
mod peer;
mod view;

pub use access::{Capability, Decision, Grant};
pub use error::AuditError;
pub use extract::AuditContext;
pub use middleware::{Audit, AuditEndpoint};
pub use operator::{Authorised, Surface, SurfaceBuilder, Unauthorised};
pub use view::{Links, Theme};
