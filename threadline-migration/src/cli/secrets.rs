//! Keeps a database URL out of everything that is printed.

/// The texts of this process that may hold a password: a URL may have been given in the wrong place,
/// and an error that repeats what it does not understand would print it.
#[derive(Debug)]
pub(crate) struct Secrets(Vec<String>);

/// What is printed in their place.
const HIDDEN: &str = "(a database URL)";

impl Secrets {
    /// Those in the process's arguments and its environment.
    pub(crate) fn of_process() -> Self {
        let arguments = std::env::args_os().skip(1).map(|text| text.to_string_lossy().into_owned());
        let variable = std::env::var("DATABASE_URL").ok();
        Self::among(arguments.chain(variable))
    }

    fn among(texts: impl Iterator<Item = String>) -> Self {
        let mut found = Vec::new();
        for text in texts {
            // A flag takes its value after an equals sign, and lists are separated by commas.
            let values = text.split_once('=').map(|(_, value)| value).into_iter();
            for part in values.chain([text.as_str()]).flat_map(|text| text.split(',').chain([text]))
            {
                if part.contains("://") || part.contains("password=") {
                    found.push(part.to_owned());
                }
            }
            let user = text.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@'));
            found.extend(
                user.map(|(user, _)| user).filter(|user| user.contains(':')).map(str::to_owned),
            );
        }
        // The longest first: one may be a part of another.
        found.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Self(found)
    }

    /// The text without them.
    pub(crate) fn hide(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), HIDDEN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_hidden_wherever_it_was_given() {
        let url = "postgres://ada:s3cret@db/shop";
        let texts = [url.to_owned(), format!("--url={url}"), "host=h password=s3cret".to_owned()];
        let secrets = Secrets::among(texts.into_iter());
        for text in [
            format!("unexpected '{url}'"),
            format!("'--url={url}'"),
            "host=h password=s3cret".to_owned(),
        ] {
            assert!(!secrets.hide(&text).contains("s3cret"), "{text}");
        }
        assert_eq!(secrets.hide("attach --tables a"), "attach --tables a");
    }
}
