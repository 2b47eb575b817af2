//! Counts over time, drawn and told: each drawing stands beside a table of the same numbers.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::link::local;
use super::text::{counted, grouped, plain};
use super::time::minute;

/// The height of a drawing, in its own units; it is a thousand wide.
const HEIGHT: u64 = 64;

/// How many changes there were in a span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    /// Its first moment.
    pub(crate) from: DateTime<Utc>,
    /// The first moment after it.
    pub(crate) until: DateTime<Utc>,
    pub(crate) count: u64,
    /// Where the changes of this span are.
    pub(crate) href: String,
}

/// Bars, of which each leads to the changes in its span. `span` names the width of one: `1 hour`.
pub(crate) fn histogram(bars: &[Bar], span: &str) -> Markup {
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or_default();
    let total: u64 = bars.iter().map(|bar| bar.count).sum();
    html! {
        figure.chart {
            svg.bars viewBox=(format!("0 0 1000 {HEIGHT}")) preserveAspectRatio="none" aria-hidden="true" {
                @for (position, bar) in bars.iter().enumerate() { (drawn(position, bars.len(), bar, most)) }
            }
            figcaption {
                span { @if let Some(first) = bars.first() { (minute(first.from)) } }
                span.meta {
                    (counted(total, "change", "changes")) ", " (plain(span)) " a bar, at most " (grouped(most))
                }
                span { @if let Some(last) = bars.last() { (minute(last.until)) } }
            }
            details.as-table {
                summary { "The same as a table" }
                div.scroll tabindex="0" role="region" aria-label="Changes over time" {
                    table.data {
                        caption.vh { "Changes over time" }
                        thead { tr { th scope="col" { "From" } th scope="col" { "Until" } th.n scope="col" { "Changes" } } }
                        tbody {
                            @for bar in bars.iter().filter(|bar| bar.count > 0) {
                                tr {
                                    td { a href=(local(&bar.href)) { (minute(bar.from)) } }
                                    td { (minute(bar.until)) }
                                    td.n { (grouped(bar.count)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The drawing is for the mouse: the links of the table below are for the keyboard.
fn drawn(position: usize, bars: usize, bar: &Bar, most: u64) -> Markup {
    let left = position as f64 * 1000.0 / bars as f64;
    let width = 1000.0 / bars as f64;
    let height = if bar.count == 0 { 0 } else { (bar.count * HEIGHT).div_ceil(most.max(1)).max(3) };
    let label = format!(
        "{} to {}: {}",
        bar.from.format("%Y-%m-%d %H:%M"),
        bar.until.format("%H:%M UTC"),
        counted(bar.count, "change", "changes")
    );
    let (left, width) = (format!("{left:.2}"), format!("{:.2}", (width - 1.5).max(0.5)));
    html! {
        a href=(local(&bar.href)) tabindex="-1" {
            title { (label) }
            rect.hit x=(left) y="0" width=(width) height=(HEIGHT) {}
            @if height > 0 { rect.bar x=(left) y=(HEIGHT - height) width=(width) height=(height) {} }
        }
    }
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// In which hours of the week something happened, in UTC; the week begins on Monday.
pub(crate) fn heat_map(counts: &[[u64; 24]; 7]) -> Markup {
    let most = counts.iter().flatten().copied().max().unwrap_or_default();
    html! {
        figure.chart {
            svg.heat viewBox="0 0 640 164" aria-hidden="true" {
                @for (day, hours) in counts.iter().enumerate() {
                    text x="0" y=(day * 20 + 35) { (DAYS[day]) }
                    @for (hour, count) in hours.iter().enumerate() {
                        rect.cell.{ "h" (shade(*count, most)) } x=(hour * 25 + 36) y=(day * 20 + 22) width="23" height="18" rx="2" {
                            title { (DAYS[day]) " " (format!("{hour:02}:00 UTC")) ": " (grouped(*count)) }
                        }
                    }
                }
                @for hour in (0..24).step_by(6) { text x=(hour * 25 + 36) y="14" { (format!("{hour:02}:00")) } }
            }
            details.as-table {
                summary { "The same as a table" }
                div.scroll tabindex="0" role="region" aria-label="Changes by hour of the week" {
                    table.data {
                        caption.vh { "Changes by day of the week and hour, in UTC" }
                        thead { tr { th scope="col" { "Day" } @for hour in 0..24 { th.n scope="col" { (hour) } } } }
                        tbody {
                            @for (day, hours) in counts.iter().enumerate() {
                                tr { th scope="row" { (DAYS[day]) } @for count in hours { td.n { (grouped(*count)) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Five shades; what is not nothing is never shown as nothing.
fn shade(count: u64, most: u64) -> u64 {
    if count == 0 { 0 } else { 1 + (count - 1) * 4 / most.max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_change_is_seen_beside_a_million() {
        let bar = |count| Bar {
            from: DateTime::UNIX_EPOCH,
            until: DateTime::UNIX_EPOCH,
            count,
            href: "?".to_owned(),
        };
        let drawing = histogram(&[bar(1), bar(1_000_000), bar(0)], "1 hour").into_string();
        assert_eq!(drawing.matches("class=\"bar\"").count(), 2, "{drawing}");
        assert!(drawing.contains("height=\"3\"") && drawing.contains("height=\"64\""), "{drawing}");
        assert_eq!((shade(0, 9), shade(1, 9), shade(9, 9), shade(1, 1)), (0, 1, 4, 1));
    }

    #[test]
    fn nothing_at_all_is_drawn_without_dividing_by_it() {
        assert!(!histogram(&[], "1 hour").into_string().contains("NaN"));
        assert!(!heat_map(&[[0; 24]; 7]).into_string().contains("h1"));
    }
}
