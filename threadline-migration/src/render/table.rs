//! Attaching a table to the trail and detaching it, as SQL text.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use threadline::spec::quote::{Ident, Literal};
use threadline::trail::TRAIL;
use threadline::{TableName, TableSpec};

use super::hole::{HoleError, fill};
use super::quote::{name_array, qualified, text_array};
use crate::library;
use crate::shape::TableShape;

/// Where the check of `attach.sql` ends, and the function is replaced.
const END_OF_CHECK: &str = "$check$;\n";

/// PostgreSQL cuts longer names off without a word.
const MAX_NAME_BYTES: usize = 63;

/// The quoted name of a table's capture function. No two tables share one, whatever they are called.
pub(crate) fn function_name(table: &TableName) -> String {
    format!("{TRAIL}.{}", Ident(&bare_function_name(table)))
}

/// The name of a table's capture function as the catalog has it.
pub(crate) fn bare_function_name(table: &TableName) -> String {
    let plain = format!("capture {}.{}", table.schema(), table.name());
    let ambiguous = table.schema().contains('.') || table.name().contains('.');
    if plain.len() <= MAX_NAME_BYTES && !ambiguous {
        return plain;
    }
    // A zero byte can be in no name, so it keeps ("a.b", "c") and ("a", "b.c") apart.
    let digest = Sha256::digest(format!("{}\0{}", table.schema(), table.name()));
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("capture #{hex}")
}

/// The quoted name of the function that records the rows which a table has already.
pub(crate) fn recorder_name(table: &TableName) -> String {
    format!("{TRAIL}.{}", Ident(&bare_recorder_name(table)))
}

/// As the catalog has it: that of the capture function with another word in front, which is shorter,
/// so that it fits as well.
pub(crate) fn bare_recorder_name(table: &TableName) -> String {
    bare_function_name(table).replacen("capture", "record", 1)
}

/// Everything that puts a table under audit: its functions, its triggers and its policy.
pub(crate) fn attach(shape: &TableShape, spec: &TableSpec) -> Result<String, HoleError> {
    let policy = serde_json::to_string(spec).unwrap_or_else(|_| "{}".to_owned());
    let values = BTreeMap::from([
        ("relation", qualified(&shape.table)),
        ("regclass", Literal(&qualified(&shape.table)).to_string()),
        ("regproc", Literal(&function_name(&shape.table)).to_string()),
        ("function", function_name(&shape.table)),
        ("recorder", recorder_name(&shape.table)),
        ("schema", Literal(shape.table.schema()).to_string()),
        ("table", Literal(shape.table.name()).to_string()),
        ("mode", Literal(shape.mode.as_str()).to_string()),
        ("reason", Literal(&shape.reason).to_string()),
        ("key_columns", name_array(&shape.key)),
        ("columns", text_array(shape.fingerprint().iter().map(String::as_str))),
        ("policy", format!("{}::jsonb", Literal(&policy))),
    ]);
    let attach = fill(&library::ATTACH.text(), &values)?;
    let (check, attach) = attach.split_once(END_OF_CHECK).unwrap_or(("", &attach));
    let function = super::capture::function(shape, spec)?;
    let recorder = super::capture::recorder(shape, spec)?;
    Ok(format!("{check}{END_OF_CHECK}{function}{recorder}{attach}"))
}

/// Records the rows that an attached table has already, unless all of them are in the trail.
pub(crate) fn baseline(table: &TableName) -> Result<String, HoleError> {
    let values = BTreeMap::from([
        ("regclass", Literal(&qualified(table)).to_string()),
        ("schema", Literal(table.schema()).to_string()),
        ("table", Literal(table.name()).to_string()),
    ]);
    fill(&library::BASELINE.text(), &values)
}

/// Takes a table out of the audit; what was recorded stays.
pub(crate) fn detach(table: &TableName) -> Result<String, HoleError> {
    let values = BTreeMap::from([
        ("regproc", Literal(&function_name(table)).to_string()),
        ("function", function_name(table)),
        ("recorder", recorder_name(table)),
        ("schema", Literal(table.schema()).to_string()),
        ("table", Literal(table.name()).to_string()),
    ]);
    fill(&library::DETACH.text(), &values)
}
