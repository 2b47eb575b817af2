use std::fmt;

use super::text::{escaped, unescaped};
use crate::{ActorRef, ActorType};

/// Which actor a filter wants.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ActorTerm {
    /// This one: `user:42`.
    Is(ActorRef),
    /// Any of this type: `system:*`.
    Any(ActorType),
    /// None: nobody said who it was. `none`.
    Nobody,
}

impl ActorTerm {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        const FORMS: &str = "write `user:42`, `system:*` for all of a type, or `none`";
        if text == "none" {
            return Ok(Self::Nobody);
        }
        let (kind, id) = text.split_once(':').unwrap_or((text, ""));
        let kind: ActorType = kind.parse().map_err(|_| {
            let known = ActorType::ALL.map(ActorType::as_str).join(", ");
            format!("`{kind}` is no type of actor (the types are {known}); {FORMS}")
        })?;
        match id {
            "" if kind == ActorType::Anonymous => Ok(Self::Is(ActorRef::anonymous())),
            "*" => Ok(Self::Any(kind)),
            _ if kind == ActorType::Anonymous => {
                Err("an anonymous actor has no id; write `anonymous`".to_owned())
            }
            id => ActorRef::new(kind, unescaped(id).0)
                .map(Self::Is)
                .map_err(|error| format!("{error}; {FORMS}")),
        }
    }
}

impl fmt::Display for ActorTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("none"),
            Self::Any(kind) => write!(f, "{kind}:*"),
            Self::Is(actor) => match actor.id() {
                Some(id) => write!(f, "{}:{}", actor.actor_type(), escaped(id, id == "*")),
                None => write!(f, "{}", actor.actor_type()),
            },
        }
    }
}
