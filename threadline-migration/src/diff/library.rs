//! The schema and the functions that all tables share, measured against the text of this crate.

use threadline::trail::TRAIL;

use crate::health::Code;
use crate::inspect::{Function, Installed};
use crate::install::CURRENT_VERSION;
use crate::library::V1_FUNCTIONS;
use crate::render::body::body_hash;
use crate::status::{Finding, Mend, State};

const PINNED: &str = "search_path=pg_catalog, pg_temp";

/// What is wrong with the schema, apart from the tables.
pub(super) fn check(installed: &Installed) -> Vec<Finding> {
    match installed.version {
        0 => vec![Finding {
            state: State::Missing,
            code: Code::SchemaMissing,
            cause: None,
            reason: "the database does not have Threadline's schema".to_owned(),
            mend: Some(Mend::Advice(
                "add a migration with the one line `pub use threadline_migration::v1::Migration;`, \
                 or call `threadline_migration::install`"
                    .to_owned(),
            )),
        }],
        CURRENT_VERSION => V1_FUNCTIONS
            .iter()
            .filter_map(|(name, text)| shared(installed, name, &text.text()))
            .collect(),
        version => vec![Finding {
            state: State::Outdated,
            code: Code::NewerSchema,
            cause: None,
            reason: format!(
                "the database has schema version {version}, this crate knows {CURRENT_VERSION}"
            ),
            mend: Some(Mend::Advice("update the crate threadline-migration".to_owned())),
        }],
    }
}

fn shared(installed: &Installed, name: &str, text: &str) -> Option<Finding> {
    let (code, reason) = match installed.functions.get(name) {
        None => (Code::MissingFunction, "is missing: captured writes fail"),
        Some(function) if body_hash(text).as_ref() != Some(&function.body_hash) => {
            (Code::AlteredFunction, "is not the one of this version")
        }
        Some(function) if function.is_definer != text.contains("SECURITY DEFINER") => (
            Code::AlteredFunction,
            "runs with the rights of another role than it was installed for",
        ),
        Some(function) if is_pinned(function) != text.contains("SET search_path") => {
            (Code::AlteredFunction, "has another search_path than it was installed with")
        }
        Some(_) => return None,
    };
    let is_missing = code == Code::MissingFunction;
    Some(Finding {
        state: if is_missing { State::Missing } else { State::Altered },
        code,
        cause: None,
        reason: format!("the function {TRAIL}.{name} {reason}"),
        mend: Some(Mend::Sql(text.to_owned())),
    })
}

fn is_pinned(function: &Function) -> bool {
    function.settings.iter().any(|setting| setting == PINNED)
}
