//! Telling whether a column's value differs between two rows, in SQL.

use threadline::spec::quote::Ident;

use crate::shape::CatalogColumn;

/// Types whose own equality means "the same value", whatever the session and the search path.
const PLAIN_EQUALITY: [u32; 13] = [16, 17, 18, 19, 20, 21, 23, 26, 1082, 1083, 1114, 1184, 2950];
/// Text types: equal under the column's collation is not the same text, so bytes are compared.
const TEXT: [u32; 2] = [25, 1043];

/// An expression that is true when `left` and `right` hold different values of `column`.
///
/// Types without an equality (`json`), with one that is looser than identity (`numeric`: 1.0 = 1.00)
/// or with one that an extension brought are compared by their stored image.
pub(crate) fn differs(column: &CatalogColumn, left: &str, right: &str) -> String {
    let name = Ident(column.name.as_str());
    if PLAIN_EQUALITY.contains(&column.type_oid) {
        format!("{left}.{name} IS DISTINCT FROM {right}.{name}")
    } else if TEXT.contains(&column.type_oid) {
        format!(r#"{left}.{name} COLLATE "C" IS DISTINCT FROM {right}.{name} COLLATE "C""#)
    } else {
        format!("ROW({left}.{name})::record *<> ROW({right}.{name})::record")
    }
}

/// The condition under which a row of `left` and one of `right` are the same row.
pub(crate) fn same_key(key: &[&CatalogColumn], left: &str, right: &str) -> String {
    let equal = |column: &&CatalogColumn| {
        let name = Ident(column.name.as_str());
        if PLAIN_EQUALITY.contains(&column.type_oid) {
            format!("{left}.{name} = {right}.{name}")
        } else if TEXT.contains(&column.type_oid) {
            format!(r#"{left}.{name} COLLATE "C" = {right}.{name} COLLATE "C""#)
        } else {
            format!("to_jsonb({left}.{name}) = to_jsonb({right}.{name})")
        }
    };
    key.iter().map(equal).collect::<Vec<_>>().join(" AND ")
}
