//! How the pages look.

use percent_encoding::percent_decode_str;

use super::answer::BadField;
use super::{Answer, Refusal, Visit, is_host_path};
use crate::view::{Links, Theme};

/// What is posted.
#[derive(Debug, PartialEq, Eq)]
struct Params {
    theme: Theme,
    /// Where the form stood.
    back: Option<String>,
}

/// The cookie that keeps the choice. Browsers take one with such a name over HTTPS or from the machine
/// itself only, and for this host alone. No script has to read it.
pub(crate) const COOKIE: &str = "__Host-tl-prefs";
const YEAR: u32 = 31_536_000;

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let params = parse(&visit.form)?;
    if visit.site.theme.is_some() {
        return Err(Refusal::NotConfigured(
            "It shows its audit pages in one theme to everybody, so there is none to choose.",
        ));
    }
    let to = params.back.filter(|back| is_within(&visit.links, back));
    Ok(Answer::Kept { to: to.unwrap_or_else(|| visit.links.home()), cookie: cookie(params.theme) })
}

fn cookie(theme: Theme) -> String {
    let word = theme.word();
    format!("{COOKIE}=theme:{word}; Path=/; Max-Age={YEAR}; Secure; HttpOnly; SameSite=Lax")
}

fn parse(form: &[(String, String)]) -> Result<Params, Refusal> {
    let (mut theme, mut back, mut wrong) = (None, None, Vec::new());
    for (key, value) in form {
        match key.as_str() {
            "theme" if theme.is_none() => theme = Some(value),
            "back" if back.is_none() => back = Some(value.clone()),
            "theme" | "back" => wrong.push(BadField::new(key, value, "it was sent twice")),
            _ => wrong.push(BadField::new(key, value, "there is no such choice")),
        }
    }
    let chosen = theme.map(String::as_str).unwrap_or_default();
    let theme = Theme::parse(chosen);
    if theme.is_none() {
        let words: Vec<&str> = Theme::ALL.iter().map(|theme| theme.word()).collect();
        let why = format!("it is one of {}", words.join(", "));
        wrong.push(BadField::new("theme", chosen, why).example("theme=dark"));
    }
    match theme {
        Some(theme) if wrong.is_empty() => Ok(Params { theme, back }),
        _ => Err(Refusal::Fields(wrong)),
    }
}

/// Whether an address leads to one of these pages, however a browser reads it: from anywhere else, the
/// form could send its reader away.
fn is_within(links: &Links, back: &str) -> bool {
    let path = back.split(['?', '#']).next().unwrap_or_default();
    let is_below = path.starts_with(&links.home());
    let climbs = path.split('/').any(|segment| {
        let plain = percent_decode_str(segment).decode_utf8_lossy();
        matches!(&*plain, "." | "..")
    });
    is_host_path(back) && back.is_ascii() && is_below && !climbs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pages_themselves_are_gone_back_to() {
        let links = Links::new("/audit");
        for back in
            ["/audit/", "/audit/timeline?table=a%2Fb&from=-24h#change-7", "/audit/rows/a/..b"]
        {
            assert!(is_within(&links, back), "{back}");
        }
        let elsewhere = [
            "",
            "/",
            "/audit",
            "/auditor/",
            "/elsewhere",
            "//evil.example/audit/",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/audit/",
            "javascript:alert(1)",
            "/audit/\r\nSet-Cookie: a=b",
            "/audit/\t/evil.example",
            "/audit/../logout",
            "/audit/%2e%2E/logout",
            "/audit/.%2e/logout",
            "/audit/é",
            " /audit/",
        ];
        for back in elsewhere {
            assert!(!is_within(&links, back), "{back:?}");
        }
        // Mounted at the root, every path of the host is one of these pages.
        assert!(is_within(&Links::new(""), "/timeline"));
        assert!(!is_within(&Links::new(""), "//evil.example"));
    }

    #[test]
    fn what_is_no_choice_is_told_field_by_field() {
        let form = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect::<Vec<_>>()
        };
        let theme = |pairs: &[(&str, &str)]| parse(&form(pairs)).map(|params| params.theme);
        assert_eq!(
            theme(&[("theme", "contrast"), ("back", "/")]).expect("a theme"),
            Theme::HighContrast
        );
        for wrong in [
            &[("theme", "pink")][..],
            &[],
            &[("theme", "dark"), ("theme", "light")],
            &[("theme", "dark"), ("density", "high")],
            &[("theme", "Dark")],
            &[("theme", "dark; Domain=evil.example")],
        ] {
            let Err(Refusal::Fields(fields)) = theme(wrong) else { panic!("{wrong:?}") };
            assert_eq!(fields.len(), 1, "{wrong:?}");
        }
    }
}
