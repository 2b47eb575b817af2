//! The SQL text that PostgreSQL keeps, as it lies in `sql/`.

/// The template of a table's capture function.
pub(crate) const CAPTURE: &str = include_str!("../sql/table/capture.sql");
/// The template that puts the triggers on a table.
pub(crate) const ATTACH: &str = include_str!("../sql/table/attach.sql");
/// The template that takes them off.
pub(crate) const DETACH: &str = include_str!("../sql/table/detach.sql");

/// The tables of schema version 1.
pub(crate) const V1_TABLES: [&str; 2] = [
    include_str!("../sql/schema/0001_base.up.sql"),
    include_str!("../sql/schema/0001_governance.up.sql"),
];
/// Partitions, grants and the version row: after the functions.
pub(crate) const V1_FINISH: &str = include_str!("../sql/schema/0001_base.finish.sql");
/// Stops what takes version 1 away if anything is recorded.
pub(crate) const V1_GUARD: &str = include_str!("../sql/schema/0001_base.guard.sql");
/// Takes version 1 away.
pub(crate) const V1_DOWN: &str = include_str!("../sql/schema/0001_base.down.sql");

/// The functions of schema version 1, callees first.
pub(crate) const V1_FUNCTIONS: &[(&str, &str)] = &[
    ("context_fields", include_str!("../sql/functions/context_fields.sql")),
    ("read_context", include_str!("../sql/functions/read_context.sql")),
    ("create_partitions", include_str!("../sql/functions/create_partitions.sql")),
    ("restore_settings", include_str!("../sql/functions/restore_settings.sql")),
    ("pin_settings", include_str!("../sql/functions/pin_settings.sql")),
    ("column_positions", include_str!("../sql/functions/column_positions.sql")),
    ("trusted_columns", include_str!("../sql/functions/trusted_columns.sql")),
    ("may_repeat_rows", include_str!("../sql/functions/may_repeat_rows.sql")),
    ("has_columns", include_str!("../sql/functions/has_columns.sql")),
    ("current_key", include_str!("../sql/functions/current_key.sql")),
    ("json_image", include_str!("../sql/functions/json_image.sql")),
    ("row_image", include_str!("../sql/functions/row_image.sql")),
    ("mask_path", include_str!("../sql/functions/mask_path.sql")),
    ("make_hash_key", include_str!("../sql/functions/make_hash_key.sql")),
    ("keyed_hash", include_str!("../sql/functions/keyed_hash.sql")),
    ("bounded", include_str!("../sql/functions/bounded.sql")),
    ("open_place", include_str!("../sql/functions/open_place.sql")),
    ("remember_open", include_str!("../sql/functions/remember_open.sql")),
    ("reopen_transaction", include_str!("../sql/functions/reopen_transaction.sql")),
    ("rejoin_transaction", include_str!("../sql/functions/rejoin_transaction.sql")),
    ("open_transaction", include_str!("../sql/functions/open_transaction.sql")),
    ("close_transaction", include_str!("../sql/functions/close_transaction.sql")),
    ("current_open", include_str!("../sql/functions/current_open.sql")),
    ("nest_action", include_str!("../sql/functions/nest_action.sql")),
    ("insert_action", include_str!("../sql/functions/insert_action.sql")),
    ("begin_action", include_str!("../sql/functions/begin_action.sql")),
    ("end_action", include_str!("../sql/functions/end_action.sql")),
    ("record_action", include_str!("../sql/functions/record_action.sql")),
    ("read_row", include_str!("../sql/functions/read_row.sql")),
    ("captured", include_str!("../sql/functions/captured.sql")),
];

#[cfg(test)]
mod tests {
    use super::V1_FUNCTIONS;

    #[test]
    fn every_function_states_its_name_contract_revision_reason_and_callees() {
        let names: Vec<&str> = V1_FUNCTIONS.iter().map(|(name, _)| *name).collect();
        for (position, (name, text)) in V1_FUNCTIONS.iter().enumerate() {
            let mut header = text.lines();
            let first = header.next().unwrap_or_default();
            assert!(
                first.starts_with(&format!("-- threadline: function={name} contract=")),
                "{name}"
            );
            assert!(first.contains(" revision="), "{name}");
            assert!(header.next().unwrap_or_default().starts_with("-- why: "), "{name}");
            let calls = header.next().unwrap_or_default();
            assert!(calls.starts_with("-- calls:"), "{name}");
            let called: Vec<&str> = names
                .iter()
                .filter(|n| text.contains(&format!("threadline.{n}(")))
                .copied()
                .collect();
            for callee in called.iter().filter(|callee| *callee != name) {
                assert!(calls.contains(callee), "{name} calls {callee} and does not say so");
                let callee = names.iter().position(|n| n == callee);
                assert!(callee < Some(position), "{name} is created before what it calls");
            }
        }
    }

    #[test]
    fn every_function_pins_the_search_path_and_writes_outside_of_exception_blocks() {
        for (name, text) in V1_FUNCTIONS {
            assert!(text.contains("SET search_path = pg_catalog, pg_temp"), "{name}");
            let reads = ["read_context", "read_row", "json_image", "row_image"].contains(name);
            assert!(!text.contains("EXCEPTION WHEN") || reads, "{name}");
            // What a backslash means depends on the session.
            assert!(!text.contains('\\'), "{name}");
        }
    }
}
