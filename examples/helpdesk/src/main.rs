//! Runs the helpdesk: finds or starts a database, migrates and seeds it, and serves.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use helpdesk_migration::Migrator;
use poem::Server;
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::web::LocalAddr;
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use sea_orm_migration::MigratorTrait;

/// A small helpdesk, audited by Threadline.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The port to listen on, on this machine only; 0 takes any that is free.
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// The database. Without it, that of DATABASE_URL, else one that disappears with the program.
    #[arg(long)]
    database_url: Option<String>,
    /// Creates the three accounts but no tickets, posts and history.
    #[arg(long)]
    no_seed: bool,
}

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_writer(std::io::stderr)
        .init();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Outcome<()> {
    // The port first: if it is taken, that should be said before the database is filled.
    let port = arguments.port;
    let listener = TcpListener::bind(("127.0.0.1", port)).into_acceptor().await;
    let listener = listener.map_err(|error| format!("cannot listen on port {port}: {error}"))?;
    let address = address(&listener.local_addr())?;
    let (url, db) = database(arguments.database_url).await?;
    Migrator::up(&db, None).await?;
    helpdesk::seed::accounts(&db).await?;
    if !arguments.no_seed {
        helpdesk::seed::history(&db).await?;
    }
    println!("{}\n", greeting(&url));
    println!("listening on {address}\nthe trail, for admins: {address}/audit");
    let registry = Box::leak(Box::new(threadline::Registry::collect()?));
    let stop = async {
        // If the signal cannot be listened for, the program is simply not stopped by it.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    Server::new_with_acceptor(listener)
        .run_with_graceful_shutdown(helpdesk::app(db, registry), stop, Some(Duration::from_secs(5)))
        .await?;
    Ok(())
}

/// Where the server listens, as a URL: with port 0 the system has chosen one.
fn address(local: &[LocalAddr]) -> Outcome<String> {
    let socket = local.iter().find_map(|local| local.as_socket_addr());
    Ok(format!("http://{}", socket.ok_or("the server listens on no address")?))
}

/// The database and its URL.
async fn database(given: Option<String>) -> Outcome<(String, DatabaseConnection)> {
    if let Some(url) = given {
        let mut options = ConnectOptions::new(&url);
        options.max_connections(10).sqlx_logging(false);
        let db = Database::connect(options).await?;
        return Ok(("$DATABASE_URL".to_owned(), db));
    }
    let scratch = threadline_testkit::scratch_database("helpdesk").await?;
    let db = scratch.connect().await?;
    Ok((scratch.url().to_owned(), db))
}

fn greeting(url: &str) -> String {
    let accounts: Vec<String> = helpdesk::seed::ACCOUNTS
        .iter()
        .map(|account| format!("  {:<22} {}", account.email, account.about))
        .collect();
    format!(
        "accounts, each with the password `{}`:\n{}\n\
         the database, to look at, or to change behind the application's back:\n  psql \"{url}\"",
        helpdesk::seed::PASSWORD,
        accounts.join("\n"),
    )
}
