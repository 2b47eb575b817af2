//! Which functions a read of the past may call.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use sqlparser::ast::ObjectName;

use super::name::parts;

static HARMLESS: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("harmless_functions.txt").lines();
    lines.filter(|line| !line.starts_with('#')).flat_map(str::split_ascii_whitespace).collect()
});

/// Whether `name` is a function of PostgreSQL that neither reads a table nor writes: any other may read
/// rows of today, and nobody would see it.
pub(super) fn is_harmless(name: &ObjectName) -> bool {
    match parts(name).as_deref() {
        Some([name]) => HARMLESS.contains(name.as_str()),
        Some([schema, name]) => schema == "pg_catalog" && HARMLESS.contains(name.as_str()),
        _ => false,
    }
}

/// Whether a function of that name of PostgreSQL's own is one of those.
pub(super) fn is_harmless_name(name: &str) -> bool {
    HARMLESS.contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_writes_or_reads_elsewhere_is_not_harmless() {
        for name in
            ["nextval", "setval", "set_config", "pg_sleep", "dblink", "query_to_xml", "lo_import"]
        {
            assert!(!HARMLESS.contains(name), "{name}");
        }
        assert!(HARMLESS.contains("count") && HARMLESS.contains("date_trunc"));
    }

    #[test]
    fn names_are_written_as_the_catalog_has_them() {
        for name in HARMLESS.iter() {
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
                "{name}"
            );
        }
    }
}
