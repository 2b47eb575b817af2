//! What is stored in place of a value is never read as one.

use serde_json::json;
use threadline::prelude::*;
use threadline::{Audited, Note, Registry, Reified};

use super::entities::{profile, unredacted};
use crate::fixture::Fixture;

async fn profiles() -> Fixture {
    let f = Fixture::installed().await;
    f.run(profile::DDL).await;
    sync::<profile::Entity>(&f).await;
    f
}

async fn sync<E: Audited>(f: &Fixture) {
    let registry = Registry::builder().register::<E>().build().expect("holds together");
    let sync = threadline_migration::Sync::new(&registry).allow_weaker_redaction();
    sync.run(&f.db).await.expect("syncs");
}

/// The newest version of the row 1 and what is noted of it, as text.
async fn newest(f: &Fixture) -> (profile::Model, Vec<String>) {
    let versions = profile::Entity::history(1).all(&f.db).await.expect("reads");
    match versions.into_iter().next_back().map(|version| version.row) {
        Some(Reified::Lossy(model, notes)) => {
            let mut notes: Vec<String> = notes.iter().map(Note::to_string).collect();
            notes.sort();
            (model, notes)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn hashes_masked_parts_and_sizes_are_told_from_values() {
    let f = profiles().await;
    f.run(&format!("INSERT INTO profiles VALUES (1, 'a@x', 7, {}, repeat('b', 99), repeat('c', 99)::bytea, 'n')",
        r#"'{"address": {"street": "S", "city": "C"}, "phones": [{"no": 1}, {"no": 2}]}'"#))
    .await;
    let (model, notes) = newest(&f).await;
    assert_eq!(
        notes,
        [
            "body: the value had 99 bytes, which was too large to be stored",
            "document: masked at address.street, phones.*.no",
            "email: only a hash of the value is stored",
            "file: the value had 99 bytes, which was too large to be stored",
            "points: only a hash of the value is stored",
        ]
    );
    assert!(model.email.starts_with("hmac:") && model.email.len() == 69, "{}", model.email);
    assert_eq!((model.points, model.body.as_str(), model.file), (-1, "", None), "stand-ins");
    let document = json!({"address": {"street": "[REDACTED]", "city": "C"},
        "phones": [{"no": "[REDACTED]"}, {"no": "[REDACTED]"}]});
    assert_eq!(model.document, Some(document));
    assert_eq!(model.name, "n");
}

#[tokio::test]
async fn what_is_stored_as_it_is_is_not_noted() {
    let f = profiles().await;
    f.run(r#"INSERT INTO profiles VALUES (1, 'a@x', 7, '{"x": 1}', 'b', 'c', 'n')"#).await;
    let (model, notes) = newest(&f).await;
    assert_eq!(notes.len(), 2, "the two hashes: {notes:?}");
    assert_eq!((model.body.as_str(), model.file), ("b", Some(b"c".to_vec())));
    assert_eq!(model.document, Some(json!({"x": 1})));
}

#[tokio::test]
async fn what_was_masked_to_be_safe_is_told_from_values_too() {
    let f = profiles().await;
    f.run("DELETE FROM threadline.hash_keys").await;
    f.run(r#"INSERT INTO profiles VALUES (1, 'a@x', 7, '"no object"', 'b', NULL, 'n')"#).await;
    let (model, notes) = newest(&f).await;
    let masked =
        ["document", "email", "points"].map(|name| format!("{name}: the value was masked"));
    assert_eq!(notes.iter().filter(|note| masked.contains(note)).count(), 3, "{notes:?}");
    assert_eq!((model.points, model.document, model.email.as_str()), (-1, None, "[REDACTED]"));
    f.run("ALTER TABLE profiles DROP name; ALTER TABLE profiles ADD name text").await;
    f.run("UPDATE profiles SET name = 'unknown to the trigger'").await;
    let (model, notes) = newest(&f).await;
    assert_eq!(model.name, "[REDACTED]");
    assert!(notes.contains(&"name: the value was masked".to_owned()), "{notes:?}");
}

#[tokio::test]
async fn a_policy_of_today_does_not_make_values_of_what_an_older_one_has_stored() {
    let f = profiles().await;
    f.run(r#"INSERT INTO profiles VALUES (1, 'a@x', 7, NULL, repeat('b', 99), NULL, 'n')"#).await;
    sync::<unredacted::Entity>(&f).await;
    f.run("UPDATE profiles SET email = 'b@x', points = 8, body = 'short'").await;
    let versions = unredacted::Entity::history(1).all(&f.db).await.expect("reads");
    let Reified::Lossy(old, notes) = &versions[0].row else { panic!("{:?}", versions[0].row) };
    assert_eq!((&old.email, old.points, &old.body), (&None, None, &None));
    assert_eq!(notes.len(), 3, "{notes:?}");
    let Reified::Exact(new) = &versions[1].row else { panic!("{:?}", versions[1].row) };
    assert_eq!((new.email.as_deref(), new.points), (Some("b@x"), Some(8)));
    sync::<profile::Entity>(&f).await;
    f.run("UPDATE profiles SET name = 'm'").await;
    let read = profile::Entity::history(1).all(&f.db).await.expect("reads").remove(1).row;
    let Reified::Exact(model) = read else { panic!("stored as it was: {read:?}") };
    assert_eq!((model.email.as_str(), model.body.as_str()), ("b@x", "short"));
    assert_eq!(model.points, 8);
}

#[tokio::test]
async fn a_value_that_only_looks_like_one_is_at_worst_read_with_a_note() {
    let f = profiles().await;
    let truncated = json!({"$truncated": {"bytes": 1, "sha256": "ab"}, "and": "more"});
    f.run(&format!(
        "INSERT INTO profiles VALUES (1, 'a@x', 7, '{truncated}', 'b', NULL, 'hmac:0a')"
    ))
    .await;
    let (model, notes) = newest(&f).await;
    assert_eq!((model.document, model.name.as_str()), (Some(truncated), "hmac:0a"));
    assert_eq!(notes.len(), 2, "the two hashes: {notes:?}");
}
