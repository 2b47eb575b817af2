//! What is told to `tracing`: events with stable names, never who, what or which values.

/// An audited transaction was opened.
pub(crate) fn begun(nested: bool, action: bool) {
    tracing::debug!(name: "threadline.transaction.begun", target: "threadline", nested, action);
}

/// An audited transaction was committed; a nested one was released into the outer one.
pub(crate) fn committed(nested: bool, action: bool) {
    tracing::debug!(name: "threadline.transaction.committed", target: "threadline", nested, action);
}

/// An audited transaction was rolled back on purpose. One that is merely dropped tells nothing.
pub(crate) fn rolled_back(nested: bool) {
    tracing::debug!(name: "threadline.transaction.rolled_back", target: "threadline", nested);
}

/// A rollback failed; the connection rolls back by itself before it is used again.
pub(crate) fn rollback_failed() {
    tracing::warn!(
        name: "threadline.transaction.rollback_failed",
        target: "threadline",
        "a rollback failed; it is repeated before the connection is used again"
    );
}

/// An action was recorded by itself.
pub(crate) fn action_recorded(failed: bool) {
    let status = if failed { "error" } else { "ok" };
    tracing::debug!(name: "threadline.action.recorded", target: "threadline", status);
}
