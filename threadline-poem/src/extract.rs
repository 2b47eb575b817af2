//! The context as an argument of a handler.

use std::ops::Deref;

use poem::{FromRequest, Request, RequestBody, Result};

use crate::incident;

/// The context that [`Audit`](crate::Audit) made for this request.
///
/// It derefs to [`threadline::AuditContext`], so `&ctx` can be passed as one.
///
/// # Errors
///
/// Without the middleware the request is answered with a 500, and the reason is logged.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditContext(pub threadline::AuditContext);

impl AuditContext {
    /// Threadline's own context, to change it or to keep it.
    pub fn into_inner(self) -> threadline::AuditContext {
        self.0
    }
}

impl Deref for AuditContext {
    type Target = threadline::AuditContext;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'a> FromRequest<'a> for AuditContext {
    async fn from_request(req: &'a Request, _: &mut RequestBody) -> Result<Self> {
        req.data::<Self>().cloned().ok_or_else(|| {
            incident::report(
                &"a handler wants an AuditContext, but there is none; add the middleware: \
                 `.with(threadline_poem::Audit::new(actor))`",
            )
        })
    }
}
