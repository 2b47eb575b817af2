//! What somebody means to do.

use serde_json::{Map, Value};

use crate::Error;
use crate::context::{AuditContext, contains_nul};

/// No name of an action, a verb or a category is longer than this.
const MAX_NAME_BYTES: usize = 128;

/// What somebody means to do: a name such as `post.publish`, and what else there is to say about it.
///
/// A name is enough, so a `&str` or a `String` can stand wherever an action is wanted. As with a
/// [context](crate::AuditContext), building never fails; what is out of bounds is refused where the
/// action is used.
///
/// ```
/// use threadline::Action;
///
/// let action = Action::new("post.publish")
///     .reason("asked for by the editor")
///     .category("editing")
///     .require_capture();
/// # let _ = action;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    name: Option<String>,
    failed: bool,
    verb: Option<String>,
    category: Option<String>,
    reason: Option<String>,
    comment: Option<String>,
    meta: Option<Value>,
    require_capture: bool,
    allow_missing_actor: bool,
}

impl Action {
    /// An action of this name: 1 to 128 bytes without control characters, by habit `noun.verb`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: Some(name.into().trim().to_owned()), ..Self::capture_only() }
    }

    /// No action: the changes are put down to the context alone. Readers that look for a correlation
    /// id do not find such transactions unless they ask for them.
    pub fn capture_only() -> Self {
        Self {
            name: None,
            failed: false,
            verb: None,
            category: None,
            reason: None,
            comment: None,
            meta: None,
            require_capture: false,
            allow_missing_actor: false,
        }
    }

    /// Records the action as an attempt that failed. For [`record_action`](crate::record_action),
    /// after the rollback.
    #[must_use]
    pub fn failed(mut self) -> Self {
        self.failed = true;
        self
    }

    /// Sets a verb for grouping, such as `publish`: at most 128 bytes.
    #[must_use]
    pub fn verb(mut self, verb: impl Into<String>) -> Self {
        self.verb = Some(verb.into());
        self
    }

    /// Sets a category for grouping, such as `editing`: at most 128 bytes.
    #[must_use]
    pub fn category(mut self, category: impl Into<String>) -> Self {
        self.category = Some(category.into());
        self
    }

    /// Sets why it is done, as the actor put it.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Sets a remark for people.
    #[must_use]
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Sets what else is worth recording, as JSON. It is stored as it is: no redaction applies.
    #[must_use]
    pub fn meta(mut self, meta: impl Into<Value>) -> Self {
        self.meta = Some(meta.into());
        self
    }

    /// Makes it an error to commit when the database transaction has captured no change at all: a
    /// sign that the tables are not audited, or that nothing was written. Costs one more statement.
    #[must_use]
    pub fn require_capture(mut self) -> Self {
        self.require_capture = true;
        self
    }

    /// Lets a transaction without an action do without an actor too. An action always needs one.
    #[must_use]
    pub fn allow_missing_actor(mut self) -> Self {
        self.allow_missing_actor = true;
        self
    }

    /// What to call it in messages.
    pub(crate) fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| "(capture only)".to_owned())
    }

    pub(crate) fn is_named(&self) -> bool {
        self.name.is_some()
    }

    pub(crate) fn is_failed(&self) -> bool {
        self.failed
    }

    pub(crate) fn requires_capture(&self) -> bool {
        self.require_capture
    }

    /// Checks it against the context it is to be used with.
    pub(crate) fn check(&self, context: &AuditContext) -> Result<(), Error> {
        if context.actor.is_none() && (self.is_named() || !self.allow_missing_actor) {
            return Err(Error::MissingActor { action: self.label() });
        }
        context.validate()?;
        let words = [("name", &self.name), ("verb", &self.verb), ("category", &self.category)];
        for (field, word) in words {
            if let Some(problem) = word.as_deref().and_then(word_problem) {
                return Err(Error::InvalidAction(format!("its {field} {problem}")));
            }
        }
        let texts = [("reason", &self.reason), ("comment", &self.comment)];
        let nul_in_text = texts.into_iter().find_map(|(field, text)| {
            text.as_ref().is_some_and(|text| text.contains('\0')).then_some(field)
        });
        let nul_in_meta = self.meta.as_ref().is_some_and(contains_nul).then_some("meta");
        match nul_in_text.or(nul_in_meta) {
            None => Ok(()),
            Some(field) => Err(Error::InvalidAction(format!(
                "its {field} contains a NUL character, which PostgreSQL cannot store"
            ))),
        }
    }

    /// The document that the database reads; `None` if there is no action to record.
    pub(crate) fn document(self) -> Option<Value> {
        let name = self.name?;
        let status = if self.failed { "error" } else { "ok" };
        let mut document = Map::from_iter([
            ("name".to_owned(), Value::from(name)),
            ("status".to_owned(), Value::from(status)),
        ]);
        let texts = [
            ("verb", self.verb),
            ("category", self.category),
            ("reason", self.reason),
            ("comment", self.comment),
        ];
        for (field, text) in texts {
            if let Some(text) = text {
                document.insert(field.to_owned(), text.into());
            }
        }
        if let Some(meta) = self.meta {
            document.insert("meta".to_owned(), meta);
        }
        Some(Value::Object(document))
    }
}

impl From<&str> for Action {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Action {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

/// What is wrong with a word, as the end of a sentence that begins with its name.
fn word_problem(word: &str) -> Option<String> {
    if word.trim().is_empty() {
        return Some("is blank".to_owned());
    }
    if word.len() > MAX_NAME_BYTES {
        return Some(format!("has {} bytes; at most {MAX_NAME_BYTES} are allowed", word.len()));
    }
    word.chars().any(char::is_control).then(|| "contains a control character".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ActorRef;

    fn somebody() -> AuditContext {
        AuditContext::new(ActorRef::user(7))
    }

    #[test]
    fn only_what_is_said_is_told() {
        assert_eq!(
            Action::from(" post.publish ").document(),
            Some(json!({"name": "post.publish", "status": "ok"}))
        );
        let action = Action::new("login")
            .failed()
            .verb("v")
            .category("c")
            .reason("r")
            .comment("d")
            .meta(json!({"tries": 3}));
        assert_eq!(
            action.document(),
            Some(json!({
                "name": "login", "status": "error", "verb": "v", "category": "c", "reason": "r",
                "comment": "d", "meta": {"tries": 3},
            }))
        );
        assert_eq!(Action::capture_only().reason("unheard").document(), None);
    }

    #[test]
    fn an_action_needs_an_actor() {
        let nobody = AuditContext::default();
        for action in [Action::new("post.publish"), Action::new("a").allow_missing_actor()] {
            assert!(matches!(action.check(&nobody), Err(Error::MissingActor { .. })));
        }
        assert!(matches!(Action::capture_only().check(&nobody), Err(Error::MissingActor { .. })));
        Action::capture_only().allow_missing_actor().check(&nobody).unwrap();
        Action::new("post.publish").check(&AuditContext::anonymous()).unwrap();
    }

    #[test]
    fn words_are_bounded() {
        Action::new("x".repeat(128)).check(&somebody()).unwrap();
        for word in ["", "  ", "a\nb", "a\0", &"x".repeat(129)] {
            for action in
                [Action::new(word), Action::new("a").verb(word), Action::new("a").category(word)]
            {
                assert!(matches!(action.check(&somebody()), Err(Error::InvalidAction(_))));
            }
        }
        Action::new("a").reason("two\nlines").check(&somebody()).unwrap();
        for action in [
            Action::new("a").reason("\0"),
            Action::new("a").comment("\0"),
            Action::new("a").meta(json!(["\0"])),
        ] {
            assert!(matches!(action.check(&somebody()), Err(Error::InvalidAction(_))));
        }
    }

    #[test]
    fn the_context_is_checked_with_it() {
        let ctx = AuditContext::new(ActorRef::user(""));
        assert!(matches!(Action::new("a").check(&ctx), Err(Error::InvalidActor(_))));
    }
}
