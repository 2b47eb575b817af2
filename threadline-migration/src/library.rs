//! The SQL text that PostgreSQL keeps, as it lies in `sql/`: written for the schema `threadline`, and
//! used for the one in force.

use threadline::trail::OwnSql;

/// The template of a table's capture function.
pub(crate) const CAPTURE: OwnSql = OwnSql(include_str!("../sql/table/capture.sql"));
/// What of it depends on how the table is captured, and on whether it stands alone.
pub(crate) const LOOK_STATEMENT: OwnSql =
    OwnSql(include_str!("../sql/table/capture/look_statement.sql"));
pub(crate) const LOOK_ROW: OwnSql = OwnSql(include_str!("../sql/table/capture/look_row.sql"));
pub(crate) const RECORD_STATEMENT: OwnSql =
    OwnSql(include_str!("../sql/table/capture/record_statement.sql"));
pub(crate) const RECORD_ROW: OwnSql = OwnSql(include_str!("../sql/table/capture/record_row.sql"));
pub(crate) const TRUNCATE_TABLE: OwnSql =
    OwnSql(include_str!("../sql/table/capture/truncate_table.sql"));
pub(crate) const TRUNCATE_TREE: OwnSql =
    OwnSql(include_str!("../sql/table/capture/truncate_tree.sql"));
/// The template of the function that records the rows which a table has already.
pub(crate) const RECORD_ALL: OwnSql = OwnSql(include_str!("../sql/table/record_all.sql"));
/// What of it depends on whether the table has children with columns of their own.
pub(crate) const RECORD_TABLE: OwnSql =
    OwnSql(include_str!("../sql/table/record_all/record_table.sql"));
pub(crate) const RECORD_TREE: OwnSql =
    OwnSql(include_str!("../sql/table/record_all/record_tree.sql"));
/// The template that puts the triggers on a table.
pub(crate) const ATTACH: OwnSql = OwnSql(include_str!("../sql/table/attach.sql"));
/// What records the rows that an attached table has already.
pub(crate) const BASELINE: OwnSql = OwnSql(include_str!("../sql/table/baseline.sql"));
/// The template that takes them off.
pub(crate) const DETACH: OwnSql = OwnSql(include_str!("../sql/table/detach.sql"));

/// Sets the search path to `$1`.
pub(crate) const SET_PATH: &str = include_str!("../sql/schema/set_path.sql");

/// The tables of schema version 1, and the view on them.
pub(crate) const V1_TABLES: [OwnSql; 3] = [
    OwnSql(include_str!("../sql/schema/0001_base.up.sql")),
    OwnSql(include_str!("../sql/schema/0001_governance.up.sql")),
    OwnSql(include_str!("../sql/schema/0001_changes.up.sql")),
];
/// Who may do what: after the functions.
pub(crate) const V1_GRANTS: OwnSql = OwnSql(include_str!("../sql/schema/0001_base.grants.sql"));
/// What a restore may have taken from the trail's own trigger.
pub(crate) const V1_MEND: OwnSql = OwnSql(include_str!("../sql/schema/0001_base.mend.sql"));
/// Partitions, the trail's own trigger and the version row: after the functions.
pub(crate) const V1_FINISH: OwnSql = OwnSql(include_str!("../sql/schema/0001_base.finish.sql"));
/// Stops what takes version 1 away if anything is recorded.
pub(crate) const V1_GUARD: OwnSql = OwnSql(include_str!("../sql/schema/0001_base.guard.sql"));
/// Takes version 1 away.
pub(crate) const V1_DOWN: OwnSql = OwnSql(include_str!("../sql/schema/0001_base.down.sql"));

/// The functions of schema version 1, callees first.
pub(crate) const V1_FUNCTIONS: &[(&str, OwnSql)] = &[
    ("change_fits", OwnSql(include_str!("../sql/functions/change_fits.sql"))),
    ("actor_fits", OwnSql(include_str!("../sql/functions/actor_fits.sql"))),
    ("context_fields", OwnSql(include_str!("../sql/functions/context_fields.sql"))),
    ("read_context", OwnSql(include_str!("../sql/functions/read_context.sql"))),
    ("create_partitions", OwnSql(include_str!("../sql/functions/create_partitions.sql"))),
    ("restore_settings", OwnSql(include_str!("../sql/functions/restore_settings.sql"))),
    ("pin_settings", OwnSql(include_str!("../sql/functions/pin_settings.sql"))),
    ("column_positions", OwnSql(include_str!("../sql/functions/column_positions.sql"))),
    ("virtual_columns", OwnSql(include_str!("../sql/functions/virtual_columns.sql"))),
    ("named_relation", OwnSql(include_str!("../sql/functions/named_relation.sql"))),
    ("audited_relation", OwnSql(include_str!("../sql/functions/audited_relation.sql"))),
    ("trusted_columns", OwnSql(include_str!("../sql/functions/trusted_columns.sql"))),
    ("may_repeat_rows", OwnSql(include_str!("../sql/functions/may_repeat_rows.sql"))),
    ("compare_columns", OwnSql(include_str!("../sql/functions/compare_columns.sql"))),
    ("has_columns", OwnSql(include_str!("../sql/functions/has_columns.sql"))),
    ("current_key", OwnSql(include_str!("../sql/functions/current_key.sql"))),
    ("root_of", OwnSql(include_str!("../sql/functions/root_of.sql"))),
    ("members_of", OwnSql(include_str!("../sql/functions/members_of.sql"))),
    ("wanted_triggers", OwnSql(include_str!("../sql/functions/wanted_triggers.sql"))),
    ("put_triggers", OwnSql(include_str!("../sql/functions/put_triggers.sql"))),
    ("drop_triggers", OwnSql(include_str!("../sql/functions/drop_triggers.sql"))),
    ("may_read_rows", OwnSql(include_str!("../sql/functions/may_read_rows.sql"))),
    ("may_hold_rows", OwnSql(include_str!("../sql/functions/may_hold_rows.sql"))),
    ("json_image", OwnSql(include_str!("../sql/functions/json_image.sql"))),
    ("row_image", OwnSql(include_str!("../sql/functions/row_image.sql"))),
    ("record_image", OwnSql(include_str!("../sql/functions/record_image.sql"))),
    ("mask_path", OwnSql(include_str!("../sql/functions/mask_path.sql"))),
    ("make_hash_key", OwnSql(include_str!("../sql/functions/make_hash_key.sql"))),
    ("keyed_hash", OwnSql(include_str!("../sql/functions/keyed_hash.sql"))),
    ("bounded", OwnSql(include_str!("../sql/functions/bounded.sql"))),
    ("open_place", OwnSql(include_str!("../sql/functions/open_place.sql"))),
    ("remember_open", OwnSql(include_str!("../sql/functions/remember_open.sql"))),
    ("reopen_transaction", OwnSql(include_str!("../sql/functions/reopen_transaction.sql"))),
    ("rejoin_transaction", OwnSql(include_str!("../sql/functions/rejoin_transaction.sql"))),
    ("open_transaction", OwnSql(include_str!("../sql/functions/open_transaction.sql"))),
    ("close_transaction", OwnSql(include_str!("../sql/functions/close_transaction.sql"))),
    ("current_open", OwnSql(include_str!("../sql/functions/current_open.sql"))),
    ("nest_action", OwnSql(include_str!("../sql/functions/nest_action.sql"))),
    ("insert_action", OwnSql(include_str!("../sql/functions/insert_action.sql"))),
    ("begin_action", OwnSql(include_str!("../sql/functions/begin_action.sql"))),
    ("end_action", OwnSql(include_str!("../sql/functions/end_action.sql"))),
    ("record_action", OwnSql(include_str!("../sql/functions/record_action.sql"))),
    ("read_row", OwnSql(include_str!("../sql/functions/read_row.sql"))),
    ("past_since", OwnSql(include_str!("../sql/functions/past_since.sql"))),
    ("past_drift", OwnSql(include_str!("../sql/functions/past_drift.sql"))),
    ("without_surrogates", OwnSql(include_str!("../sql/functions/without_surrogates.sql"))),
    ("zero_row", OwnSql(include_str!("../sql/functions/zero_row.sql"))),
    ("lossy_row", OwnSql(include_str!("../sql/functions/lossy_row.sql"))),
    ("told_row", OwnSql(include_str!("../sql/functions/told_row.sql"))),
    ("key_as_stored", OwnSql(include_str!("../sql/functions/key_as_stored.sql"))),
    ("history", OwnSql(include_str!("../sql/functions/history.sql"))),
    ("image_shape", OwnSql(include_str!("../sql/functions/image_shape.sql"))),
    ("rows_at", OwnSql(include_str!("../sql/functions/rows_at.sql"))),
    ("refuse_drift", OwnSql(include_str!("../sql/functions/refuse_drift.sql"))),
    ("as_of", OwnSql(include_str!("../sql/functions/as_of.sql"))),
    ("captured", OwnSql(include_str!("../sql/functions/captured.sql"))),
    ("complete_table", OwnSql(include_str!("../sql/functions/complete_table.sql"))),
    ("baseline", OwnSql(include_str!("../sql/functions/baseline.sql"))),
];

#[cfg(test)]
mod tests {
    use super::V1_FUNCTIONS;

    #[test]
    fn every_function_states_its_name_contract_revision_reason_and_callees() {
        let names: Vec<&str> = V1_FUNCTIONS.iter().map(|(name, _)| *name).collect();
        for (position, (name, text)) in V1_FUNCTIONS.iter().enumerate() {
            let mut header = text.0.lines();
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
                .filter(|n| text.0.contains(&format!("threadline.{n}(")))
                .copied()
                .collect();
            for callee in called.iter().filter(|callee| *callee != name) {
                assert!(calls.contains(callee), "{name} calls {callee} and does not say so");
                let callee = names.iter().position(|n| n == callee);
                assert!(callee < Some(position), "{name} is created before what it calls");
            }
        }
    }

    /// Functions of a constraint, called for every row.
    const CONSTRAINTS: [&str; 2] = ["change_fits", "actor_fits"];

    #[test]
    fn a_function_of_a_constraint_has_nothing_for_a_search_path_to_find() {
        for (name, text) in V1_FUNCTIONS.iter().filter(|(name, _)| CONSTRAINTS.contains(name)) {
            assert!(!text.0.contains("SECURITY DEFINER"), "{name}");
            let body = text.0.split("$function$").nth(1).unwrap_or_default();
            let bare = body
                .replace("OPERATOR(pg_catalog.=)", "")
                .replace("pg_catalog.num_nulls(", "")
                .replace("pg_catalog.num_nonnulls(", "");
            for operator in ["=", "<", "||", "~", " IN ", " FROM ", " LIKE ", "DISTINCT", "CASE op"]
            {
                assert!(!bare.contains(operator), "{name}: {operator} is not qualified");
            }
            let calls = bare.matches('(').count();
            assert_eq!(calls, bare.matches("ANY (").count(), "{name} calls something unqualified");
        }
    }

    #[test]
    fn every_function_pins_the_search_path_and_writes_outside_of_exception_blocks() {
        for (name, text) in V1_FUNCTIONS {
            let pinned = text.0.contains("SET search_path = pg_catalog, pg_temp");
            assert!(pinned || CONSTRAINTS.contains(name), "{name}");
            let reads =
                ["read_context", "read_row", "json_image", "row_image", "record_image", "as_of"]
                    .contains(name);
            assert!(!text.0.contains("EXCEPTION WHEN") || reads, "{name}");
            // What a backslash means depends on the session.
            assert!(!text.0.contains('\\'), "{name}");
        }
    }
}
