//! Who did something.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::bounds;
use crate::Error;

/// The kinds of actor there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ActorType {
    /// A person who uses the application.
    User,
    /// A person who operates the application.
    Admin,
    /// A program with credentials of its own.
    ServiceAccount,
    /// A background job that nobody in particular asked for.
    Job,
    /// The application itself.
    System,
    /// Somebody who is deliberately not identified.
    Anonymous,
}

impl ActorType {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 6] =
        [Self::User, Self::Admin, Self::ServiceAccount, Self::Job, Self::System, Self::Anonymous];

    /// The word that is stored, such as `service_account`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
            Self::ServiceAccount => "service_account",
            Self::Job => "job",
            Self::System => "system",
            Self::Anonymous => "anonymous",
        }
    }
}

impl fmt::Display for ActorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ActorType {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            Error::InvalidActor(format!("`{word}` is no actor type; the types are {known}"))
        })
    }
}

/// Who did something: a type and, unless it is [anonymous](ActorRef::anonymous), an id.
///
/// The id is whatever identifies the actor in the host application. Use something that never changes
/// and never goes to somebody else: a primary key, not an e-mail address.
///
/// [`ActorRef::new`] checks the id at once. The constructors named after a type, which take numbers,
/// UUIDs and text alike, cannot fail: an id that is out of bounds is refused where the actor is used,
/// as everything in an [`AuditContext`](crate::AuditContext) is, before anything is written.
///
/// ```
/// use threadline::{ActorRef, ActorType};
///
/// let actor = ActorRef::user(7);
/// assert_eq!(actor, ActorRef::new(ActorType::User, "7")?);
/// assert_eq!(actor.to_string(), "user:7");
/// assert!(ActorRef::new(ActorType::User, "").is_err());
/// # Ok::<(), threadline::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Draft")]
pub struct ActorRef {
    #[serde(rename = "type")]
    kind: ActorType,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

impl ActorRef {
    /// An actor of this type with this id. Blanks around the id are dropped; an anonymous actor has
    /// no id, so it is dropped whole.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidActor`] if the id is blank, longer than 256 bytes or contains control
    /// characters.
    pub fn new(kind: ActorType, id: impl Into<String>) -> Result<Self, Error> {
        let actor = Self::unchecked(kind, &id.into());
        actor.validate()?;
        Ok(actor)
    }

    /// A person who uses the application.
    pub fn user(id: impl fmt::Display) -> Self {
        Self::unchecked(ActorType::User, &id.to_string())
    }

    /// A person who operates the application.
    pub fn admin(id: impl fmt::Display) -> Self {
        Self::unchecked(ActorType::Admin, &id.to_string())
    }

    /// A program with credentials of its own.
    pub fn service_account(id: impl fmt::Display) -> Self {
        Self::unchecked(ActorType::ServiceAccount, &id.to_string())
    }

    /// A background job that nobody in particular asked for, by its name.
    pub fn job(id: impl fmt::Display) -> Self {
        Self::unchecked(ActorType::Job, &id.to_string())
    }

    /// The application itself, by the name of the part that acts.
    pub fn system(id: impl fmt::Display) -> Self {
        Self::unchecked(ActorType::System, &id.to_string())
    }

    /// Somebody who is deliberately not identified. All anonymous actors are equal.
    pub fn anonymous() -> Self {
        Self { kind: ActorType::Anonymous, id: None }
    }

    fn unchecked(kind: ActorType, id: &str) -> Self {
        let id = (kind != ActorType::Anonymous).then(|| id.trim().to_owned());
        Self { kind, id }
    }

    /// The kind of actor.
    pub fn actor_type(&self) -> ActorType {
        self.kind
    }

    /// The id; `None` for an anonymous actor.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Whether this says who it was: true for everybody but the anonymous, if the id is not blank.
    pub fn is_identifiable(&self) -> bool {
        self.id.as_deref().is_some_and(|id| !id.is_empty())
    }

    /// Checks the id, as each use of the actor does.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidActor`] if the id is blank, longer than 256 bytes or contains control
    /// characters.
    pub fn validate(&self) -> Result<(), Error> {
        match self.id.as_deref().and_then(bounds::id_problem) {
            None => Ok(()),
            Some(problem) => {
                Err(Error::InvalidActor(format!("the id of the {} actor {problem}", self.kind)))
            }
        }
    }
}

impl fmt::Display for ActorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            Some(id) => write!(f, "{}:{id}", self.kind),
            None => f.write_str(self.kind.as_str()),
        }
    }
}

/// What an actor is read from, before it has been checked.
#[derive(Deserialize)]
struct Draft {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
}

impl TryFrom<Draft> for ActorRef {
    type Error = Error;

    fn try_from(draft: Draft) -> Result<Self, Error> {
        Self::new(draft.kind.parse()?, draft.id.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_may_be_numbers_or_text() {
        assert_eq!(ActorRef::user(7_i64).id(), Some("7"));
        assert_eq!(ActorRef::admin("a-1").id(), Some("a-1"));
        assert_eq!(ActorRef::job(String::from("nightly")).id(), Some("nightly"));
    }

    #[test]
    fn each_type_has_a_word_of_its_own() {
        for kind in ActorType::ALL {
            assert_eq!(kind.as_str().parse::<ActorType>().unwrap(), kind);
            assert_eq!(serde_json::to_value(kind).unwrap(), json!(kind.as_str()));
        }
        let error = "robot".parse::<ActorType>().unwrap_err().to_string();
        assert!(error.contains("robot") && error.contains("service_account"), "{error}");
    }

    #[test]
    fn an_id_out_of_bounds_is_refused() {
        for id in ["", "  ", "a\nb", &"x".repeat(257)] {
            assert!(matches!(ActorRef::new(ActorType::User, id), Err(Error::InvalidActor(_))));
            assert!(matches!(ActorRef::user(id).validate(), Err(Error::InvalidActor(_))));
        }
        ActorRef::new(ActorType::User, "x".repeat(256)).unwrap();
        assert_eq!(ActorRef::user(" 7 "), ActorRef::user(7));
    }

    #[test]
    fn an_error_does_not_repeat_the_id() {
        let error = ActorRef::user("secret\n").validate();
        assert!(error.is_ok(), "a line break at the end is only a blank");
        let error = ActorRef::user("se\ncret").validate().unwrap_err().to_string();
        assert!(!error.contains("cret"), "{error}");
    }

    #[test]
    fn the_anonymous_have_no_id_and_are_equal() {
        let named = ActorRef::new(ActorType::Anonymous, "ignored").unwrap();
        assert_eq!(named, ActorRef::anonymous());
        assert_eq!(named.id(), None);
        assert!(!named.is_identifiable());
        assert!(ActorRef::user(7).is_identifiable());
        assert!(!ActorRef::user("").is_identifiable());
        assert_eq!(named.to_string(), "anonymous");
    }

    #[test]
    fn json_is_type_and_id() {
        let actor = ActorRef::service_account("billing");
        let stored = json!({"type": "service_account", "id": "billing"});
        assert_eq!(serde_json::to_value(&actor).unwrap(), stored);
        assert_eq!(serde_json::from_value::<ActorRef>(stored).unwrap(), actor);
        assert_eq!(
            serde_json::from_value::<ActorRef>(json!({"type": "anonymous", "id": "x", "more": 1}))
                .unwrap(),
            ActorRef::anonymous()
        );
    }

    #[test]
    fn bad_json_is_refused() {
        for bad in [
            json!({"type": "user"}),
            json!({"type": "user", "id": ""}),
            json!({"type": "user", "id": 7}),
            json!({"type": "robot", "id": "7"}),
            json!({"id": "7"}),
            json!("user:7"),
        ] {
            assert!(serde_json::from_value::<ActorRef>(bad).is_err());
        }
    }
}
