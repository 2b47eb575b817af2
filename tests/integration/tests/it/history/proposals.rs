//! What is proposed to bring back what was.

use sea_orm::{ActiveModelTrait, ActiveValue, EntityTrait};
use serde_json::json;
use threadline::prelude::*;
use threadline::{
    Error, Predicate, Proposal, ProposedAction, Reader, Registry, Untouched, Version, WhyUntouched,
};

use super::entities::{account, profile, ticket};
use super::{accounts, ann, now};
use crate::fixture::Fixture;

fn untouched<E: EntityTrait>(proposal: &Proposal<E>) -> Vec<(&str, WhyUntouched)> {
    proposal.untouched.iter().map(|Untouched { column, why, .. }| (column.as_str(), *why)).collect()
}

async fn versions(f: &Fixture) -> Vec<Version<account::Entity>> {
    account::Entity::history(1).all(&f.db).await.expect("reads").into_vec()
}

async fn live(f: &Fixture) -> account::Model {
    account::Entity::find_by_id(1).one(&f.db).await.expect("reads").expect("there")
}

#[tokio::test]
async fn a_restore_sets_what_differs_and_nothing_that_is_redacted() {
    let f = accounts().await;
    ann().insert(&f.db).await.expect("writes");
    let first = now(&f).await;
    f.run("UPDATE accounts SET name = 'Bob', mood = 'cross', secret = 'new', pin = '9'").await;
    let proposal = account::Entity::restore(1, first, &f.db).await.expect("proposes");
    assert_eq!(proposal.action, ProposedAction::Update);
    assert_eq!(live(&f).await.name, "Bob", "nothing is written");
    assert_eq!(proposal.model.name, ActiveValue::Set("Ann".to_owned()));
    assert_eq!(proposal.model.id, ActiveValue::Unchanged(1));
    assert_eq!(proposal.model.score, ActiveValue::Unchanged(None));
    assert_eq!(proposal.model.pin, ActiveValue::Unchanged("9".to_owned()));
    let field = proposal.of(account::Column::Name).expect("differs");
    assert_eq!(
        (field.current.clone(), field.proposed.clone()),
        (Some(json!("Bob")), Some(json!("Ann")))
    );
    let kept = [("secret", WhyUntouched::Excluded), ("pin", WhyUntouched::Masked)];
    assert_eq!(untouched(&proposal), kept);
    assert!(proposal.conflicts.is_empty());
    proposal.model.update(&f.db).await.expect("writes");
    let row = live(&f).await;
    assert_eq!((row.name.as_str(), row.secret.as_str(), row.pin.as_str()), ("Ann", "new", "9"));
    assert_eq!(row.mood, account::Mood::Calm);
    let again = account::Entity::restore(1, first, &f.db).await.expect("proposes");
    assert_eq!((again.action, again.fields.len()), (ProposedAction::Nothing, 0));
}

#[tokio::test]
async fn a_row_that_is_gone_is_proposed_as_an_insert_of_what_is_known() {
    let f = accounts().await;
    ann().insert(&f.db).await.expect("writes");
    f.run("UPDATE accounts SET score = 1.5; DELETE FROM accounts").await;
    let versions = versions(&f).await;
    for proposal in [versions[2].undo(&f.db).await, versions[1].restore(&f.db).await] {
        let proposal = proposal.expect("proposes");
        assert_eq!(proposal.action, ProposedAction::Insert);
        assert_eq!(
            (&proposal.model.secret, &proposal.model.pin),
            (&ActiveValue::NotSet, &ActiveValue::NotSet)
        );
        assert_eq!(untouched(&proposal).len(), 2, "what cannot be restored is named");
        f.run("ALTER TABLE accounts ALTER secret SET DEFAULT '', ALTER pin SET DEFAULT ''").await;
        let row = proposal.model.insert(&f.db).await.expect("writes");
        assert_eq!((row.id, row.score.map(|s| s.to_string()).as_deref()), (1, Some("1.500000")));
        f.run("DELETE FROM accounts").await;
    }
    let refused = versions[2].restore(&f.db).await.expect_err("gone after it");
    assert!(refused.to_string().contains("`undo`"), "{refused}");
}

#[tokio::test]
async fn to_undo_one_change_leaves_what_came_after_and_names_what_it_would_lose() {
    let f = accounts().await;
    ann().insert(&f.db).await.expect("writes");
    f.run("UPDATE accounts SET name = 'Bob', mood = 'cross', score = 1.50").await;
    f.run("UPDATE accounts SET score = 1.5000, pin = '2'").await;
    let all = versions(&f).await;
    let calm = all[1].undo(&f.db).await.expect("proposes");
    assert!(calm.conflicts.is_empty(), "1.5 is what it wrote: {:?}", calm.conflicts);
    assert_eq!(calm.fields.len(), 3);
    let context = AuditContext::new(ActorRef::user(9));
    f.db.audited(&context, "account.rename", async |txn| {
        crate::fixture::run(txn, "UPDATE accounts SET name = 'Eve', mood = 'calm'").await;
        Ok::<_, Error>(())
    })
    .await
    .expect("writes");
    let proposal = account::Entity::undo(&all[1].change, &f.db).await.expect("proposes");
    assert_eq!(proposal.model.name, ActiveValue::Set("Ann".to_owned()));
    assert_eq!(proposal.model.mood, ActiveValue::Unchanged(account::Mood::Calm), "undone already");
    let [conflict] = &proposal.conflicts[..] else { panic!("{:?}", proposal.conflicts) };
    assert_eq!(conflict.column, "name");
    assert_eq!((&conflict.current, &conflict.written), (&Some(json!("Eve")), &Some(json!("Bob"))));
    let last = conflict.last.as_ref().expect("recorded");
    assert_eq!(last.actor(), Some(&ActorRef::user(9)));
    let masked = all[2].undo(&f.db).await.expect("proposes");
    assert_eq!(untouched(&masked), [("pin", WhyUntouched::Masked)]);
    assert_eq!(masked.action, ProposedAction::Nothing);
}

#[tokio::test]
async fn to_undo_an_insert_is_a_delete() {
    let f = accounts().await;
    ann().insert(&f.db).await.expect("writes");
    let insert = &versions(&f).await[0];
    f.run("UPDATE accounts SET pin = '2', secret = 'new'").await;
    let proposal = insert.undo(&f.db).await.expect("proposes");
    assert_eq!(proposal.action, ProposedAction::Delete);
    assert!(
        proposal.conflicts.is_empty(),
        "what is redacted cannot tell: {:?}",
        proposal.conflicts
    );
    f.run("UPDATE accounts SET name = 'Bob'").await;
    let proposal = insert.undo(&f.db).await.expect("proposes");
    assert_eq!(proposal.conflicts.iter().map(|c| c.column.as_str()).collect::<Vec<_>>(), ["name"]);
    proposal.model.delete(&f.db).await.expect("deletes");
    assert_eq!(account::Entity::find().all(&f.db).await.expect("reads").len(), 0);
    assert_eq!(insert.undo(&f.db).await.expect("proposes").action, ProposedAction::Nothing);
}

#[tokio::test]
async fn what_cannot_be_brought_back_is_refused_with_the_way_out() {
    let f = accounts().await;
    let before = now(&f).await;
    ann().insert(&f.db).await.expect("writes");
    f.run("UPDATE accounts SET name = 'Bob'; TRUNCATE accounts").await;
    let all = versions(&f).await;
    let error = |result: Result<Proposal<account::Entity>, Error>| match result {
        Err(error @ Error::NotRestorable(_)) => error.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(error(all[2].undo(&f.db).await).contains("as of a moment"));
    assert!(error(all[1].undo(&f.db).await).contains("the row is gone"));
    assert!(error(account::Entity::restore(1, before, &f.db).await).contains("no such row"));
    f.run("INSERT INTO accounts (id, name, mood, secret, pin) VALUES (1, 'x', 'calm', 's', 'p')")
        .await;
    f.run(
        "DELETE FROM accounts; INSERT INTO accounts (id, name, mood, secret, pin)
        VALUES (1, 'y', 'calm', 's', 'p')",
    )
    .await;
    let delete = &versions(&f).await[4];
    assert!(error(delete.undo(&f.db).await).contains("with this key again"));
    f.run("DELETE FROM threadline.audit_changes").await;
    let purged = delete.undo(&f.db).await;
    assert!(matches!(purged, Err(Error::NotFound { .. })), "{purged:?}");
}

#[tokio::test]
async fn a_restore_demands_exactness_unless_told_otherwise() {
    let f = accounts().await;
    ann().insert(&f.db).await.expect("writes");
    f.run("UPDATE accounts SET score = 1.234567; UPDATE accounts SET name = 'Bob', score = 2")
        .await;
    f.run("ALTER TABLE accounts ALTER score TYPE numeric(10, 2)").await;
    let old = &versions(&f).await[1];
    let refused = old.restore(&f.db).await.expect_err("it is rounded");
    assert!(refused.to_string().contains("1.234567 is read as 1.23"), "{refused}");
    assert!(refused.to_string().contains("`restore_lossy`"), "{refused}");
    let lossy = old.restore_lossy(&f.db).await.expect("proposes");
    let row = lossy.model.update(&f.db).await.expect("writes");
    assert_eq!(
        (row.name.as_str(), row.score.map(|s| s.to_string()).as_deref()),
        ("Ann", Some("1.23"))
    );
    f.run("ALTER TABLE accounts ALTER score TYPE int USING score::int").await;
    let undo = versions(&f).await[2].undo(&f.db).await;
    assert!(undo.is_err(), "the Model cannot read the table any more");
}

#[tokio::test]
async fn hashes_sizes_and_placeholders_are_never_written_back() {
    let f = Fixture::installed().await;
    f.run(profile::DDL).await;
    let registry = Registry::builder().register::<profile::Entity>().build().expect("holds");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    f.run(
        r#"INSERT INTO profiles VALUES (1, 'a@x', 7, '{"address": {"street": "S"}}', repeat('b', 99),
            'short', '[REDACTED]')"#,
    )
    .await;
    f.run("UPDATE profiles SET email = 'e', points = 1, document = '{}', body = 'b', file = 'f', name = 'n'")
        .await;
    let versions = profile::Entity::history(1).all(&f.db).await.expect("reads");
    for proposal in [versions[0].restore(&f.db).await, versions[1].undo(&f.db).await] {
        let proposal = proposal.expect("its losses are of redaction, and are left alone anyway");
        assert_eq!(
            untouched(&proposal),
            [
                ("email", WhyUntouched::Hashed),
                ("points", WhyUntouched::Hashed),
                ("document", WhyUntouched::Masked),
                ("body", WhyUntouched::TooLarge),
                ("name", WhyUntouched::Masked),
            ]
        );
        assert_eq!(proposal.fields.iter().map(|f| f.column.as_str()).collect::<Vec<_>>(), ["file"]);
        assert_eq!(proposal.model.file, ActiveValue::Set(Some(b"short".to_vec())));
    }
}

#[tokio::test]
async fn a_proposal_in_a_scope_tells_nothing_of_a_row_that_is_others_now() {
    let f = Fixture::installed().await;
    f.run(ticket::DDL).await;
    let registry = Registry::builder().register::<ticket::Entity>().build().expect("holds");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    f.run("INSERT INTO tickets VALUES (1, 1, 'a')").await;
    let ours = now(&f).await;
    f.run("UPDATE tickets SET subject = 'b'").await;
    let all = ticket::Entity::history(1).all(&f.db).await.expect("reads");
    let one = Reader::new(&f.db).scoped(1, |id| Predicate::column("organization_id", *id));
    assert_eq!(all[1].undo(&one).await.expect("proposes").fields.len(), 1);
    f.run("UPDATE tickets SET organization_id = 2, subject = 'secret'").await;
    let theirs = ticket::Entity::history(1).all(&f.db).await.expect("reads").remove(2);
    for read in [
        all[1].undo(&one).await,
        all[0].restore(&one).await,
        all[0].undo(&one).await,
        theirs.undo(&one).await,
        ticket::Entity::restore(1, ours, &one).await,
    ] {
        assert!(matches!(read, Err(Error::NotFound { .. })), "{read:?}");
    }
}
