//! The middleware.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

use poem::http::{HeaderName, HeaderValue};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};
use serde_json::{Map, Value};
use threadline::ActorRef;
use uuid::Uuid;

use crate::overrides::Overrides;
use crate::{AuditContext, headers, incident, overrides, peer};

type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type ActorFn = dyn Fn(&Request) -> Pending<Result<Option<ActorRef>>> + Send + Sync;
type OverridesFn = dyn Fn(&Request) -> Map<String, Value> + Send + Sync;

/// Puts an [`AuditContext`] into every request.
///
/// * The **actor** is what the actor function gives, and nothing else ever is.
/// * `x-request-id` is taken over if it has 1 to 128 visible ASCII characters; otherwise the request
///   gets a new UUID (version 7). The response carries it, whatever the response is.
/// * `x-correlation-id` is taken over without the blanks around it if it has 1 to 256 bytes and no
///   control characters; otherwise it is left out.
/// * `traceparent` gives the trace, if it is well-formed.
/// * The **address** is the other end of the socket; see [`trusted_hops`](Self::trusted_hops).
///
/// A header that is not usable is left out with a warning in the log, which does not have its value.
///
/// An error of an inner endpoint leaves this middleware as a response, as otherwise it could not
/// carry the request's id. So put `catch_error` and the like inside: `.catch_error(…).with(Audit::new(…))`.
#[derive(Clone)]
pub struct Audit {
    actor: Arc<ActorFn>,
    overrides: Option<Arc<OverridesFn>>,
    request_id_header: HeaderName,
    correlation_id_header: HeaderName,
    trusted_hops: usize,
}

impl Audit {
    /// Asks this function who makes a request. It should read what the host's authentication left in
    /// the request; `None` means that nobody is known, and then no action can be recorded.
    ///
    /// ```
    /// use threadline::ActorRef;
    /// use threadline_poem::Audit;
    ///
    /// # #[derive(Clone)] struct CurrentUser { id: i32 }
    /// let audit = Audit::new(|req| req.data::<CurrentUser>().map(|user| ActorRef::user(user.id)));
    /// # let _ = audit;
    /// ```
    pub fn new(actor: impl Fn(&Request) -> Option<ActorRef> + Send + Sync + 'static) -> Self {
        Self::with_actor(Arc::new(move |req| Box::pin(ready(Ok(actor(req))))))
    }

    /// As [`new`](Self::new), for an actor that has to be loaded. Take what is needed out of the
    /// request first, and do the loading in the future. An error answers the request, so that a store
    /// that cannot be reached is not mistaken for nobody.
    ///
    /// ```
    /// use threadline::ActorRef;
    /// use threadline_poem::Audit;
    ///
    /// # async fn user_of(token: String) -> Result<Option<i32>, std::io::Error> { Ok(None) }
    /// let audit = Audit::new_async(|req| {
    ///     let token = req.header("authorization").map(str::to_owned);
    ///     async move {
    ///         let Some(token) = token else { return Ok(None) };
    ///         let unavailable = |_| poem::Error::from_status(poem::http::StatusCode::SERVICE_UNAVAILABLE);
    ///         let user = user_of(token).await.map_err(unavailable)?;
    ///         Ok(user.map(ActorRef::user))
    ///     }
    /// });
    /// # let _ = audit;
    /// ```
    pub fn new_async<F>(actor: impl Fn(&Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Option<ActorRef>>> + Send + 'static,
    {
        Self::with_actor(Arc::new(move |req| Box::pin(actor(req))))
    }

    fn with_actor(actor: Arc<ActorFn>) -> Self {
        Self {
            actor,
            overrides: None,
            request_id_header: HeaderName::from_static("x-request-id"),
            correlation_id_header: HeaderName::from_static("x-correlation-id"),
            trusted_hops: 0,
        }
    }

    /// Asks this function for ids where the headers gave none. It may set `request_id` and
    /// `correlation_id`, to text or to null; it fills only what is missing, and cannot set the actor.
    /// Any other key, or a value that cannot be an id, answers the request with a 500 and the id of an
    /// incident, under which the mistake is logged.
    #[must_use]
    pub fn context_overrides(
        mut self,
        overrides: impl Fn(&Request) -> Map<String, Value> + Send + Sync + 'static,
    ) -> Self {
        self.overrides = Some(Arc::new(overrides));
        self
    }

    /// Reads the request's id from this header instead, and writes it there in the response.
    #[must_use]
    pub fn request_id_header(mut self, name: HeaderName) -> Self {
        self.request_id_header = name;
        self
    }

    /// Reads the correlation id from this header instead.
    #[must_use]
    pub fn correlation_id_header(mut self, name: HeaderName) -> Self {
        self.correlation_id_header = name;
        self
    }

    /// Says that every request comes through so many proxies of the host's own, each of which appends
    /// to `X-Forwarded-For` where it got the request from. The address is then the entry that many
    /// places from the right. Where there is no such entry, or it is no address, it is the other end
    /// of the socket, as it is by default.
    ///
    /// Count only proxies that no request can bypass: whoever can, may write any address.
    #[must_use]
    pub fn trusted_hops(mut self, hops: usize) -> Self {
        self.trusted_hops = hops;
        self
    }

    /// What the request says of itself, without the actor. The request's id is always there.
    fn context(&self, req: &Request) -> (threadline::AuditContext, Result<()>) {
        let given = self.overrides.as_ref().map(|overrides| overrides(req)).unwrap_or_default();
        let (given, understood) = match overrides::parse(given) {
            Ok(given) => (given, Ok(())),
            Err(mistake) => (Overrides::default(), Err(incident::report(&mistake))),
        };
        let mut context = threadline::AuditContext::default();
        context.request_id = headers::request_id(req, &self.request_id_header)
            .or(given.request_id)
            .or_else(|| Some(Uuid::now_v7().to_string()));
        context.correlation_id =
            headers::correlation_id(req, &self.correlation_id_header).or(given.correlation_id);
        context.trace_id = headers::trace_id(req);
        context.remote_ip = peer::remote_ip(req, self.trusted_hops);
        (context, understood)
    }
}

impl<E: Endpoint> Middleware<E> for Audit {
    type Output = AuditEndpoint<E>;

    fn transform(&self, inner: E) -> AuditEndpoint<E> {
        AuditEndpoint { audit: self.clone(), inner }
    }
}

/// An endpoint behind [`Audit`].
pub struct AuditEndpoint<E> {
    audit: Audit,
    inner: E,
}

impl<E: Endpoint> AuditEndpoint<E> {
    async fn answer(
        &self,
        mut req: Request,
        mut context: threadline::AuditContext,
    ) -> Result<Response> {
        let actor = (self.audit.actor)(&req);
        context.actor = actor.await?;
        req.set_data(AuditContext(context));
        self.inner.call(req).await.map(IntoResponse::into_response)
    }
}

impl<E: Endpoint> Endpoint for AuditEndpoint<E> {
    type Output = Response;

    async fn call(&self, req: Request) -> Result<Response> {
        let (context, understood) = self.audit.context(&req);
        let request_id = context.request_id.clone().unwrap_or_default();
        let answer = match understood {
            Ok(()) => self.answer(req, context).await,
            Err(error) => Err(error),
        };
        // An `Err` carries no headers of ours, so it has to become a response here.
        let mut response = answer.unwrap_or_else(|error| error.into_response());
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert(self.audit.request_id_header.clone(), value);
        }
        Ok(response)
    }
}
