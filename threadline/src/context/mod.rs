//! Who does something, and on behalf of what: plain values that know neither database nor web.

mod actor;
mod bounds;
mod job;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Error;

pub use actor::{ActorRef, ActorType};
pub use bounds::{MAX_ID_BYTES, valid_id};
pub use job::JobContext;

pub(crate) use bounds::contains_nul;

/// Who does something, and what ties it to a request, a job or a trace.
///
/// Building a context never fails. Its values are checked where they are used
/// ([`audit_begin`](crate::AuditExt::audit_begin), [`audited`](crate::AuditExt::audited),
/// [`record_action`](crate::record_action)), before anything is sent to the database: an id that is
/// blank, longer than 256 bytes or contains control characters is refused there with an error that
/// names the field. [`AuditContext::validate`] does the same check at any time.
///
/// A context can be stored: it is `serde` both ways, and what is read back is checked at once.
///
/// ```
/// use threadline::{ActorRef, AuditContext};
///
/// let ctx = AuditContext::new(ActorRef::user(7)).request_id("req-1").correlation_id("import-7");
/// assert_eq!(
///     serde_json::to_value(&ctx)?,
///     serde_json::json!({
///         "actor": {"type": "user", "id": "7"},
///         "request_id": "req-1",
///         "correlation_id": "import-7",
///     })
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Draft")]
#[non_exhaustive]
pub struct AuditContext {
    /// Who does it. `None` if nobody said so, which is not the same as
    /// [`ActorRef::anonymous`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<ActorRef>,
    /// The request it happens in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What ties requests and jobs of one undertaking together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// The background job it happens in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// The distributed trace it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The address it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_ip: Option<IpAddr>,
    /// Which part of the application it comes from, in any form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Value>,
    /// Anything else worth keeping: a JSON object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Value>,
}

impl AuditContext {
    /// A context of this actor, with nothing else known.
    pub fn new(actor: ActorRef) -> Self {
        Self { actor: Some(actor), ..Self::default() }
    }

    /// A context of somebody who is deliberately not identified.
    pub fn anonymous() -> Self {
        Self::new(ActorRef::anonymous())
    }

    /// A context of a part of the application that acts by itself, such as `"importer"`.
    pub fn system(name: impl Into<String>) -> Self {
        Self::new(ActorRef::system(name.into()))
    }

    /// A context of a job that nobody asked for, such as `"nightly"`. A job that somebody did ask for
    /// keeps that actor: see [`JobContext`].
    pub fn job(name: impl Into<String>) -> Self {
        Self::new(ActorRef::job(name.into()))
    }

    /// Sets the request it happens in.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(trimmed(id.into()));
        self
    }

    /// Sets what ties requests and jobs of one undertaking together.
    #[must_use]
    pub fn correlation_id(mut self, id: impl Into<String>) -> Self {
        self.correlation_id = Some(trimmed(id.into()));
        self
    }

    /// Sets the background job it happens in.
    #[must_use]
    pub fn job_id(mut self, id: impl Into<String>) -> Self {
        self.job_id = Some(trimmed(id.into()));
        self
    }

    /// Sets the distributed trace it belongs to.
    #[must_use]
    pub fn trace_id(mut self, id: impl Into<String>) -> Self {
        self.trace_id = Some(trimmed(id.into()));
        self
    }

    /// Sets the address it comes from.
    #[must_use]
    pub fn remote_ip(mut self, ip: impl Into<IpAddr>) -> Self {
        self.remote_ip = Some(ip.into());
        self
    }

    /// Sets which part of the application it comes from, in any form.
    #[must_use]
    pub fn source(mut self, source: impl Into<Value>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Sets what else is worth keeping: a JSON object.
    #[must_use]
    pub fn meta(mut self, meta: impl Into<Value>) -> Self {
        self.meta = Some(meta.into());
        self
    }

    /// Checks every value, as each use of the context does.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidActor`] if the actor's id is out of bounds, [`Error::InvalidContext`] with the
    /// name of the first other field that is.
    ///
    /// ```
    /// use threadline::AuditContext;
    ///
    /// let ctx = AuditContext::anonymous().correlation_id("two\nlines");
    /// assert!(ctx.validate().unwrap_err().to_string().contains("correlation_id"));
    /// ```
    pub fn validate(&self) -> Result<(), Error> {
        if let Some(actor) = &self.actor {
            actor.validate()?;
        }
        let ids = [
            ("request_id", &self.request_id),
            ("correlation_id", &self.correlation_id),
            ("job_id", &self.job_id),
            ("trace_id", &self.trace_id),
        ];
        for (field, id) in ids {
            if let Some(problem) = id.as_deref().and_then(bounds::id_problem) {
                return Err(Error::InvalidContext(format!("`{field}` {problem}")));
            }
        }
        if self.meta.as_ref().is_some_and(|meta| !meta.is_object()) {
            return Err(Error::InvalidContext("`meta` must be a JSON object".to_owned()));
        }
        for (field, document) in [("source", &self.source), ("meta", &self.meta)] {
            if document.as_ref().is_some_and(contains_nul) {
                return Err(Error::InvalidContext(format!(
                    "`{field}` contains a NUL character, which PostgreSQL cannot store in JSON"
                )));
            }
        }
        Ok(())
    }
}

/// Blanks around an id are an accident of whoever typed or sent it.
fn trimmed(id: String) -> String {
    let kept = id.trim();
    if kept.len() == id.len() { id } else { kept.to_owned() }
}

/// What a context is read from, before it has been checked.
#[derive(Deserialize)]
struct Draft {
    actor: Option<ActorRef>,
    request_id: Option<String>,
    correlation_id: Option<String>,
    job_id: Option<String>,
    trace_id: Option<String>,
    remote_ip: Option<IpAddr>,
    source: Option<Value>,
    meta: Option<Value>,
}

impl TryFrom<Draft> for AuditContext {
    type Error = Error;

    fn try_from(draft: Draft) -> Result<Self, Error> {
        let context = Self {
            actor: draft.actor,
            request_id: draft.request_id.map(trimmed),
            correlation_id: draft.correlation_id.map(trimmed),
            job_id: draft.job_id.map(trimmed),
            trace_id: draft.trace_id.map(trimmed),
            remote_ip: draft.remote_ip,
            source: draft.source,
            meta: draft.meta,
        };
        context.validate()?;
        Ok(context)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_full_context_survives_a_round_trip() {
        let ctx = AuditContext::new(ActorRef::service_account("billing"))
            .request_id("r")
            .correlation_id("c")
            .job_id("j")
            .trace_id("t")
            .remote_ip([10, 0, 0, 1])
            .source("importer")
            .meta(json!({"tenant": 3}));
        let stored = serde_json::to_value(&ctx).unwrap();
        assert_eq!(
            stored,
            json!({
                "actor": {"type": "service_account", "id": "billing"}, "request_id": "r",
                "correlation_id": "c", "job_id": "j", "trace_id": "t", "remote_ip": "10.0.0.1",
                "source": "importer", "meta": {"tenant": 3},
            })
        );
        assert_eq!(serde_json::from_value::<AuditContext>(stored).unwrap(), ctx);
    }

    #[test]
    fn what_is_unknown_is_left_out() {
        assert_eq!(serde_json::to_value(AuditContext::default()).unwrap(), json!({}));
        let anonymous = serde_json::to_value(AuditContext::anonymous()).unwrap();
        assert_eq!(anonymous, json!({"actor": {"type": "anonymous"}}));
    }

    #[test]
    fn ids_are_trimmed() {
        let ctx = AuditContext::anonymous().correlation_id("  x \t");
        assert_eq!(ctx.correlation_id.as_deref(), Some("x"));
        ctx.validate().unwrap();
    }

    #[test]
    fn each_id_is_bounded_and_named() {
        let bad = ["", "   ", "a\u{0}b", "a\u{7f}", "a\nb"];
        let long = "x".repeat(MAX_ID_BYTES + 1);
        type Set = fn(AuditContext, &str) -> AuditContext;
        let setters: [(&str, Set); 4] = [
            ("request_id", |ctx, id| ctx.request_id(id)),
            ("correlation_id", |ctx, id| ctx.correlation_id(id)),
            ("job_id", |ctx, id| ctx.job_id(id)),
            ("trace_id", |ctx, id| ctx.trace_id(id)),
        ];
        for (field, set) in setters {
            for id in bad.into_iter().chain([long.as_str()]) {
                let error = set(AuditContext::anonymous(), id).validate().unwrap_err();
                assert!(matches!(error, Error::InvalidContext(_)), "{error}");
                assert!(error.to_string().contains(field), "{error}");
            }
            set(AuditContext::anonymous(), &"x".repeat(MAX_ID_BYTES)).validate().unwrap();
        }
    }

    #[test]
    fn meta_is_an_object_and_json_holds_no_nul() {
        for ctx in [
            AuditContext::anonymous().meta(json!([1])),
            AuditContext::anonymous().meta(json!({"a": ["x\u{0}"]})),
            AuditContext::anonymous().source(json!({"\u{0}": 1})),
        ] {
            assert!(matches!(ctx.validate(), Err(Error::InvalidContext(_))));
        }
    }

    #[test]
    fn an_invalid_actor_is_found() {
        let ctx = AuditContext::new(ActorRef::user(""));
        assert!(matches!(ctx.validate(), Err(Error::InvalidActor(_))));
    }

    #[test]
    fn what_is_read_back_is_checked() {
        for bad in [
            json!({"correlation_id": "a\nb"}),
            json!({"actor": {"type": "user"}}),
            json!({"remote_ip": "nowhere"}),
            json!({"meta": 1}),
        ] {
            assert!(serde_json::from_value::<AuditContext>(bad).is_err());
        }
    }
}
