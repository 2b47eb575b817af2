//! Every kind of query, asked of the past and of a copy of the tables that was taken then.
//!
//! Several sessions write at random, in transactions that are interleaved, rolled back and left open,
//! while the schema changes beneath them. At random moments all tables are copied. The same functions,
//! written for any connection of SeaORM, then ask the copies and the past of that moment, with random
//! parameters, and must answer the same.
//!
//! - `THREADLINE_SEED=7 cargo test -p threadline-tests --test past` runs it again: one statement runs
//!   at a time, so a seed tells all that happens.
//! - `THREADLINE_PAST_QUERIES=50000` makes it longer.
//!
//! A failure tells the seed, the moment, the query and the rows that differ, and what was written
//! before. Without one, `-- --nocapture` shows the seed and how much was compared.

mod answer;
mod copy;
mod difference;
mod entities;
mod parameters;
mod queries;
mod readers;
mod rows;
mod run;
mod session;
mod statement;

use std::env::var;

use run::Asked;

/// How many queries a run compares, if nobody asks for more.
const QUERIES: usize = 3000;

fn number(name: &str) -> Option<u64> {
    let text = var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_answers_every_query_as_a_copy_of_that_moment_does() {
    let seed = number("THREADLINE_SEED").unwrap_or_else(|| fastrand::u64(..1_000_000));
    let queries = number("THREADLINE_PAST_QUERIES").and_then(|n| usize::try_from(n).ok());
    match run::run(seed, queries.unwrap_or(QUERIES), Asked::Past).await {
        Ok(summary) => println!("THREADLINE_SEED={seed}: {summary}"),
        Err(report) => panic!("THREADLINE_SEED={seed}\n{report}"),
    }
}

/// The comparison is worth something only if it fails.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_live_rows_is_found_out() {
    let report =
        run::run(1, 0, Asked::Live).await.expect_err("live rows are not those of the past");
    let kinds = report.lines().skip_while(|line| !line.starts_with("-- all that")).skip(1).count();
    assert!(kinds > 100, "only {kinds} kinds of queries tell live rows from past ones\n{report}");
}
