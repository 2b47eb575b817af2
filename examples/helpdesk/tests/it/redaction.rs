use helpdesk_entity::user;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::json;
use threadline::prelude::*;

use crate::browser::Browser;

/// Everything that the audit tables hold, as one text.
const TRAIL: &str = "SELECT (SELECT string_agg(c::text, ' ') FROM threadline.audit_changes c) \
     || (SELECT string_agg(t::text, ' ') FROM threadline.audit_transactions t) \
     || (SELECT string_agg(a::text, ' ') FROM threadline.audit_actions a)";

#[tokio::test]
async fn no_password_hash_and_no_phone_number_reaches_the_trail() {
    let browser = Browser::seeded().await;
    let user = user::Entity::find_by_id(3_i64).one(&browser.db).await.unwrap().unwrap();
    let (old_hash, old_phone) = (user.password_hash.clone(), user.phone.clone().unwrap());
    let txn = browser.db.audit_begin(&AuditContext::system("test"), "user.reset").await.unwrap();
    let mut user = user.into_active_model();
    user.password_hash = Set("$argon2id$new-secret".to_owned());
    user.phone = Set(Some("+49 30 new-number".to_owned()));
    user.update(&txn).await.unwrap();
    let done = txn.commit().await.unwrap();

    let trail = browser.value(TRAIL).await.to_string();
    assert!(trail.len() > 10_000, "the trail is there");
    for secret in [&old_hash, &old_phone, "argon2", "new-secret", "new-number", "password_hash"] {
        assert!(!trail.contains(secret), "{secret} is in the trail");
    }
    let change = format!(
        "SELECT jsonb_build_array(changed_fields, changed_from, data_after->'phone') \
         FROM threadline.audit_changes WHERE transaction_id = {}",
        done.transaction_id
    );
    let masked = json!([["phone"], {"phone": "[REDACTED]"}, "[REDACTED]"]);
    assert_eq!(browser.value(&change).await, masked);
}

#[tokio::test]
async fn a_past_user_is_read_without_what_was_redacted() {
    let browser = Browser::new().await;
    let versions = user::Entity::history(1_i64).all(&browser.db).await.unwrap();
    let ada = versions[0].row.model().expect("the first version can be read");
    assert_eq!(ada.name, "Ada Admin");
    assert_eq!(ada.password_hash, "");
    assert_ne!(ada.phone.as_deref(), Some("+49 30 5550100"));
}
