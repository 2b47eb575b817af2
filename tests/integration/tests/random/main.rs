//! What is captured of thousands of random statements.
//!
//! Several sessions write at random into random tables, with savepoints, rollbacks, errors and
//! deadlocks, while the schema changes beneath them. Now and then the tables are remembered as they
//! are. Afterwards each of these moments is rebuilt from the trail alone, and must be the same; and
//! each change must fit the row that was there before it.
//!
//! - `THREADLINE_SEED=7 cargo test -p threadline-tests --test random` runs it again. The seed decides
//!   the tables and what every session tries; who is first at a row is up to the machine, so a
//!   failure may take a few runs to come again.
//! - `THREADLINE_RANDOM_STATEMENTS=100000` makes it longer.
//! - `THREADLINE_RANDOM_ERRORS=1` tells which errors the statements had.
//!
//! A failure tells the seed, the row, its changes and what the sessions did. Without one,
//! `-- --nocapture` shows the seed and how much was compared.

mod body;
mod compare;
mod journal;
mod kind;
mod moment;
mod nothing_else;
mod parts;
mod rebuild;
mod run;
mod schema;
mod session;
mod statement;
mod story;
mod table;
mod trail;
mod verdict;
mod world;

use std::env::var;

/// How many statements a run has, if nobody asks for more.
const STATEMENTS: usize = 1200;

/// Seeds whose tables and statements showed something wrong once.
const REGRESSIONS: [u64; 3] = [5, 16, 21];

fn number(name: &str) -> Option<u64> {
    let text = var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

async fn check(seed: u64) {
    let statements = number("THREADLINE_RANDOM_STATEMENTS");
    let statements = statements.and_then(|n| usize::try_from(n).ok()).unwrap_or(STATEMENTS);
    match run::run(seed, statements).await {
        Ok(summary) => println!("THREADLINE_SEED={seed}: {summary}"),
        Err(report) => panic!("THREADLINE_SEED={seed}\n{report}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_rebuilds_what_random_statements_did() {
    check(number("THREADLINE_SEED").unwrap_or_else(|| fastrand::u64(..1_000_000))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn and_of_the_seeds_that_once_failed() {
    for seed in REGRESSIONS {
        check(seed).await;
    }
}
