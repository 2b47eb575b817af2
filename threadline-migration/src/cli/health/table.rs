//! Columns of text.

use super::super::output::{BAD, FAINT, GOOD, NOTABLE, STRONG};
pub(super) use super::super::reading::harmless;
use crate::health::{HealthFinding, Severity};

/// Rows below a heading, each column as wide as its widest cell. The cells hold nothing yet that a terminal
/// would act on.
pub(super) fn columns<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = heading.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> =
            cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut text = format!("{STRONG}{}{STRONG:#}\n", line(heading.to_vec()));
    for row in rows {
        text.push_str(&painted(&line(row.iter().map(String::as_str).collect())));
        text.push('\n');
    }
    text
}

/// The words that say how it stands have the colour of what they mean.
fn painted(line: &str) -> String {
    let words = [
        ("  could_not_introspect", BAD),
        ("  drift_detected", BAD),
        ("  config_matches_deployed", GOOD),
        ("  expected uncovered", FAINT),
        ("  uncovered", NOTABLE),
        ("  missing", BAD),
        ("  covered", GOOD),
    ];
    let found = words.iter().find_map(|(word, style)| Some((line.find(word)?, word, style)));
    match found {
        Some((start, word, style)) => {
            format!("{}{style}{word}{style:#}{}", &line[..start], &line[start + word.len()..])
        }
        None => line.to_owned(),
    }
}

/// A finding in one line.
pub(super) fn finding(finding: &HealthFinding) -> String {
    let style = match finding.severity {
        Severity::Error => BAD,
        Severity::Warning => NOTABLE,
        Severity::Info => FAINT,
    };
    let text = harmless(&finding.to_string());
    let word = finding.severity.as_str();
    format!("{style}{word}{style:#}{}", text.strip_prefix(word).unwrap_or(&text))
}
