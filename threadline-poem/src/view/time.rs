//! Moments. They are told in UTC; the script tells them in the viewer's zone.

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, html};

/// A moment to the second, and how long ago it is.
pub(crate) fn time(at: DateTime<Utc>, now: DateTime<Utc>) -> Markup {
    html! {
        time datetime=(machine(at)) title=(exact(at)) data-t="s" { (at.format("%Y-%m-%d %H:%M:%S UTC")) }
        " " span.meta { "(" (ago(at, now)) ")" }
    }
}

/// A moment as the trail has it, to the microsecond.
pub(crate) fn moment(at: DateTime<Utc>) -> Markup {
    html! { time datetime=(machine(at)) title=(exact(at)) data-t="us" { (exact(at)) } }
}

/// How long ago a moment is: for lists in which it stands often.
pub(crate) fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> Markup {
    html! { time datetime=(machine(at)) title=(exact(at)) data-t="ago" { (relative(at, now)) } }
}

/// The time of day, for lists whose heading has the date.
pub(crate) fn clock(at: DateTime<Utc>) -> Markup {
    html! { time datetime=(machine(at)) title=(exact(at)) data-t="clock" { (at.format("%H:%M:%S")) } }
}

/// A date and the time to the minute.
pub(crate) fn minute(at: DateTime<Utc>) -> Markup {
    html! { time datetime=(machine(at)) title=(exact(at)) data-t="m" { (at.format("%Y-%m-%d %H:%M")) } }
}

/// `2026-11-21 05:28:11.482913 UTC`
pub(crate) fn exact(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S%.6f UTC").to_string()
}

/// `2 min ago`, `in 3 h`, `just now`
pub(crate) fn relative(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - at).num_seconds();
    let distance = match seconds.unsigned_abs() {
        0..5 => return "just now".to_owned(),
        s @ 5..60 => format!("{s} s"),
        s @ 60..3_600 => format!("{} min", s / 60),
        s @ 3_600..86_400 => format!("{} h", s / 3_600),
        s @ 86_400..31_536_000 => format!("{} d", s / 86_400),
        s => format!("{} y", s / 31_536_000),
    };
    if seconds < 0 { format!("in {distance}") } else { format!("{distance} ago") }
}

fn machine(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn how_long_ago_a_moment_is() {
        let now = DateTime::UNIX_EPOCH;
        let told = [
            (0, "just now"),
            (59, "59 s ago"),
            (120, "2 min ago"),
            (7_200, "2 h ago"),
            (172_800, "2 d ago"),
            (63_072_000, "2 y ago"),
            (-7_200, "in 2 h"),
        ];
        for (seconds, text) in told {
            assert_eq!(relative(now - TimeDelta::seconds(seconds), now), text);
        }
    }

    #[test]
    fn a_moment_is_told_to_the_microsecond_in_utc() {
        let at = DateTime::from_timestamp_micros(1_700_000_000_123_456).expect("a moment");
        assert_eq!(exact(at), "2023-11-14 22:13:20.123456 UTC");
        assert!(moment(at).into_string().contains("datetime=\"2023-11-14T22:13:20.123456Z\""));
    }
}
