//! The bytes on their way: failures, readers that stop, bodies of responses.

use futures_util::{StreamExt, TryStreamExt};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::json;
use threadline::export::{FormatName, Ndjson};
use threadline::{Error, Export, Filter};
use threadline_testkit::TestDb;

use super::documents::{empty, written};
use super::formats::FORMATS;
use crate::fixture::{Fixture, run, value};

/// A trail of more than one batch.
async fn large() -> Fixture {
    let f = empty().await;
    f.run("INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 5000) i").await;
    f
}

#[tokio::test]
async fn a_stream_has_the_bytes_that_are_written() {
    let f = large().await;
    let at = |document: &[u8]| {
        let text = String::from_utf8_lossy(document).into_owned();
        let start = text.find("generated_at").map(|start| start + 15);
        start.map_or(document.to_vec(), |start| {
            [&document[..start], &document[start + 27..]].concat()
        })
    };
    let filter = Filter::new();
    let export = Export::new(&filter);
    for tried in FORMATS.iter().filter(|tried| tried.name != "parquet") {
        let mut written = Vec::new();
        export.write(&f.db, (tried.make)(), &mut written).await.expect("exports");
        let stream = export.stream(&f.db, (tried.make)()).await.expect("begins");
        let chunks: Vec<Vec<u8>> = stream.try_collect().await.expect("reads");
        assert!(chunks.len() > 10, "{}", tried.name);
        assert!(chunks.iter().all(|chunk| !chunk.is_empty() && chunk.len() < 200_000));
        assert!(at(&chunks.concat()) == at(&written), "{}", tried.name);
    }
}

#[tokio::test]
async fn a_failure_half_way_comes_out_and_leaves_a_document_without_an_end() {
    let f = empty().await;
    // So many and so random that every format has given something long before the end.
    f.run(
        "INSERT INTO t SELECT i, string_agg(md5(random()::text), '')
        FROM generate_series(1, 6000) i, generate_series(1, 60) GROUP BY i",
    )
    .await;
    let other = f.test_db.connect().await;
    let filter = Filter::new();
    for tried in FORMATS {
        let export = Export::new(&filter);
        let mut stream = export.stream(&f.db, (tried.make)()).await.expect("begins");
        let mut document = stream.try_next().await.expect("reads").expect("something");
        end_the_others(&other).await;
        let error = loop {
            match stream.next().await {
                Some(Ok(bytes)) => document.extend(bytes),
                Some(Err(error)) => break error,
                None => panic!("{}: the error was swallowed", tried.name),
            }
        };
        assert!(matches!(error, Error::Db(_)), "{}: {error}", tried.name);
        assert!(stream.next().await.is_none(), "{}", tried.name);
        assert_eq!(stream.exported(), None, "{}", tried.name);
        if tried.has_end {
            assert!(tried.try_read(&document).is_err(), "{}: it looks whole", tried.name);
        }
    }
}

/// Ends every other session of the database.
async fn end_the_others(db: &DatabaseConnection) {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    db.execute_unprepared(sql).await.expect("ends them");
}

#[tokio::test]
async fn every_cut_of_a_document_is_seen_to_be_one() {
    let f = written().await;
    let filter = Filter::new();
    for tried in FORMATS.iter().filter(|tried| tried.has_end) {
        let mut document = Vec::new();
        let export = Export::new(&filter);
        export.write(&f.db, (tried.make)(), &mut document).await.expect("exports");
        // Of a document in JSON the last byte is the end of a line, which says nothing.
        let last = document.len() - usize::from(tried.name == "json");
        for cut in 0..last {
            assert!(tried.try_read(&document[..cut]).is_err(), "{} at {cut}", tried.name);
        }
    }
}

#[tokio::test]
async fn a_reader_that_stops_gives_its_connection_back() {
    let f = large().await;
    let filter = Filter::new();
    for tried in FORMATS {
        let export = Export::new(&filter).unlimited();
        let mut stream = export.stream(&f.db, (tried.make)()).await.expect("begins");
        stream.try_next().await.expect("reads").expect("something");
        drop(stream);
        // The pool has one connection.
        let open =
            value(&f.db, "SELECT to_jsonb(count(*)) FROM pg_cursors WHERE name LIKE 'threadline%'");
        assert_eq!(open.await, json!(0), "{}", tried.name);
        f.run("SELECT 1").await;
    }
}

#[tokio::test]
async fn a_writer_that_fails_is_an_error() {
    let f = large().await;
    let mut room = [0_u8; 1000];
    let filter = Filter::new();
    let result = Export::new(&filter).write(&f.db, Ndjson::new(), &mut room[..]).await;
    let error = result.expect_err("the room is too small");
    assert!(matches!(error, Error::Output(_)), "{error}");
    assert!(error.to_string().contains("not whole"), "{error}");
}

#[tokio::test]
async fn it_is_the_body_of_a_response() {
    let f = large().await;
    let filter = Filter::new();
    let stream = Export::new(&filter).stream(&f.db, Ndjson::new()).await.expect("begins");
    let response = poem::Response::builder()
        .content_type(stream.content_type())
        .body(poem::Body::from_bytes_stream(stream));
    assert_eq!(response.content_type(), Some("application/x-ndjson"));
    let body = response.into_body().into_string().await.expect("a body");
    assert_eq!(body.lines().count(), 5001);
}

#[tokio::test]
async fn progress_and_result_are_told() {
    let f = large().await;
    let filter = Filter::new();
    let format = "ndjson".parse::<FormatName>().expect("known").format();
    let mut stream = Export::new(&filter).stream(&f.db, format).await.expect("begins");
    let mut last = 0;
    while stream.try_next().await.expect("reads").is_some() {
        assert!(stream.changes_so_far() >= last);
        last = stream.changes_so_far();
    }
    assert_eq!(last, 5000);
    let said = stream.exported().expect("it has ended");
    let told = json!({"returned_count": 5000, "truncated": false, "max_rows": 10_000});
    assert_eq!(serde_json::to_value(said).expect("serializes"), told);
}

#[tokio::test]
async fn what_cannot_be_exported_is_an_error_before_the_first_byte() {
    let f = written().await;
    let export = |filter: Filter| {
        let db = f.db.clone();
        async move {
            let mut document = Vec::new();
            let result = Export::new(&filter).write(&db, Ndjson::new(), &mut document).await;
            assert!(document.is_empty(), "nothing is written");
            result.expect_err("not possible")
        }
    };
    let error = export(Filter::new().correlation_id(" ")).await;
    assert!(matches!(error, Error::InvalidFilter(_)), "{error}");
    let error = export(Filter::new().after("abc")).await;
    assert!(error.to_string().contains("an export starts at the first change"), "{error}");
    let error = "xls".parse::<FormatName>().expect_err("unknown");
    assert!(error.to_string().contains("csv, json, ndjson, parquet"), "{error}");

    let nothing = TestDb::empty().await;
    let filter = Filter::new();
    let result = Export::new(&filter).stream(&nothing.connect().await, Ndjson::new()).await;
    assert!(matches!(result, Err(Error::NotInstalled { .. })), "{result:?}");
    run(&f.db, "SELECT 1").await;
}
