//! Rights on the trail that nobody but its owner should have.

use std::collections::BTreeMap;

use serde::Deserialize;
use threadline::spec::quote::Ident;

use crate::health::code::Code;
use crate::health::finding::HealthFinding;
use crate::library;
use crate::status::Mend;

/// A right that somebody has who does not own the object.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Grant {
    /// `relation`, `schema` or `function`.
    on: String,
    /// As a `REVOKE` names it.
    object: String,
    privilege: String,
    /// `None` for PUBLIC.
    grantee: Option<String>,
}

impl Grant {
    fn is_wrong(&self, open: &[&str]) -> bool {
        let writes = |words: &[&str]| words.iter().any(|word| self.privilege.starts_with(word));
        match self.on.as_str() {
            "relation" if self.object.starts_with("SEQUENCE ") => {
                self.grantee.is_none() || writes(&["UPDATE", "USAGE"])
            }
            "relation" => {
                let words = ["INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"];
                self.grantee.is_none() || writes(&words)
            }
            "schema" => writes(&["CREATE"]),
            _ => !open.iter().any(|name| self.object.contains(&format!(".{name}("))),
        }
    }
}

/// The functions that everybody may call: the grants of the installation name them.
fn open_functions() -> Vec<&'static str> {
    let grants = library::V1_GRANTS.0.split("GRANT EXECUTE ON FUNCTION ").skip(1);
    grants.filter_map(|rest| rest.split('(').next()?.split('.').nth(1)).collect()
}

/// One finding for each role and kind of object.
pub(super) fn check(given: &[Grant]) -> Vec<HealthFinding> {
    let open = open_functions();
    let mut wrong: BTreeMap<(Option<&str>, &str), Vec<&Grant>> = BTreeMap::new();
    for grant in given.iter().filter(|grant| grant.is_wrong(&open)) {
        let key = (grant.grantee.as_deref(), grant.on.as_str());
        wrong.entry(key).or_default().push(grant);
    }
    wrong.into_iter().map(|((grantee, on), grants)| finding(grantee, on, &grants)).collect()
}

fn finding(grantee: Option<&str>, on: &str, grants: &[&Grant]) -> HealthFinding {
    let who = grantee.map_or_else(|| "everybody".to_owned(), |name| format!("the role `{name}`"));
    let to = grantee.map_or_else(|| "PUBLIC".to_owned(), |name| Ident(name).to_string());
    let revokes: Vec<String> = grants
        .iter()
        .map(|grant| format!("REVOKE {} ON {} FROM {to};", grant.privilege, grant.object))
        .collect();
    let effect = match on {
        "relation" => "has rights on tables of the trail, and can change or read what is recorded",
        "schema" => "may create objects in the schema of the trail",
        _ => "may call functions that only the trail itself calls, and could forge entries",
    };
    let told: Vec<String> = grants
        .iter()
        .take(LISTED)
        .map(|grant| format!("{} on {}", grant.privilege, grant.object))
        .collect();
    let more = match grants.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let reason = format!("{who} {effect}: {}{more}", told.join(", "));
    HealthFinding::of_trail(Code::WrongGrants, reason, Some(Mend::Sql(revokes.join("\n"))))
}

/// How many rights a reason names.
const LISTED: usize = 5;

#[cfg(test)]
mod tests {
    use super::open_functions;

    #[test]
    fn the_open_functions_are_those_of_the_installation() {
        let open = open_functions();
        assert!(open.contains(&"begin_action") && open.contains(&"refuse_drift"), "{open:?}");
        assert!(!open.contains(&"open_transaction"));
        assert!(open.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
    }
}
