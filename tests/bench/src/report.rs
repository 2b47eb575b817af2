//! Tables of ratios.

use serde_json::{Map, Value, json};

use crate::design::Design;

/// The figures of one run.
pub(crate) struct Report {
    designs: Vec<Design>,
    lines: Vec<Line>,
    notes: Vec<String>,
    trips: Option<(u32, u32)>,
}

struct Line {
    workload: String,
    unit: &'static str,
    /// In the order of the report's designs.
    figures: Vec<f64>,
}

impl Report {
    pub(crate) fn new(designs: &[Design]) -> Self {
        Self { designs: designs.to_vec(), lines: Vec::new(), notes: Vec::new(), trips: None }
    }

    pub(crate) fn line(&mut self, workload: &str, unit: &'static str, figures: Vec<f64>) {
        self.lines.push(Line { workload: workload.to_owned(), unit, figures });
    }

    pub(crate) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    pub(crate) fn trips(&mut self, plain: u32, audited: u32) {
        self.trips = Some((plain, audited));
        self.note(format!(
            "round trips of a transaction of one insert: plain {plain}, audited {audited}"
        ));
    }

    /// Prints the figures, and how many times those of the floor they are.
    pub(crate) fn print(&self) {
        self.section("", |line, place| Some(line.figures[place]));
        self.section("× floor, in all", |line, place| self.times_floor(line, place, false));
        self.section("× floor, added", |line, place| self.times_floor(line, place, true));
        self.section("× model", |line, place| self.times(line, place, Design::Model));
        for note in &self.notes {
            println!("{note}");
        }
    }

    fn section(&self, title: &str, figure: impl Fn(&Line, usize) -> Option<f64>) {
        print!("{title:<40}");
        for design in &self.designs {
            print!(" {:>16}", design.name());
        }
        println!();
        for line in &self.lines {
            let figures: Vec<Option<f64>> =
                (0..self.designs.len()).map(|place| figure(line, place)).collect();
            if figures.iter().all(Option::is_none) {
                continue;
            }
            print!("{:<36} {:>3}", line.workload, if title.is_empty() { line.unit } else { "" });
            for figure in figures {
                match figure {
                    Some(figure) if title.is_empty() => print!(" {figure:>16.1}"),
                    Some(figure) => print!(" {figure:>16.2}"),
                    None => print!(" {:>16}", ""),
                }
            }
            println!();
        }
        println!();
    }

    fn of(&self, line: &Line, design: Design) -> Option<f64> {
        let place = self.designs.iter().position(|d| *d == design)?;
        line.figures.get(place).copied()
    }

    fn times(&self, line: &Line, place: usize, design: Design) -> Option<f64> {
        let other = self.of(line, design)?;
        (place >= 2 && other > 0.0).then(|| line.figures[place] / other)
    }

    fn times_floor(&self, line: &Line, place: usize, added: bool) -> Option<f64> {
        let (none, floor) = (self.of(line, Design::None)?, self.of(line, Design::Floor)?);
        // Bytes are compared with what else stores the same content.
        if place < 2 || line.unit == "B" {
            return None;
        }
        let base = if added { none } else { 0.0 };
        Some((line.figures[place] - base) / (floor - base))
    }

    pub(crate) fn as_json(&self) -> Value {
        let lines: Vec<Value> = self.lines.iter().map(|line| self.line_as_json(line)).collect();
        let trips = self.trips.map(|(plain, audited)| json!({"plain": plain, "audited": audited}));
        json!({ "benchmark": "capture", "lines": lines, "round_trips": trips })
    }

    fn line_as_json(&self, line: &Line) -> Value {
        let by_design = |figure: &dyn Fn(usize) -> Option<f64>| -> Map<String, Value> {
            let figures = self.designs.iter().enumerate();
            figures
                .filter_map(|(place, design)| {
                    Some((design.name().to_owned(), json!(figure(place)?)))
                })
                .collect()
        };
        json!({
            "workload": line.workload, "unit": line.unit,
            "figures": by_design(&|place| Some(line.figures[place])),
            "floor_total": by_design(&|place| self.times_floor(line, place, false)),
            "floor_added": by_design(&|place| self.times_floor(line, place, true)),
        })
    }
}

/// The tenth percentile.
pub(crate) fn low(times: &mut [f64]) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times.get(times.len() / 10).copied().unwrap_or(f64::NAN)
}
