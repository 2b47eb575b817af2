//! Threadline's benchmarks: programs that print ratios of one run, never assertions.
//!
//! `cargo run --release -p threadline-bench -- capture`, `reading` or `pages`

mod bulk;
mod capture;
mod design;
mod pages;
mod peers;
mod reading;
mod report;
mod single;
mod size;
mod transaction;
mod wire;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(about = "Measures what auditing costs, as ratios within one run")]
struct Cli {
    #[command(subcommand)]
    benchmark: Benchmark,
}

#[derive(Debug, Subcommand)]
enum Benchmark {
    /// What capture adds to single-row and bulk writes, against no trigger and the least trigger.
    Capture(capture::Options),
    /// What reading a large trail costs, against the least that reading the same rows can cost.
    Reading(reading::Options),
    /// What an operator page costs over a large trail, against its own queries.
    Pages(pages::Options),
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    match Cli::parse().benchmark {
        Benchmark::Capture(options) => capture::run(&options).await,
        Benchmark::Reading(options) => reading::run(&options).await,
        Benchmark::Pages(options) => pages::run(&options).await,
    }
}
