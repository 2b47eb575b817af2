//! The words of `#[audited(…)]`, and what to say about one that is none of them.

use crate::suggest::suggest;

/// Where `#[audited(…)]` stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Field,
    Struct,
}

/// A word and how it is written.
struct Word {
    name: &'static str,
    usage: &'static str,
}

const fn word(name: &'static str, usage: &'static str) -> Word {
    Word { name, usage }
}

const OF_A_FIELD: &[Word] = &[
    word("exclude", "`exclude`"),
    word("mask", "`mask`, `mask = \"…\"`"),
    word("hash", "`hash`"),
    word("mask_json", "`mask_json = \"path, …\"`"),
    word("max_bytes", "`max_bytes = <number>`"),
    word("quiet", "`quiet`"),
    word("stand_in", "`stand_in = <expression>`"),
];

const OF_THE_STRUCT: &[Word] = &[
    word("exclude", "`exclude(field, …)`"),
    word("mask", "`mask(field, …)`"),
    word("hash", "`hash(field, …)`"),
    word("quiet", "`quiet(field, …)`"),
    word("placeholder", "`placeholder = \"…\"`"),
    word("key", "`key = [field, …]`"),
    word("capture_noop", "`capture_noop`"),
    word("mode", "`mode = \"statement\" | \"row\"`"),
    word("register", "`register = false`"),
    word("crate", "`crate = path`"),
];

impl Place {
    fn words(self) -> &'static [Word] {
        match self {
            Self::Field => OF_A_FIELD,
            Self::Struct => OF_THE_STRUCT,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Field => "a field",
            Self::Struct => "the struct",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Field => Self::Struct,
            Self::Struct => Self::Field,
        }
    }

    /// Every word of this place, as a sentence.
    pub(crate) fn usage(self) -> String {
        let usages: Vec<_> = self.words().iter().map(|word| word.usage).collect();
        format!("on {}, `#[audited(…)]` takes {}", self.name(), usages.join(", "))
    }

    /// What to say about the word `name`, which is none of this place.
    pub(crate) fn unknown(self, name: &str) -> String {
        if self.other().words().iter().any(|word| word.name == name) {
            let other = self.other().name();
            return format!("`{name}` belongs on {other}; {}", self.usage());
        }
        let known = self.words().iter().map(|word| word.name);
        format!("unknown word `{name}`{}; {}", suggest(name, known), self.usage())
    }
}
