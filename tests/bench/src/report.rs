//! Tables of ratios.

use serde_json::{Value, json};

use crate::design::Design;

/// The best figure of each design for one workload.
pub(crate) struct Line {
    pub(crate) workload: String,
    pub(crate) unit: &'static str,
    /// In the order of [`Design::ALL`].
    pub(crate) best: [f64; 3],
}

impl Line {
    fn floor_total(&self) -> f64 {
        self.best[2] / self.best[1]
    }

    fn floor_added(&self) -> f64 {
        (self.best[2] - self.best[0]) / (self.best[1] - self.best[0])
    }
}

/// Prints the lines for people, and as one line of JSON for machines.
pub(crate) fn print(lines: &[Line]) {
    println!(
        "{:<28} {:>10} {:>10} {:>12}   {:>16} {:>16}",
        "", "none", "floor", "threadline", "× floor, total", "× floor, added"
    );
    for line in lines {
        println!(
            "{:<28} {:>10.1} {:>10.1} {:>12.1}   {:>16.2} {:>16.2}   {}",
            line.workload,
            line.best[0],
            line.best[1],
            line.best[2],
            line.floor_total(),
            line.floor_added(),
            line.unit
        );
    }
    println!("{}", as_json(lines));
}

fn as_json(lines: &[Line]) -> Value {
    let lines: Vec<Value> = lines
        .iter()
        .map(|line| {
            let figures: serde_json::Map<String, Value> = Design::ALL
                .iter()
                .zip(line.best)
                .map(|(design, figure)| (design.name().to_owned(), json!(figure)))
                .collect();
            json!({
                "workload": line.workload, "unit": line.unit, "best": figures,
                "floor_total": line.floor_total(), "floor_added": line.floor_added(),
            })
        })
        .collect();
    json!({ "benchmark": "capture", "lines": lines })
}
