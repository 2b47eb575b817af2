//! How often a transaction waits for the server: counted on the wire, by a proxy between the two.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::{ConnectionTrait, DatabaseConnection, SqlxPostgresConnector, TransactionTrait};
use threadline::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::report::Report;

/// Prints how many round trips a plain and an audited transaction of one insert take.
pub(crate) async fn run(url: &str, report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    let options: PgConnectOptions = url.parse()?;
    let server = format!("{}:{}", options.get_host(), options.get_port());
    let Ok(probe) = TcpStream::connect(&server).await else {
        report.note(format!("round trips are not counted: nothing listens on {server}"));
        return Ok(());
    };
    drop(probe);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let trips = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&trips);
    let proxy = tokio::spawn(async move {
        let (client, _) = listener.accept().await?;
        forward(client, TcpStream::connect(&server).await?, &counter).await
    });
    let options = options.host("127.0.0.1").port(port);
    let pool =
        sea_orm::sqlx::pool::PoolOptions::new().max_connections(1).test_before_acquire(false);
    let db = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.connect_with(options).await?);
    let context = AuditContext::new(ActorRef::user(7));
    let (mut plain, mut audited) = (0, 0);
    // The first time, statements are prepared, which is a round trip of its own.
    for id in 0..3 {
        trips.store(0, Ordering::SeqCst);
        let txn = db.begin().await?;
        txn.execute_unprepared(&insert(2 * id)).await?;
        txn.commit().await?;
        plain = settled(&db, &trips).await?;
        let txn = db.audit_begin(&context, "bench.insert").await?;
        txn.execute_unprepared(&insert(2 * id + 1)).await?;
        txn.commit().await?;
        audited = settled(&db, &trips).await?;
    }
    report.trips(plain, audited);
    drop(db);
    proxy.abort();
    Ok(())
}

/// The round trips so far, without the one that makes sure that all are counted; begins anew.
async fn settled(db: &DatabaseConnection, trips: &AtomicU32) -> Result<u32, sea_orm::DbErr> {
    db.execute_unprepared("SELECT 1").await?;
    Ok(trips.swap(0, Ordering::SeqCst) - 1)
}

fn insert(id: u32) -> String {
    format!("INSERT INTO bench.threadline VALUES (-{id} - 1, 't', 'b', 'open', 1, now())")
}

async fn forward(client: TcpStream, server: TcpStream, trips: &AtomicU32) -> io::Result<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let answers = tokio::io::copy(&mut from_server, &mut to_client);
    let questions = async {
        let mut has_started = false;
        let mut has_work = false;
        loop {
            let message = read_message(&mut from_client, has_started).await?;
            // A request for encryption comes before the message that starts the session.
            has_started |= message.get(4..8) != Some(&[0x04, 0xd2, 0x16, 0x2f]);
            // A simple query, or the end of an extended one: then the client waits. An end with nothing
            // before it is the pool that asks whether the connection lives.
            let kind = message.first().filter(|_| has_started).copied();
            has_work |= kind.is_some_and(|kind| b"PBDE".contains(&kind));
            if kind == Some(b'Q') || (kind == Some(b'S') && has_work) {
                trips.fetch_add(1, Ordering::SeqCst);
                has_work = false;
            }
            to_server.write_all(&message).await?;
        }
    };
    tokio::select! { done = answers => done.map(|_| ()), done = questions => done }
}

/// One message of the client: a type, unless it is the first, and a length that counts itself.
async fn read_message(
    client: &mut (impl AsyncReadExt + Unpin),
    has_type: bool,
) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    if has_type {
        message.push(client.read_u8().await?);
    }
    let length = client.read_u32().await?;
    message.extend(length.to_be_bytes());
    let start = message.len();
    let rest = usize::try_from(length).unwrap_or(4).saturating_sub(4);
    message.resize(start + rest, 0);
    client.read_exact(&mut message[start..]).await?;
    Ok(message)
}
