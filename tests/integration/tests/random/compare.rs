//! The live rows against the rebuilt ones.

use std::collections::BTreeSet;

use crate::moment::LiveRow;
use crate::rebuild::{Key, Rebuilt, Value, Wrong, plain_number};

/// How many rows and values were found equal.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Equal {
    pub(crate) rows: usize,
    pub(crate) values: usize,
}

pub(crate) fn compare(
    live: &[LiveRow],
    rebuilt: &Rebuilt<'_>,
    key_numbers: &[i16],
) -> Result<Equal, Wrong> {
    let mut equal = Equal::default();
    let mut keys = BTreeSet::new();
    for row in live {
        let key = key(row, rebuilt, key_numbers);
        let wrong = |what: String| Wrong { key: key.clone(), change: None, what };
        let Some(known) = rebuilt.rows.get(&key) else {
            return Err(wrong(format!("the live row is not in the trail: {row:?}")));
        };
        for (name, value) in row {
            let number = rebuilt.names.iter().find(|(_, n)| n == name).map(|(number, _)| number);
            match number.and_then(|number| known.get(number)) {
                Some(Value::Known(rebuilt)) if rebuilt == value => equal.values += 1,
                Some(Value::Hidden) => {}
                other => {
                    let what = format!("{name:?} is {value} live, and {other:?} in the trail");
                    return Err(wrong(format!("{what}\nlive: {row:?}\nrebuilt: {known:?}")));
                }
            }
        }
        keys.insert(key);
        equal.rows += 1;
    }
    match rebuilt.rows.iter().find(|(key, _)| !keys.contains(*key)) {
        None => Ok(equal),
        Some((key, row)) => Err(Wrong {
            key: key.clone(),
            change: None,
            what: format!("the trail has a row that is not live: {row:?}"),
        }),
    }
}

fn key(row: &LiveRow, rebuilt: &Rebuilt<'_>, key_numbers: &[i16]) -> Key {
    let name = |number: &i16| rebuilt.names.iter().find(|(n, _)| n == number).map(|(_, name)| name);
    let value = |number| name(number).and_then(|name| row.get(name));
    key_numbers.iter().map(|n| value(n).map_or(String::new(), |v| plain_number(v))).collect()
}
