//! Changes as a file: all that match, or none and the reason.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use threadline::Count;
use threadline::export::FormatName;

use super::desk::{MOST_COUNTED, Taken, Wanted};
use super::filtered::filter_of;
use super::{Answer, Refusal, Visit};
use crate::view::{self, Choice, Chrome, Level};

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let wanted = wanted(visit)?;
    let desk = visit.desk();
    let bound = match desk.export(&wanted).await? {
        Taken::Whole(document) => {
            return Ok(Answer::Download {
                name: name(&wanted, visit.now),
                media: document.media,
                body: document.bytes,
                rows: document.exported.returned_count,
            });
        }
        Taken::TooMany => Bound::Rows(visit.site.limits.export_rows),
        Taken::TooLarge => Bound::Bytes(visit.site.limits.export_bytes),
    };
    // What cannot be counted in time is told without its number.
    let matching = desk.count_for_export(&wanted.filter).await.ok();
    let view = View { wanted, bound, matching };
    let mut chrome = visit.chrome(None, "Too much for a download · Export").await;
    chrome.command = Some(view.command());
    let body = render(&view, &chrome);
    Ok(Answer::Refused(422, view::shell(&chrome, body)))
}

/// What the address asks for.
fn wanted(visit: &Visit) -> Result<Wanted, Refusal> {
    let format = match visit.segment("file") {
        "changes.csv" => FormatName::Csv,
        "changes.json" => FormatName::Json,
        "changes.ndjson" => FormatName::Ndjson,
        _ => return Err(Refusal::NotFound),
    };
    of_pairs(visit.pairs(), format)
}

fn of_pairs(pairs: Vec<(String, String)>, format: FormatName) -> Result<Wanted, Refusal> {
    let (own, pairs): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(key, _)| key == "raw");
    let is_raw = match own.as_slice() {
        [] => false,
        [(_, value)] if value == "1" && format == FormatName::Csv => true,
        _ => {
            return Err(Refusal::Bad(
                "`raw` is for CSV only, and is written once, as `raw=1`. JSON and NDJSON have every \
                 value as it is."
                    .to_owned(),
            ));
        }
    };
    for (key, why) in [
        ("after", "An export begins at the first change: leave out `after`."),
        ("q", "An export takes the conditions one by one, as `table=orders`, and no `q`."),
    ] {
        if pairs.iter().any(|(given, _)| given == key) {
            return Err(Refusal::Bad(why.to_owned()));
        }
    }
    let has_limit = pairs.iter().any(|(key, _)| key == "limit");
    let pairs = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let filter = filter_of(pairs).map_err(Refusal::Filter)?;
    let limit = has_limit.then(|| filter.max_entries());
    Ok(Wanted { filter, format, is_raw, limit })
}

/// The file's name: of what the server knows, and nothing that was asked with.
fn name(wanted: &Wanted, now: DateTime<Utc>) -> String {
    let raw = if wanted.is_raw { "-raw" } else { "" };
    format!("threadline-changes{raw}-{}.{}", now.format("%Y%m%dT%H%MZ"), wanted.format.as_str())
}

/// What a filter has that says nothing of it.
const PAGE: u32 = 200;

/// What the document would have gone beyond.
#[derive(Clone, Copy, Debug)]
enum Bound {
    Rows(u32),
    Bytes(usize),
}

/// A download that there is none of.
#[derive(Debug)]
struct View {
    wanted: Wanted,
    bound: Bound,
    /// How many changes match, if that could be found out.
    matching: Option<Count>,
}

impl View {
    /// The command that has no bound but that which was asked for.
    fn command(&self) -> String {
        // The filter's limit is one for pages.
        let timeline = self.wanted.filter.clone().limit(PAGE).to_command();
        let words = timeline.strip_prefix("threadline timeline").unwrap_or_default();
        let format = self.wanted.format.as_str();
        let raw = if self.wanted.is_raw { " --raw" } else { "" };
        let rows = match self.wanted.limit {
            Some(limit) => format!("--max-rows {limit}"),
            None => "--unlimited".to_owned(),
        };
        format!("threadline export{words} {rows}{raw} --output changes.{format}")
    }

    fn told(&self) -> String {
        let matching = match &self.matching {
            Some(count) if count.is_capped => {
                format!("More than {} changes match", view::grouped(u64::from(MOST_COUNTED)))
            }
            Some(count) => {
                let count = view::counted(u64::from(count.counted), "change", "changes");
                format!("{count} match")
            }
            None => "So many changes match that counting them took too long".to_owned(),
        };
        let bound = match self.bound {
            Bound::Rows(rows) => format!("a download has at most {}", view::grouped(rows.into())),
            Bound::Bytes(bytes) => {
                format!("together they are larger than the {} MB of a download", bytes >> 20)
            }
        };
        format!(
            "{matching}, and {bound}. Nothing was downloaded: a part would look like the whole."
        )
    }
}

fn render(view: &View, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    let filter = &view.wanted.filter;
    let mut ways = vec![Choice::new("Narrow the search on the timeline", links.timeline(filter))];
    if let Bound::Rows(rows) = view.bound {
        let which = if filter.is_oldest_first() { "oldest" } else { "newest" };
        let some = filter.clone().limit(rows);
        let rows = view::grouped(some.max_entries().into());
        let href = links.export(view.wanted.format.as_str(), &some);
        ways.push(Choice::new(format!("Download the {which} {rows} only"), href));
    }
    let trail = [Choice::new("Timeline", links.timeline(filter))];
    let body = html! {
        p {
            "A shorter time, one table or one actor makes it smaller. Somebody with access to the \
             database can have all of it, without a bound, with the command at the foot of this page."
        }
        div.actions {
            @for way in &ways { (view::button_link(&way.label, &way.href)) }
        }
    };
    html! {
        (view::page_head(&trail, html! { "Too much for a download" }, html! {}))
        (view::verdict(Level::Warning, &view.told(), None))
        (view::panel("What you can do", html! {}, body))
    }
}

#[cfg(test)]
mod tests;
