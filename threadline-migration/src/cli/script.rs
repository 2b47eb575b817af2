//! A plan as a script that psql can run.

use super::locking::Patience;
use crate::install::LOCK;

/// The plan as comments, and the statements in one transaction.
pub(crate) fn of<'a>(
    plan: &str,
    patience: Patience,
    schema_missing: bool,
    statements: impl Iterator<Item = &'a str>,
) -> String {
    let mut text = String::new();
    for line in anstream::adapter::strip_str(plan).to_string().lines() {
        text.push_str(&format!("-- {line}\n"));
    }
    if schema_missing {
        text.push_str(
            "-- Threadline's schema is not part of this script: run `threadline install` before.\n",
        );
    }
    text.push_str(&format!("BEGIN;\n{}\n{LOCK};\n", patience.statement()));
    statements.for_each(|statements| text.push_str(statements));
    text.push_str("COMMIT;\n");
    text
}
