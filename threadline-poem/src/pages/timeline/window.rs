//! The time that is looked at, in words and as links to others.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use threadline::{Filter, TimeBound};

use super::params::Params;
use crate::view::{Choice, Links, counted};

/// What there is to choose from, in hours from short to long.
const PRESETS: [(i64, &str); 6] = [
    (1, "Last hour"),
    (24, "Last 24 hours"),
    (7 * 24, "Last 7 days"),
    (30 * 24, "Last 30 days"),
    (90 * 24, "Last 90 days"),
    (365 * 24, "Last year"),
];

/// The window in words: `last 24 h`.
pub(crate) fn words(filter: &Filter) -> String {
    let told = |bound: TimeBound| match bound {
        TimeBound::At(at) => at.format("%Y-%m-%d %H:%M UTC").to_string(),
        other => match other.to_string().strip_prefix('-') {
            Some(ago) => format!("{ago} ago"),
            None => "now".to_owned(),
        },
    };
    let (from, to) = filter.window();
    let to = to.filter(|bound| *bound != TimeBound::Ago { seconds: 0 });
    match (from, to) {
        (None, None) => "all time".to_owned(),
        (None, Some(to)) => format!("until {}", told(to)),
        (Some(bound @ TimeBound::Ago { .. }), None) => {
            let ago = bound.to_string();
            let ago = ago.strip_prefix('-').unwrap_or(&ago);
            let unit = ago.len() - usize::from(!ago.is_empty());
            match ago.split_at_checked(unit) {
                Some((number, unit)) => format!("last {number} {unit}"),
                None => ago.to_owned(),
            }
        }
        (Some(from), None) => format!("since {}", told(from)),
        (Some(from), Some(to)) => format!("{} to {}", told(from), told(to)),
    }
}

/// The same filter over another window, from its first page on.
pub(super) fn over(filter: &Filter, last: Duration) -> Filter {
    without_window(filter).only(Filter::new().last(last))
}

/// The same filter from one moment to another.
pub(super) fn between(filter: &Filter, from: DateTime<Utc>, to: DateTime<Utc>) -> Filter {
    without_window(filter).only(Filter::new().from(from).to(to))
}

/// The filter without its window, which may be more than is read at once.
pub(super) fn without_window(filter: &Filter) -> Filter {
    let bounds = filter.terms().into_iter().filter(|term| matches!(term.key, "from" | "to"));
    bounds.fold(filter.clone().first_page(), |filter, term| filter.without(&term))
}

/// How long the window is; `None` if it has no beginning.
pub(super) fn length(filter: &Filter, now: DateTime<Utc>) -> Option<TimeDelta> {
    let (from, to) = filter.window();
    Some(to.map_or(now, |to| to.moment(now)) - from?.moment(now))
}

/// The windows that end now.
pub(super) fn presets(params: &Params, links: &Links) -> Vec<Choice> {
    let choice = |(hours, label): (i64, &str)| {
        let bound = TimeBound::Ago { seconds: hours * 3_600 };
        let href = params.of(links, &over(&params.filter, hours_long(hours)));
        let is_current = params.filter.window() == (Some(bound), None);
        Choice { label: label.to_owned(), href, is_current }
    };
    PRESETS.into_iter().map(choice).collect()
}

/// The next longer window that ends now, for those who found too little.
pub(super) fn wider(params: &Params, links: &Links, now: DateTime<Utc>) -> Option<Choice> {
    let length = length(&params.filter, now)?;
    let reach = length.max(now - params.filter.window().0?.moment(now));
    let (hours, label) = PRESETS.into_iter().find(|(hours, _)| TimeDelta::hours(*hours) > reach)?;
    let href = params.of(links, &over(&params.filter, hours_long(hours)));
    Some(Choice::new(format!("Widen to the {}", label.to_lowercase()), href))
}

/// The width of a bar in words: `1 hour`.
pub(super) fn span(seconds: u32) -> String {
    let units = [(86_400, "day", "days"), (3_600, "hour", "hours"), (60, "minute", "minutes")];
    let (unit, one, many) = units
        .into_iter()
        .find(|(unit, _, _)| seconds.is_multiple_of(*unit))
        .unwrap_or((1, "second", "seconds"));
    counted(u64::from(seconds / unit), one, many)
}

fn hours_long(hours: i64) -> Duration {
    Duration::from_secs(hours.unsigned_abs() * 3_600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_told_in_words() {
        let told = [
            ("from=-24h", "last 24 h"),
            ("from=-15m&to=now", "last 15 m"),
            ("from=2026-01-31", "since 2026-01-31 00:00 UTC"),
            ("to=2026-01-31T12:00:00Z", "until 2026-01-31 12:00 UTC"),
            ("from=-7d&to=-1h", "7d ago to 1h ago"),
            ("corr=a", "all time"),
        ];
        for (text, words_of) in told {
            let filter: Filter = text.parse().expect("a filter");
            assert_eq!(words(&filter), words_of, "{text}");
        }
    }
}
