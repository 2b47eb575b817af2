//! P7: a million changes as NDJSON, against the server's own COPY of the same rows as JSON.

use std::error::Error;
use std::fs;
use std::io::{self, Write};

use futures_util::TryStreamExt;
use sea_orm::DatabaseConnection;
use sea_orm::sqlx::postgres::PgPoolCopyExt;
use threadline::export::{ColumnSet, Ndjson};
use threadline::trail::TRAIL;
use threadline::{Export, Filter};

use super::data::Trail;
use super::report::Report;
use super::turns::Turns;

/// Half of the throughput of COPY is twice its time.
const GOAL: f64 = 2.0;
const MOST: i64 = 1_000_000;

/// Counts what it is given, and keeps none of it.
#[derive(Default)]
struct Counter {
    bytes: u64,
}

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) async fn measure(
    db: &DatabaseConnection,
    trail: &Trail,
    rounds: u32,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let rows = trail.changes.min(MOST);
    let memory = memory_of_one(db, rows).await?;
    let mut turns = Turns::new();
    turns.case(format!("COPY of {rows} changes as JSON"), move || copy(db, rows));
    turns.case("NDJSON, the changes alone", move || async move {
        ndjson(db, rows, ColumnSet::Changes).await.map(|_| ())
    });
    turns.case("NDJSON, with who and why", move || async move {
        ndjson(db, rows, ColumnSet::WithContext).await.map(|_| ())
    });
    let times = turns.run(rounds.div_ceil(2), 1).await?;
    report.base("P7", &times[0], None);
    report.ratio("P7", &times[1], &times[0], Some(GOAL), None);
    report.ratio("P7", &times[2], &times[0], Some(GOAL), None);
    report.note(memory);
    Ok(())
}

async fn copy(db: &DatabaseConnection, rows: i64) -> Result<(), Box<dyn Error>> {
    let sql = format!(
        "COPY (SELECT row_to_json(c) FROM {TRAIL}.audit_changes c \
         ORDER BY c.captured_at DESC, c.id DESC LIMIT {rows}) TO STDOUT"
    );
    let mut counter = Counter::default();
    let mut stream = db.get_postgres_connection_pool().copy_out_raw(&sql).await?;
    while let Some(bytes) = stream.try_next().await? {
        counter.write_all(&bytes)?;
    }
    if counter.bytes == 0 { Err("COPY gave nothing".into()) } else { Ok(()) }
}

/// The bytes of the document.
async fn ndjson(
    db: &DatabaseConnection,
    rows: i64,
    columns: ColumnSet,
) -> Result<u64, Box<dyn Error>> {
    let mut counter = Counter::default();
    let everything = Filter::new();
    let export = Export::new(&everything).columns(columns).max_rows(rows.unsigned_abs());
    let exported = export.write(db, Ndjson::new(), &mut counter).await?;
    if exported.returned_count != rows.unsigned_abs() {
        return Err(format!("{} changes of {rows} were exported", exported.returned_count).into());
    }
    Ok(counter.bytes)
}

/// How much the peak of this process' memory grows by an export.
async fn memory_of_one(db: &DatabaseConnection, rows: i64) -> Result<String, Box<dyn Error>> {
    // Once with few rows, for what a first statement takes.
    ndjson(db, rows.min(1_000), ColumnSet::WithContext).await?;
    // The kernel forgets the peak so far; where it does not, none is told.
    let forgotten = fs::write("/proc/self/clear_refs", "5");
    let before = peak_kib();
    let bytes = ndjson(db, rows, ColumnSet::WithContext).await?;
    Ok(match (forgotten, before, peak_kib()) {
        (Ok(()), Some(before), Some(after)) => format!(
            "P7 peak memory of the process: {:.1} MiB before and {:.1} MiB after an export of {:.0} MiB \
             (goal: at most 64)",
            before / 1024.0,
            after / 1024.0,
            bytes as f64 / 1_048_576.0
        ),
        _ => "P7 peak memory is not known on this system".to_owned(),
    })
}

fn peak_kib() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
