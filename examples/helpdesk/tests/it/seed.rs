use serde_json::json;

use crate::browser::{Browser, text};

#[tokio::test]
async fn the_demo_has_writers_of_every_kind() {
    let browser = Browser::seeded().await;
    assert!(browser.count("threadline.audit_changes").await >= 200);
    let kinds = "SELECT jsonb_agg(DISTINCT coalesce(actor_type, 'nobody')) \
         FROM threadline.audit_transactions";
    assert_eq!(
        browser.value(kinds).await,
        json!(["admin", "job", "nobody", "service_account", "system", "user"])
    );
    let job = "SELECT jsonb_build_array(actor_type, actor_id, correlation_id, request_id, \
         (SELECT count(*) FROM threadline.audit_changes c WHERE c.transaction_id = t.id)) \
         FROM threadline.audit_transactions t WHERE job_id = 'escalate-1042'";
    assert_eq!(browser.value(job).await, json!(["admin", "1", "escalation-1", "req-escalate", 5]));
    let psql = "SELECT count(*) FROM threadline.audit_transactions \
         WHERE application_name = 'psql' AND actor_type IS NULL AND action_id IS NULL";
    assert_eq!(browser.value(psql).await, 3);
    let nested = "SELECT count(*) > 5 FROM threadline.audit_actions WHERE parent_id IS NOT NULL";
    assert_eq!(browser.value(nested).await, true);
}

#[tokio::test]
async fn seeding_again_changes_nothing() {
    let browser = Browser::seeded().await;
    let before = browser.count("threadline.audit_changes").await;
    helpdesk::seed::accounts(&browser.db).await.unwrap();
    helpdesk::seed::history(&browser.db).await.unwrap();
    assert_eq!(browser.count("threadline.audit_changes").await, before);
}

#[tokio::test]
async fn the_demo_can_be_looked_at() {
    let mut browser = Browser::seeded().await;
    browser.sign_in("admin@example.com").await;
    let page = text(browser.get("/audit/timeline?from=-1h").await).await;
    for written_by in ["billing-sync", "merge-duplicates", "Ada Admin"] {
        assert!(page.contains(written_by), "{written_by}: {page}");
    }
    let page = text(browser.get("/").await).await;
    assert!(
        page.contains("The invoice shows last year&#39;s address")
            || page.contains("last year's address")
    );
}
