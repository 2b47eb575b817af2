use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait};
use threadline::{ActorRef, AuditContext, AuditExt, Filter, Registry, timeline};
use threadline_testkit::{Template, TestDb};

mod ticket {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "tickets")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub subject: String,
        #[audited(mask)]
        pub phone: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

// In an application this line is `Migrator::up(&db, None).await?`.
const TABLES: &str =
    "CREATE TABLE tickets (id serial PRIMARY KEY, subject text NOT NULL, phone text)";

static HELPDESK: Template = Template::new("helpdesk", |db| {
    Box::pin(async move {
        db.execute_unprepared(TABLES).await?;
        let registry = Registry::builder().register::<ticket::Entity>().build()?;
        threadline_migration::sync(&db, &registry).await?;
        Ok(())
    })
});

#[tokio::test]
async fn opening_a_ticket_is_recorded() {
    let test = TestDb::from(&HELPDESK).await;
    let db = test.connect().await;

    let ctx = AuditContext::new(ActorRef::user(7));
    let txn = db.audit_begin(&ctx, "ticket.open").await.unwrap();
    let ticket = ticket::ActiveModel {
        subject: Set("The printer is on fire".into()),
        phone: Set(Some("555 0100".into())),
        ..Default::default()
    };
    let ticket = ticket.insert(&txn).await.unwrap();
    txn.commit().await.unwrap();

    let trail = timeline(&db, &Filter::new()).await.unwrap();
    assert_eq!(trail.len(), 1);
    assert_eq!(trail[0].action.as_ref().unwrap().name, "ticket.open");
    assert_eq!(trail[0].transaction.actor, Some(ActorRef::user(7)));
    let after = trail[0].change.data_after.as_ref().unwrap();
    assert_eq!(after["id"], ticket.id);
    assert_eq!(after["phone"], "[REDACTED]");
}

#[tokio::test]
async fn the_application_cannot_rewrite_its_trail() {
    let test = TestDb::from(&HELPDESK).await;
    let owner = test.connect().await;
    let app = test.connect_as("app").await;
    let grant = format!("GRANT SELECT, INSERT, DELETE ON tickets TO {}", test.role("app"));
    owner.execute_unprepared(&grant).await.unwrap();

    ticket::Entity::delete_many().exec(&app).await.unwrap();
    let refused = app.execute_unprepared("DELETE FROM threadline.audit_changes").await;
    assert!(refused.unwrap_err().to_string().contains("permission denied"));
}
