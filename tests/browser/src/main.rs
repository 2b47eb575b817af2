//! Serves the operator pages for the browser tests, three times: below `/` in the helpdesk with its demo,
//! below `/empty/audit` over a trail without a change, and below `/hostile/audit` over a trail of what
//! should never be shown as anything but text. It prints its address, and ends when its input does.

mod hostile;

use std::error::Error;

use helpdesk_migration::Migrator;
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::{Route, Server};
use sea_orm::DatabaseConnection;
use sea_orm_migration::MigratorTrait;
use threadline::{ActorRef, Registry};
use threadline_poem::{Capability, Grant, Surface};
use threadline_testkit::TestDb;
use tokio::io::AsyncReadExt;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let (ordinary, empty, hostile) =
        (TestDb::empty().await, TestDb::empty().await, TestDb::empty().await);
    let registry: &'static Registry = Box::leak(Box::new(Registry::collect()?));
    let app = Route::new()
        .nest("/empty/audit", for_everybody(untouched(&empty, registry).await?, registry))
        .nest("/hostile/audit", hostile::surface(hostile.connect().await).await?)
        .nest("/", helpdesk::app(seeded(&ordinary).await?, registry));
    let listener = TcpListener::bind("127.0.0.1:0").into_acceptor().await?;
    for address in listener.local_addr() {
        if let Some(socket) = address.as_socket_addr() {
            println!("http://localhost:{}", socket.port());
        }
    }
    let until_the_input_ends = async {
        let mut rest = Vec::new();
        let _ = tokio::io::stdin().read_to_end(&mut rest).await;
    };
    Server::new_with_acceptor(listener)
        .run_with_graceful_shutdown(app, until_the_input_ends, None)
        .await?;
    Ok(())
}

/// The demo of the helpdesk.
async fn seeded(database: &TestDb) -> Outcome<DatabaseConnection> {
    let db = database.connect().await;
    Migrator::up(&db, None).await?;
    helpdesk::seed::accounts(&db).await?;
    helpdesk::seed::history(&db).await?;
    Ok(db)
}

/// The tables of the helpdesk under audit, in which nothing ever happened.
async fn untouched(database: &TestDb, registry: &Registry) -> Outcome<DatabaseConnection> {
    let db = database.connect().await;
    Migrator::up(&db, None).await?;
    threadline_migration::sync(&db, registry).await?;
    Ok(db)
}

/// A surface without a sign-in: whoever asks may do everything.
fn for_everybody(db: DatabaseConnection, registry: &Registry) -> Surface {
    Surface::builder(db, registry)
        .authorize(|_| async {
            let all = Grant::everything(ActorRef::admin("browser"));
            Some(Capability::ALL.into_iter().fold(all, Grant::allow))
        })
        .banner("Browser tests")
        .build()
}
