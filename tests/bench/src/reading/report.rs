//! The figures of one run, with what they are measured against.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::plan::Summary;
use super::turns::Times;

#[derive(Default)]
pub(crate) struct Report {
    lines: Vec<Line>,
    plans: Vec<(String, Value)>,
    notes: Vec<String>,
}

/// One thing that was measured.
struct Line {
    /// The goal it belongs to: P4 to P7, or P10.
    goal: &'static str,
    times: Times,
    /// What it is compared with, how many times as long it takes, and how many are allowed.
    against: Option<(String, f64, Option<f64>)>,
    plan: Option<Summary>,
}

impl Report {
    /// Adds a figure that others are compared with, or that stands for itself.
    pub(crate) fn base(&mut self, goal: &'static str, times: &Times, plan: Option<&[Value]>) {
        self.add(goal, times, None, plan);
    }

    /// Adds a figure and how it compares; `limit` is the goal.
    #[expect(clippy::too_many_arguments, reason = "a line of the report has as many parts")]
    pub(crate) fn ratio(
        &mut self,
        goal: &'static str,
        times: &Times,
        base: &Times,
        limit: Option<f64>,
        plan: Option<&[Value]>,
    ) {
        let against = (base.name.clone(), times.min / base.min, limit);
        self.add(goal, times, Some(against), plan);
    }

    fn add(
        &mut self,
        goal: &'static str,
        times: &Times,
        against: Option<(String, f64, Option<f64>)>,
        plans: Option<&[Value]>,
    ) {
        if let Some(plans) = plans {
            self.plans.push((format!("{goal} {}", times.name), Value::from(plans.to_vec())));
        }
        let plan = plans.map(Summary::of);
        self.lines.push(Line { goal, times: times.clone(), against, plan });
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    pub(crate) fn print(&self) {
        println!(
            "{:<4} {:<46} {:>10} {:>10} {:>7} {:>5}  {:<28} {:>7}",
            "", "", "min ms", "median", "ratio", "goal", "against", "pages"
        );
        for line in &self.lines {
            let Times { name, min, median } = &line.times;
            print!("{:<4} {name:<46} {min:>10.2} {median:>10.2}", line.goal);
            match &line.against {
                Some((base, ratio, limit)) => {
                    let limit = limit.map(|limit| format!("{limit}")).unwrap_or_default();
                    print!(" {ratio:>7.2} {limit:>5}  {base:<28}");
                }
                None => print!(" {:>7} {:>5}  {:<28}", "", "", ""),
            }
            let pages = line.plan.as_ref().map(|plan| format!("{:.0}", plan.pages));
            println!(" {:>7} {}", pages.unwrap_or_default(), line.verdict());
            if let Some(plan) = &line.plan {
                println!("{:<10}{}", "", plan.line());
            }
        }
        for note in &self.notes {
            println!("{note}");
        }
    }

    /// Writes the figures of the benchmark into a file, and each plan into one beside it.
    pub(crate) fn write(&self, benchmark: &str, file: &Path) -> std::io::Result<()> {
        let lines: Vec<Value> = self.lines.iter().map(Line::as_json).collect();
        let whole = json!({ "benchmark": benchmark, "lines": lines, "notes": self.notes });
        fs::write(file, format!("{whole:#}"))?;
        let folder = file.with_extension("plans");
        fs::create_dir_all(&folder)?;
        for (name, plan) in &self.plans {
            let name: String =
                name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            fs::write(folder.join(format!("{name}.json")), format!("{plan:#}"))?;
        }
        Ok(())
    }
}

impl Line {
    /// Whether the goal is reached, as far as there is one.
    fn verdict(&self) -> String {
        let faults = self.plan.iter().flat_map(Summary::faults);
        let slow = self.against.as_ref().and_then(|(_, ratio, limit)| {
            let limit = (*limit)?;
            Some(if *ratio <= limit { "ok".to_owned() } else { "SLOW".to_owned() })
        });
        let faults: Vec<String> = faults.map(|fault| format!("FAIL: {fault}")).collect();
        slow.into_iter().chain(faults).collect::<Vec<_>>().join("; ")
    }

    fn as_json(&self) -> Value {
        json!({
            "goal": self.goal, "what": self.times.name, "min_ms": self.times.min,
            "median_ms": self.times.median, "verdict": self.verdict(),
            "against": self.against.as_ref().map(|(base, ..)| base),
            "ratio": self.against.as_ref().map(|(_, ratio, _)| ratio),
            "limit": self.against.as_ref().and_then(|(.., limit)| *limit),
            "plan": self.plan.as_ref().map(Summary::as_json),
        })
    }
}
