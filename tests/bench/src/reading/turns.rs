//! Things to measure that take turns.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

/// What takes longer than this is not repeated within a turn.
const TURN: Duration = Duration::from_millis(300);

type Done<'a> = Pin<Box<dyn Future<Output = Result<(), Box<dyn Error>>> + 'a>>;

/// What is measured together, so that what slows the machine down slows down all of it.
pub(crate) struct Turns<'a> {
    cases: Vec<Case<'a>>,
}

struct Case<'a> {
    name: String,
    work: Box<dyn Fn() -> Done<'a> + 'a>,
}

/// The times of one case, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Times {
    pub(crate) name: String,
    pub(crate) min: f64,
    pub(crate) median: f64,
}

impl<'a> Turns<'a> {
    pub(crate) fn new() -> Self {
        Self { cases: Vec::new() }
    }

    /// Adds one more thing to measure.
    pub(crate) fn case<F>(&mut self, name: impl Into<String>, work: impl Fn() -> F + 'a)
    where
        F: Future<Output = Result<(), Box<dyn Error>>> + 'a,
    {
        let work = Box::new(move || Box::pin(work()) as Done<'a>);
        self.cases.push(Case { name: name.into(), work });
    }

    /// Runs everything once without a clock, then `rounds` times in turn, up to `times` of each in a row.
    /// What fails, as what takes longer than a statement may, is told and has no figure.
    pub(crate) async fn run(&self, rounds: u32, times: u32) -> Result<Vec<Times>, Box<dyn Error>> {
        let mut millis = vec![Vec::new(); self.cases.len()];
        let mut can_run = Vec::new();
        for case in &self.cases {
            let done = (case.work)().await;
            if let Err(error) = &done {
                eprintln!("{} is not measured: {error}", case.name);
            }
            can_run.push(done.is_ok());
        }
        for _ in 0..rounds {
            for ((case, millis), can_run) in self.cases.iter().zip(&mut millis).zip(&can_run) {
                let turn = Instant::now();
                for _ in 0..if *can_run { times } else { 0 } {
                    let start = Instant::now();
                    (case.work)().await?;
                    millis.push(start.elapsed().as_secs_f64() * 1e3);
                    if turn.elapsed() > TURN {
                        break;
                    }
                }
            }
        }
        let names = self.cases.iter().map(|case| case.name.clone());
        Ok(names.zip(millis).map(|(name, millis)| Times::of(name, millis)).collect())
    }
}

impl Times {
    fn of(name: String, mut millis: Vec<f64>) -> Self {
        millis.sort_unstable_by(f64::total_cmp);
        let place = |index: usize| millis.get(index).copied().unwrap_or(f64::NAN);
        Self { name, min: place(0), median: place(millis.len() / 2) }
    }
}
