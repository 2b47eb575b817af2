//! The indexes that readers of the trail need.

use std::collections::BTreeMap;

use threadline::trail::TRAIL;

use crate::health::code::Code;
use crate::health::finding::HealthFinding;
use crate::library;
use crate::status::Mend;

const CREATE: &str = "CREATE INDEX IF NOT EXISTS ";

/// The name and the statement of each, as the installation makes them.
fn wanted() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for text in library::V1_TABLES {
        let text = text.text();
        for rest in text.split(CREATE).skip(1) {
            let statement = rest.split(';').next().unwrap_or_default();
            let name = statement.split_whitespace().next().unwrap_or_default();
            found.push((name.to_owned(), format!("{CREATE}{statement};")));
        }
    }
    found
}

pub(super) fn check(there: &BTreeMap<String, bool>) -> Vec<HealthFinding> {
    let effect = "reads of the trail scan what it would find";
    wanted()
        .into_iter()
        .filter_map(|(name, sql)| match there.get(&name) {
            Some(true) => None,
            Some(false) => {
                let reason = format!("the index `{name}` is not valid, so {effect}");
                Some((reason, format!("DROP INDEX {TRAIL}.{name};\n{sql}")))
            }
            None => Some((format!("the index `{name}` is missing, so {effect}"), sql)),
        })
        .map(|(reason, sql)| {
            HealthFinding::of_trail(Code::MissingIndex, reason, Some(Mend::Sql(sql)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn every_index_of_the_installation_is_wanted() {
        let wanted = wanted();
        assert!(wanted.len() >= 10, "{wanted:?}");
        assert!(
            wanted.iter().all(|(name, sql)| name.ends_with("_idx") && sql.ends_with(");")
                || sql.ends_with("NOT NULL;")),
            "{wanted:?}"
        );
    }
}
