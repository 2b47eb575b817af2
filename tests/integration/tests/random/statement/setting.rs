//! Settings of the session, which what is recorded must not depend on.

use fastrand::Rng;

const SETTINGS: [&str; 22] = [
    "timezone = 'Asia/Kathmandu'",
    "timezone = 'UTC'",
    "timezone = 'America/St_Johns'",
    "datestyle = 'German'",
    "datestyle = 'SQL, DMY'",
    "datestyle = 'ISO, MDY'",
    "intervalstyle = 'sql_standard'",
    "intervalstyle = 'iso_8601'",
    "intervalstyle = 'postgres'",
    "bytea_output = 'escape'",
    "bytea_output = 'hex'",
    "extra_float_digits = -5",
    "extra_float_digits = 3",
    "standard_conforming_strings = off",
    "standard_conforming_strings = on",
    "array_nulls = off",
    "quote_all_identifiers = on",
    "enable_hashjoin = off",
    "enable_mergejoin = off",
    "plan_cache_mode = force_generic_plan",
    "search_path = public, pg_catalog",
    "jit = on",
];

pub(crate) fn setting(rng: &mut Rng) -> String {
    let word = if rng.bool() { "SET LOCAL" } else { "SET" };
    format!("{word} {}", SETTINGS[rng.usize(..SETTINGS.len())])
}

/// What somebody may do in the middle of a transaction, who does not wish the trail well.
pub(crate) fn forgery(rng: &mut Rng) -> &'static str {
    let choices = [
        "SET CONSTRAINTS ALL IMMEDIATE",
        "SET CONSTRAINTS ALL DEFERRED",
        "RESET threadline.transaction",
        "SET threadline.transaction = '(0,1)'",
        "SET LOCAL threadline.closed = '1 1'",
        "SET LOCAL session_replication_role = replica",
    ];
    choices[rng.usize(..choices.len())]
}
