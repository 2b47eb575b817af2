//! What is kept out of the trail, as configured and as deployed.

use threadline::spec::JsonPath;
use threadline::{Placeholder, Redaction, TableSpec};
use threadline_migration::Desired;
use threadline_migration::health::{DriftState, PolicyStanding, policy_drift};

use crate::fixture::{Fixture, column, plain, registry};

const USERS: &str =
    "CREATE TABLE t (id int PRIMARY KEY, email text, secret text, doc jsonb, note text)";

fn stars() -> Placeholder {
    Placeholder::new("***").expect("a placeholder")
}

fn users() -> TableSpec {
    let paths = JsonPath::parse_list("card.number").expect("paths");
    plain("t").exclude(column("secret")).hash(column("email"), stars()).mask_json(
        column("doc"),
        paths,
        stars(),
    )
}

async fn standing(f: &Fixture, spec: TableSpec) -> PolicyStanding {
    let mut all = policy_drift(&f.db, &registry([spec])).await.expect("it can be read");
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// The columns as `name: effect`, with a mark for those that are exposed.
fn effects(standing: &PolicyStanding) -> Vec<String> {
    let mark = |exposes: bool| if exposes { "! " } else { "" };
    let columns = standing.columns.iter();
    columns.map(|c| format!("{}{}: {}", mark(c.exposes), c.column, c.effect)).collect()
}

#[tokio::test]
async fn what_is_deployed_as_configured_matches() {
    let f = Fixture::audited(USERS, [users()]).await;
    let found = standing(&f, users()).await;
    assert_eq!((found.state, &found.mend), (DriftState::ConfigMatchesDeployed, &None), "{found:?}");
    assert_eq!(
        effects(&found),
        [
            "doc: a placeholder is stored in place of parts of its values",
            "email: a keyed hash is stored in place of its values",
            "secret: nothing of it is stored",
        ]
    );
    assert!(found.columns.iter().all(|column| column.configured == column.deployed));
    let stored = policy_drift(&f.db, Desired::Installed).await.expect("it can be read");
    assert_eq!(stored, [found]);
}

#[tokio::test]
async fn another_policy_than_the_deployed_one_drifts_column_by_column() {
    let f = Fixture::audited(USERS, [users()]).await;
    let other = plain("t")
        .exclude(column("email"))
        .mask(column("note"), stars())
        .mask(column("secret"), stars());
    let found = standing(&f, other).await;
    assert_eq!(found.state, DriftState::DriftDetected);
    assert_eq!(
        effects(&found),
        [
            "doc: its values are kept out, though the policy does not ask for it",
            "! email: more of its values is stored than the policy permits",
            "! note: its values are stored, though the policy keeps them out",
            "secret: less of its values is stored than the policy permits",
        ]
    );
    assert!(found.mend.is_some() && found.hint.contains("`doc`, `email`, `note`, `secret`"));
}

#[tokio::test]
async fn of_a_function_that_nothing_vouches_for_nothing_is_believed() {
    let edited = "CREATE OR REPLACE FUNCTION threadline.\"capture public.t\"() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS 'BEGIN RETURN NULL; END'";
    for (damage, hint) in [
        (edited, "is not the one that was installed"),
        (
            "UPDATE threadline.audited_tables SET policy = jsonb_set(policy, '{redactions}', '{}')",
            "is not what its recorded policy would be written as",
        ),
        (
            "UPDATE threadline.audited_tables SET function_hash = NULL; ALTER TABLE t ADD more int",
            "nothing says whether its capture function was edited",
        ),
        ("UPDATE threadline.audited_tables SET policy = '{\"v\": 1}'", "its policy in"),
    ] {
        let f = Fixture::audited(USERS, [users()]).await;
        f.run(damage).await;
        let found = standing(&f, users()).await;
        assert_eq!(found.state, DriftState::CouldNotIntrospect, "{damage}");
        assert!(found.hint.contains(hint) && found.mend.is_some(), "{damage}: {found:?}");
        assert_eq!(found.columns.len(), 3, "{damage}");
        let is_silent = |column: &threadline_migration::health::ColumnStanding| {
            column.deployed.is_none() && column.effect == "what is stored of it cannot be told"
        };
        assert!(found.columns.iter().all(is_silent), "{damage}: {found:?}");
    }
}

#[tokio::test]
async fn a_table_that_has_changed_is_judged_by_what_was_recorded_with_its_function() {
    let f = Fixture::audited(USERS, [users()]).await;
    f.run("ALTER TABLE t ADD more int").await;
    assert_eq!(standing(&f, users()).await.state, DriftState::ConfigMatchesDeployed);
    // Without a hash, what the policy is rendered as vouches for it.
    let f = Fixture::audited(USERS, [users()]).await;
    f.run("UPDATE threadline.audited_tables SET function_hash = NULL").await;
    assert_eq!(standing(&f, users()).await.state, DriftState::ConfigMatchesDeployed);
}

#[tokio::test]
async fn a_table_that_is_not_under_audit_or_not_registered_drifts() {
    let f =
        Fixture::audited(&format!("{USERS}; CREATE TABLE u (id int PRIMARY KEY)"), [users()]).await;
    let all = policy_drift(&f.db, &registry([plain("u")])).await.expect("it can be read");
    let told: Vec<(&str, DriftState, &str)> =
        all.iter().map(|one| (one.table.name(), one.state, one.hint.as_str())).collect();
    assert_eq!(
        told,
        [
            (
                "t",
                DriftState::DriftDetected,
                "it is under audit, but the registry does not know it"
            ),
            (
                "u",
                DriftState::DriftDetected,
                "nothing of it is deployed: the table is not under audit, so nothing of it is stored",
            ),
        ]
    );
}

#[tokio::test]
async fn no_value_and_no_key_of_a_hash_is_ever_told() {
    let f = Fixture::audited(USERS, [users()]).await;
    f.run("INSERT INTO t VALUES (1, 'ada@example.org', 'canary-1', '{\"card\": {\"number\": \"canary-2\"}}', 'canary-3')")
        .await;
    let key = f.value("SELECT to_jsonb(encode(key, 'hex')) FROM threadline.hash_keys").await;
    let hashed = f.value("SELECT data_after -> 'email' FROM threadline.audit_changes").await;
    for spec in [users(), plain("t")] {
        let told = format!("{:?}", standing(&f, spec).await);
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("none").to_owned();
        for secret in ["canary", "ada@", &text(&key), &hashed.to_string()] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}

#[tokio::test]
async fn it_is_json_with_words_that_stay() {
    let f = Fixture::audited(USERS, [plain("t").mask(column("email"), stars())]).await;
    let json = serde_json::to_value(standing(&f, plain("t").exclude(column("email"))).await);
    let json = json.expect("it is JSON");
    assert_eq!(json["state"], "drift_detected");
    assert_eq!(json["columns"][0]["configured"], "exclude");
    assert_eq!(json["columns"][0]["deployed"]["mask"]["placeholder"], "***");
    assert!(json["mend"]["advice"].as_str().is_some_and(|advice| advice.contains("attach")));
    let placeholder = stars();
    assert_eq!(
        serde_json::from_value::<Redaction>(json["columns"][0]["deployed"].clone()).ok(),
        Some(Redaction::Mask { placeholder })
    );
}
