use std::collections::BTreeMap;

use matchit::Router;
use percent_encoding::percent_decode_str;

use super::{PAGES, Page, Verb};

/// The table of pages, ready to be looked up.
pub(crate) struct Routes(Router<Vec<&'static Page>>);

/// What there is at a path.
pub(crate) enum Found {
    /// A page, with the variable segments of its path, decoded.
    Page(&'static Page, BTreeMap<String, String>),
    /// Pages that are asked with these words only.
    WrongVerb(Vec<Verb>),
    /// The same page has a better address: without empty segments, and without a slash at the end.
    Elsewhere(String),
    Nothing,
}

impl Routes {
    /// # Errors
    ///
    /// If two paths of the table cannot be told apart, which is a mistake in the table.
    pub(crate) fn new() -> Result<Self, matchit::InsertError> {
        let mut by_path: BTreeMap<&str, Vec<&'static Page>> = BTreeMap::new();
        for page in PAGES {
            by_path.entry(page.path).or_default().push(page);
        }
        let mut router = Router::new();
        for (path, pages) in by_path {
            router.insert(path, pages)?;
        }
        Ok(Self(router))
    }

    /// What there is at this path below the mount, which is as the browser sent it: a segment that
    /// holds an encoded slash stays one segment.
    pub(crate) fn find(&self, path: &str, verb: Verb) -> Found {
        let path = if path.is_empty() { "/" } else { path };
        let canonical = canonical(path);
        if canonical != path {
            return Found::Elsewhere(canonical);
        }
        let Ok(matched) = self.0.at(path) else { return Found::Nothing };
        let Some(page) = matched.value.iter().find(|page| page.verb == verb) else {
            return Found::WrongVerb(self.verbs(path));
        };
        let mut segments = BTreeMap::new();
        for (name, value) in matched.params.iter() {
            let Ok(text) = percent_decode_str(value).decode_utf8() else { return Found::Nothing };
            segments.insert(name.to_owned(), text.into_owned());
        }
        Found::Page(page, segments)
    }

    /// What a path is asked with. Where there is nothing, asking for it is what says so.
    pub(crate) fn verbs(&self, path: &str) -> Vec<Verb> {
        self.0.at(path).map_or_else(
            |_| vec![Verb::Get],
            |matched| matched.value.iter().map(|page| page.verb).collect(),
        )
    }
}

fn canonical(path: &str) -> String {
    let mut whole = String::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        whole.push('/');
        whole.push_str(segment);
    }
    if whole.is_empty() { "/".to_owned() } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_form() {
        for (path, form) in [
            ("/", "/"),
            ("//", "/"),
            ("/a/", "/a"),
            ("//evil.example/x", "/evil.example/x"),
            ("/a//b", "/a/b"),
            ("/a%2F/b", "/a%2F/b"),
        ] {
            assert_eq!(canonical(path), form);
        }
    }
}
