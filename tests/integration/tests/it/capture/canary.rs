//! Whatever is written, and however, a redacted value appears nowhere in the trail.

use serde_json::json;
use threadline::{Placeholder, TableSpec};

use crate::fixture::{Fixture, column, plain};

const CANARY: &str = "CANARY-7f3a";

fn policy() -> TableSpec {
    plain("vault")
        .exclude(column("hidden"))
        .exclude(column("document"))
        .mask(column("masked"), Placeholder::default())
        .mask(column("numbers"), Placeholder::default())
}

#[tokio::test]
async fn a_redacted_value_appears_nowhere_in_the_audit_tables() {
    let f = Fixture::audited(
        "CREATE TABLE vault (id int PRIMARY KEY, hidden text, document jsonb, masked text,
            numbers text[], open text)",
        [policy()],
    )
    .await;
    let c = CANARY;
    for statement in [
        format!("INSERT INTO vault VALUES (1, '{c}', '{{\"k\": \"{c}\"}}', '{c}', '{{{c}}}', 'a')"),
        format!(
            "INSERT INTO vault SELECT i, '{c}', to_jsonb('{c}'::text), '{c}', ARRAY['{c}'], 'a'
            FROM generate_series(2, 9) i"
        ),
        format!("UPDATE vault SET hidden = '{c} 1', masked = '{c} 1' WHERE id = 1"),
        format!("UPDATE vault SET hidden = hidden || '{c}', masked = '{c} 2', open = 'b'"),
        format!("UPDATE vault SET document = '[\"{c}\"]', numbers = '{{{c},{c}}}' WHERE id < 4"),
        "UPDATE vault SET id = id + 100 WHERE id = 1".to_owned(),
        "UPDATE vault SET id = id + 1000".to_owned(),
        format!(
            "INSERT INTO vault VALUES (1002, '{c}') ON CONFLICT (id) DO UPDATE SET masked = '{c} 3'"
        ),
        "ALTER TABLE vault RENAME hidden TO now_called".to_owned(),
        format!("UPDATE vault SET now_called = '{c} 4' WHERE id = 1002"),
        format!("UPDATE vault SET now_called = '{c} 5'"),
        format!("ALTER TABLE vault ADD later text; UPDATE vault SET later = '{c}'"),
        format!("UPDATE vault SET later = '{c} 6' WHERE id = 1002"),
        format!("INSERT INTO vault (id, now_called, later) VALUES (5, '{c}', '{c}')"),
        "ALTER TABLE vault RENAME masked TO hidden".to_owned(),
        format!("UPDATE vault SET hidden = '{c} 7'; DELETE FROM vault WHERE id < 1004"),
        format!(
            "ALTER TABLE vault ALTER numbers TYPE text USING numbers::text; UPDATE vault SET numbers = '{c}'"
        ),
        "TRUNCATE vault".to_owned(),
    ] {
        f.run(&statement).await;
    }
    let recorded = "SELECT to_jsonb(count(*)) FROM threadline.audit_changes";
    assert!(f.value(recorded).await.as_i64() > Some(60), "the statements are recorded");
    for table in ["audit_changes", "audit_transactions", "audit_actions", "audited_tables"] {
        let leaks = format!(
            "SELECT to_jsonb(t) FROM threadline.{table} t WHERE t::text ILIKE '%{CANARY}%' LIMIT 1"
        );
        assert_eq!(f.values(&leaks).await, Vec::<serde_json::Value>::new(), "{table}");
    }
    let open =
        "SELECT to_jsonb(count(*)) FROM threadline.audit_changes WHERE data_after ->> 'open' = 'b'";
    assert_ne!(f.value(open).await, json!(0), "the test would pass if nothing were stored at all");
}
