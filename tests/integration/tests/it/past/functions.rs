//! The functions that a read of the past may call.

use crate::fixture::Fixture;

const LISTED: &str = include_str!("../../../../../threadline/src/past/harmless_functions.txt");

/// What draws lots or looks at the clock, and harms nothing.
const VOLATILE: &[&str] = &[
    "random",
    "random_normal",
    "gen_random_uuid",
    "uuidv4",
    "uuidv7",
    "clock_timestamp",
    "timeofday",
    "array_sample",
    "array_shuffle",
    // Of a time with its zone, which PostgreSQL 14 takes to be of today.
    "timezone",
];

#[tokio::test]
async fn no_function_that_is_allowed_is_volatile_or_reads_what_it_is_told_to() {
    let f = Fixture::installed().await;
    let names =
        LISTED.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
    let names: Vec<String> = names.map(|name| format!("'{name}'")).collect();
    let wrong = f
        .values(&format!(
            "SELECT to_jsonb(p.oid::regprocedure::text) FROM pg_proc p
            WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname IN ({})
              AND (p.provolatile = 'v' AND p.proname NOT IN ({})
                OR pg_get_function_arguments(p.oid) ~ 'regclass|refcursor'
                OR p.proname ~ 'query_to|table_to|cursor_to|schema_to|database_to')",
            names.join(", "),
            VOLATILE.map_quoted(),
        ))
        .await;
    assert_eq!(wrong, Vec::<serde_json::Value>::new());
    let known = f
        .value(&format!(
            "SELECT to_jsonb(count(DISTINCT proname)) FROM pg_proc
            WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN ({})",
            names.join(", "),
        ))
        .await;
    assert!(known.as_u64() > Some(350), "{known}: is the list read?");
}

trait Quoted {
    fn map_quoted(&self) -> String;
}

impl Quoted for [&str] {
    fn map_quoted(&self) -> String {
        self.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
    }
}
