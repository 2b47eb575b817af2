//! Demo data, written the way an application writes: by users, by admins, by jobs, by scripts that
//! know no SeaORM, and by somebody in psql. It makes a few hundred audited changes.

mod accounts;
mod jobs;
mod posts;
mod raw;
mod tickets;

use sea_orm::{DatabaseConnection, EntityTrait, PaginatorTrait};

pub use accounts::{ACCOUNTS, Account, PASSWORD, accounts};

/// What seeding returns: any error, or nothing.
pub type SeedResult = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Customers, their people, tickets, posts and the history of all that. A database that has tickets
/// already is left alone.
///
/// # Errors
///
/// When the accounts are missing, or the database refuses.
pub async fn history(db: &DatabaseConnection) -> SeedResult {
    if helpdesk_entity::ticket::Entity::find().count(db).await? > 0 {
        return Ok(());
    }
    let people = accounts::people(db).await?;
    tickets::write(db, &people).await?;
    posts::write(db, &people).await?;
    jobs::run(db, &people).await?;
    raw::run(db).await
}
