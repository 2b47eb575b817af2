//! Which settings of the session the stored text of a table's values would depend on.

use crate::shape::TableShape;

/// Types whose text is the same in every session.
const STEADY: [u32; 19] =
    [16, 18, 19, 20, 21, 23, 25, 26, 114, 1042, 1043, 1082, 1083, 1114, 1700, 2950, 3802, 869, 650];
const TIMESTAMPTZ: u32 = 1184;
const TIMETZ: u32 = 1266;
const FLOATS: [u32; 2] = [700, 701];
const BYTEA: u32 = 17;
const INTERVAL: u32 = 1186;

const TIME_ZONE: &str = "current_setting('TimeZone') NOT IN ('UTC', 'Etc/UTC')";
const DATE_STYLE: &str = "current_setting('DateStyle') NOT LIKE 'ISO%'";
const INTERVAL_STYLE: &str = "current_setting('IntervalStyle') <> 'postgres'";
const BYTEA_OUTPUT: &str = "current_setting('bytea_output') <> 'hex'";
const FLOAT_DIGITS: &str = "current_setting('extra_float_digits')::int < 1";

/// A condition that is true if a setting that matters for the table's types is not the canonical one.
///
/// Reading a setting takes half a microsecond, so those that do not matter are not read. A type that
/// is not known to be indifferent (an array, a range, a type of an extension) needs them all.
pub(crate) fn differ(shape: &TableShape) -> String {
    let mut needed: Vec<&str> = Vec::new();
    for column in &shape.columns {
        let of_type: &[&str] = match column.type_oid {
            oid if STEADY.contains(&oid) => &[],
            TIMESTAMPTZ | TIMETZ => &[TIME_ZONE],
            oid if FLOATS.contains(&oid) => &[FLOAT_DIGITS],
            BYTEA => &[BYTEA_OUTPUT],
            INTERVAL => &[INTERVAL_STYLE],
            _ => &[TIME_ZONE, DATE_STYLE, INTERVAL_STYLE, BYTEA_OUTPUT, FLOAT_DIGITS],
        };
        needed.extend(of_type);
    }
    needed.sort_unstable();
    needed.dedup();
    if needed.is_empty() { "false".to_owned() } else { needed.join("\n        OR ") }
}
