//! The accounts to sign in with, and the other people of the demo.

use helpdesk_entity::organization;
use helpdesk_entity::user::{self, Role};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, Set,
};
use threadline::{Action, ActorRef, AuditContext, AuditExt};

use super::SeedResult;
use crate::password;

/// The password of each account.
pub const PASSWORD: &str = "demo-password";

/// Stored where somebody has no password: it is no hash, so no password fits it.
const NO_PASSWORD: &str = "!";

/// Somebody who can sign in.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// The e-mail address to sign in with.
    pub email: &'static str,
    /// What they may do, in words.
    pub about: &'static str,
    name: &'static str,
    role: Role,
}

/// The accounts that exist from the start.
pub const ACCOUNTS: [Account; 3] = [
    Account {
        email: "admin@example.com",
        about: "runs the helpdesk and reads the trail",
        name: "Ada Admin",
        role: Role::Admin,
    },
    Account {
        email: "support@example.com",
        about: "helps one customer, and sees what happened to that customer's rows",
        name: "Sam Support",
        role: Role::Support,
    },
    Account {
        email: "agent@example.com",
        about: "works on tickets",
        name: "Alex Agent",
        role: Role::Agent,
    },
];

const CUSTOMERS: [(&str, &str); 5] = [
    ("Larch & Sons", "basic"),
    ("Harbour Freight Office", "team"),
    ("Northern Orchards", "basic"),
    ("Quill Publishing", "enterprise"),
    ("Tidewater Clinic", "team"),
];

/// Creates the accounts, unless there are users already.
///
/// # Errors
///
/// When the database refuses.
pub async fn accounts(db: &DatabaseConnection) -> SeedResult {
    if user::Entity::find().count(db).await? > 0 {
        return Ok(());
    }
    let txn = db.audit_begin(&AuditContext::system("setup"), "accounts.create").await?;
    let home = organization::ActiveModel {
        name: Set("Helpdesk".to_owned()),
        plan: Set("internal".to_owned()),
        ..Default::default()
    };
    let home = home.insert(&txn).await?;
    let (name, plan) = CUSTOMERS[0];
    let helped = customer(name, plan).insert(&txn).await?;
    for account in ACCOUNTS {
        let hash = password::hash(PASSWORD).map_err(|error| error.to_string())?;
        let user = user::ActiveModel {
            organization_id: Set(if account.role == Role::Support { helped.id } else { home.id }),
            email: Set(account.email.to_owned()),
            name: Set(account.name.to_owned()),
            role: Set(account.role),
            password_hash: Set(hash),
            phone: Set(Some("+49 30 5550100".to_owned())),
            ..Default::default()
        };
        user.insert(&txn).await?;
    }
    txn.commit().await?;
    Ok(())
}

/// The people who act in the demo.
pub(super) struct People {
    pub(super) admin: user::Model,
    /// Those who answer tickets.
    pub(super) staff: Vec<user::Model>,
    /// Those who open them.
    pub(super) customers: Vec<user::Model>,
}

impl People {
    /// The context of one of them in a request of their own.
    pub(super) fn context(user: &user::Model, request: &str) -> AuditContext {
        let actor = match user.role {
            Role::Admin => ActorRef::admin(user.id),
            Role::Support | Role::Agent => ActorRef::user(user.id),
        };
        AuditContext::new(actor).request_id(request).remote_ip([192, 0, 2, 10])
    }
}

/// Adds the customers, and gives everybody.
pub(super) async fn people(
    db: &DatabaseConnection,
) -> Result<People, Box<dyn std::error::Error + Send + Sync>> {
    let known = user::Entity::find().order_by_asc(user::Column::Id).all(db).await?;
    let admin = known.iter().find(|user| user.role == Role::Admin).cloned();
    let admin = admin.ok_or("there is no admin; create the accounts first")?;
    let of_home = |user: &user::Model| user.organization_id == admin.organization_id;
    let staff = known.into_iter().filter(of_home).collect();
    let mut customers = Vec::new();
    for (number, (name, plan)) in CUSTOMERS.into_iter().enumerate() {
        let ctx = People::context(&admin, &format!("req-customer-{number}"));
        let action = Action::new("customer.create").reason("signed the contract");
        let people = db.audited(&ctx, action, async |txn| {
            // The first one is there already: its support staff has an account.
            let known = organization::Entity::find().filter(organization::Column::Name.eq(name));
            let customer = match known.one(txn).await? {
                Some(customer) => customer,
                None => customer(name, plan).insert(txn).await?,
            };
            let first = contact(customer.id, number, "office").insert(txn).await?;
            let second = contact(customer.id, number, "it").insert(txn).await?;
            Ok::<_, sea_orm::DbErr>([first, second])
        });
        customers.extend(people.await?.into_value());
    }
    Ok(People { admin, staff, customers })
}

fn customer(name: &str, plan: &str) -> organization::ActiveModel {
    organization::ActiveModel {
        name: Set(name.to_owned()),
        plan: Set(plan.to_owned()),
        ..Default::default()
    }
}

fn contact(organization_id: i64, number: usize, desk: &str) -> user::ActiveModel {
    user::ActiveModel {
        organization_id: Set(organization_id),
        email: Set(format!("{desk}@customer-{number}.example")),
        name: Set(format!("{} of customer {number}", desk.to_uppercase())),
        role: Set(Role::Agent),
        password_hash: Set(NO_PASSWORD.to_owned()),
        phone: Set(Some(format!("+49 30 55502{number:02}"))),
        ..Default::default()
    }
}
