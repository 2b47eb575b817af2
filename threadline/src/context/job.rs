//! What a background job is told about whoever asked for it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ActorRef, AuditContext};
use crate::Error;

/// The part of a context that rides in the payload of a background job, so that what the job writes
/// is put down to whoever asked for it.
///
/// It is tied to no job runner: it becomes a few keys of a JSON object (`actor_ref`,
/// `correlation_id`, `job_id`, `trace_id`, `request_id`) beside the job's own arguments. As it is
/// `serde` both ways, it can also be a `#[serde(flatten)]` field of a typed payload.
///
/// ```
/// use threadline::{ActorRef, AuditContext, JobContext};
///
/// // where the job is put into the queue
/// let ctx = AuditContext::new(ActorRef::user(7)).correlation_id("import-7");
/// let mut args = serde_json::Map::from_iter([("file".to_owned(), "posts.csv".into())]);
/// args.extend(JobContext::new(&ctx)?.into_args());
///
/// // where it is run
/// let job = JobContext::from_args(&args.into())?;
/// let ctx = job.into_context().job_id("1042");
/// assert_eq!(ctx.actor, Some(ActorRef::user(7)));
/// # Ok::<(), threadline::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Draft")]
pub struct JobContext {
    actor_ref: ActorRef,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl JobContext {
    /// What a job needs to know of this context. The address, the source and the meta data stay
    /// behind: they are facts about the request, not about the job.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidContext`] if the context has no actor, so that the mistake shows where the job
    /// is put into the queue and not where it is run; and what [`AuditContext::validate`] finds.
    pub fn new(context: &AuditContext) -> Result<Self, Error> {
        context.validate()?;
        let actor_ref = context.actor.clone().ok_or_else(|| {
            Error::InvalidContext(
                "a job needs to know who asked for it, but the context has no actor; give it one, \
                 or use AuditContext::anonymous()"
                    .to_owned(),
            )
        })?;
        Ok(Self {
            actor_ref,
            correlation_id: context.correlation_id.clone(),
            job_id: context.job_id.clone(),
            trace_id: context.trace_id.clone(),
            request_id: context.request_id.clone(),
        })
    }

    /// Sets the job it rides in, where that is known before the job is run.
    #[must_use]
    pub fn job_id(mut self, id: impl Into<String>) -> Self {
        self.job_id = Some(id.into().trim().to_owned());
        self
    }

    /// Reads it from the arguments of a job. Keys it does not know belong to the job itself.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidContext`] if the arguments are no object, have no `actor_ref`, or hold a value
    /// that is out of bounds.
    pub fn from_args(args: &Value) -> Result<Self, Error> {
        let fields = args.as_object().ok_or_else(|| {
            Error::InvalidContext("the arguments of the job are no JSON object".to_owned())
        })?;
        if fields.get("actor_ref").is_none_or(Value::is_null) {
            return Err(Error::InvalidContext(
                "the arguments of the job have no `actor_ref`; put JobContext::into_args() among \
                 them where the job is put into the queue"
                    .to_owned(),
            ));
        }
        Self::deserialize(args).map_err(|error| {
            Error::InvalidContext(format!("the arguments of the job cannot be read: {error}"))
        })
    }

    /// The keys to put among the arguments of a job.
    pub fn into_args(self) -> Map<String, Value> {
        let Self { actor_ref, correlation_id, job_id, trace_id, request_id } = self;
        let mut actor =
            Map::from_iter([("type".to_owned(), actor_ref.actor_type().as_str().into())]);
        if let Some(id) = actor_ref.id() {
            actor.insert("id".to_owned(), id.into());
        }
        let mut args = Map::from_iter([("actor_ref".to_owned(), Value::Object(actor))]);
        let ids = [
            ("correlation_id", correlation_id),
            ("job_id", job_id),
            ("trace_id", trace_id),
            ("request_id", request_id),
        ];
        for (key, id) in ids {
            if let Some(id) = id {
                args.insert(key.to_owned(), id.into());
            }
        }
        args
    }

    /// The context to write under while the job runs: the actor is whoever asked for the job.
    pub fn into_context(self) -> AuditContext {
        AuditContext {
            actor: Some(self.actor_ref),
            correlation_id: self.correlation_id,
            job_id: self.job_id,
            trace_id: self.trace_id,
            request_id: self.request_id,
            ..AuditContext::default()
        }
    }
}

/// What it is read from, before it has been checked.
#[derive(Deserialize)]
struct Draft {
    actor_ref: ActorRef,
    correlation_id: Option<String>,
    job_id: Option<String>,
    trace_id: Option<String>,
    request_id: Option<String>,
}

impl TryFrom<Draft> for JobContext {
    type Error = Error;

    fn try_from(draft: Draft) -> Result<Self, Error> {
        let id = |id: Option<String>| id.map(super::trimmed);
        let job = Self {
            actor_ref: draft.actor_ref,
            correlation_id: id(draft.correlation_id),
            job_id: id(draft.job_id),
            trace_id: id(draft.trace_id),
            request_id: id(draft.request_id),
        };
        job.clone().into_context().validate()?;
        Ok(job)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn context() -> AuditContext {
        AuditContext::new(ActorRef::user(7))
            .correlation_id("c")
            .request_id("r")
            .trace_id("t")
            .remote_ip([10, 0, 0, 1])
            .meta(json!({"tenant": 3}))
    }

    #[test]
    fn a_job_knows_who_asked_for_it() {
        let args = JobContext::new(&context()).unwrap().job_id(" 1042 ").into_args();
        let expected = json!({
            "actor_ref": {"type": "user", "id": "7"}, "correlation_id": "c", "job_id": "1042",
            "trace_id": "t", "request_id": "r",
        });
        assert_eq!(Value::Object(args), expected);

        let ctx = JobContext::from_args(&expected).unwrap().into_context();
        assert_eq!(ctx.actor, Some(ActorRef::user(7)));
        assert_eq!(ctx.job_id.as_deref(), Some("1042"));
        assert_eq!(ctx.correlation_id.as_deref(), Some("c"));
        assert_eq!(ctx.request_id.as_deref(), Some("r"));
        assert_eq!(ctx.trace_id.as_deref(), Some("t"));
        assert_eq!(ctx.remote_ip, None);
        assert_eq!(ctx.meta, None);
    }

    #[test]
    fn serde_writes_the_same_keys() {
        let job = JobContext::new(&context()).unwrap();
        assert_eq!(serde_json::to_value(&job).unwrap(), Value::Object(job.into_args()));
        let job = JobContext::new(&AuditContext::anonymous()).unwrap();
        assert_eq!(serde_json::to_value(&job).unwrap(), Value::Object(job.into_args()));
    }

    #[test]
    fn it_may_be_part_of_a_typed_payload() {
        #[derive(Serialize, Deserialize)]
        struct Payload {
            file: String,
            #[serde(flatten)]
            audit: JobContext,
        }
        let audit = JobContext::new(&context()).unwrap();
        let stored =
            serde_json::to_value(Payload { file: "f".into(), audit: audit.clone() }).unwrap();
        assert_eq!(serde_json::from_value::<Payload>(stored).unwrap().audit, audit);
    }

    #[test]
    fn a_context_without_actor_is_refused_at_once() {
        let error = JobContext::new(&AuditContext::default()).unwrap_err();
        assert!(matches!(error, Error::InvalidContext(_)));
    }

    #[test]
    fn bad_arguments_are_refused() {
        for bad in [
            json!(null),
            json!([]),
            json!({"correlation_id": "c"}),
            json!({"actor_ref": null}),
            json!({"actor_ref": {"type": "robot", "id": "7"}}),
            json!({"actor_ref": {"type": "user", "id": "7"}, "job_id": "a\nb"}),
            json!({"actor_ref": {"type": "user", "id": "7"}, "job_id": 7}),
        ] {
            let error = JobContext::from_args(&bad).unwrap_err();
            assert!(matches!(error, Error::InvalidContext(_)), "{bad}: {error}");
        }
    }
}
