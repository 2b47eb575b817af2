use chrono::{DateTime, Utc};

use super::Links;

/// Everything that a page shows besides itself. Plain data: a page can be rendered from one made by hand.
#[derive(Clone, Debug)]
pub(crate) struct Chrome {
    /// Where everything is.
    pub(crate) links: Links,
    /// What the page is about: `Timeline · orders · last 24 h`.
    pub(crate) title: String,
    /// The place in the navigation; `None` for pages that have none.
    pub(crate) place: Option<Place>,
    /// What the viewer may go to, in order.
    pub(crate) places: Vec<Place>,
    /// How the host calls itself: `ACME`.
    pub(crate) brand: String,
    /// A line above every page, as the name of the environment.
    pub(crate) banner: Option<String>,
    /// Who looks.
    pub(crate) viewer: String,
    /// What the viewer's reads are narrowed to, in the host's words; `None` for somebody who sees
    /// everything.
    pub(crate) scope: Option<String>,
    /// How many tables are not covered; `None` if the viewer may not know.
    pub(crate) pill: Option<Pill>,
    pub(crate) theme: Theme,
    /// Whether the host has fixed the theme, so that there is nothing to choose.
    pub(crate) is_theme_fixed: bool,
    /// The page itself, with its query, to come back to.
    pub(crate) here: String,
    /// The command that shows the same on a terminal.
    pub(crate) command: Option<String>,
    /// How often a page may ask what is new, in seconds.
    pub(crate) poll_seconds: u64,
    /// What is asked then, with its query; `None` on a page to which nothing is added.
    pub(crate) pulse: Option<String>,
    /// When the page was made.
    pub(crate) now: DateTime<Utc>,
    /// The stylesheet, the script and the icons, with their hashes.
    pub(crate) assets: AssetNames,
}

impl Chrome {
    /// What a text to copy is called that knows no scope: whoever runs it sees what the database lets them
    /// see, and that is not what the page shows to somebody whose view is narrowed.
    pub(crate) fn unscoped(&self, label: &'static str, narrowed: &'static str) -> &'static str {
        if self.scope.is_some() { narrowed } else { label }
    }

    /// `SQL`, or that it is not narrowed.
    pub(crate) fn sql_label(&self) -> &'static str {
        self.unscoped("SQL", "SQL, not narrowed to your view")
    }

    /// `Command`, or that it is not narrowed.
    pub(crate) fn command_label(&self) -> &'static str {
        self.unscoped("Command", "Command, not narrowed to your view")
    }
}

/// The names under which the assets are served.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AssetNames {
    pub(crate) style: &'static str,
    pub(crate) script: &'static str,
    pub(crate) icons: &'static str,
}

/// An entry of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Home,
    Timeline,
    Rows,
    Actors,
    Coverage,
    Redaction,
}

impl Place {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::Timeline => "Timeline",
            Self::Rows => "Rows",
            Self::Actors => "Actors",
            Self::Coverage => "Coverage",
            Self::Redaction => "Redaction",
        }
    }
}

/// What the header says of coverage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pill {
    /// Every table is covered, or named as one that is not to be.
    AllCovered,
    /// So many are not.
    Uncovered(usize),
    /// It could not be found out; with what was known last.
    Unknown,
}

/// The colours of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Theme {
    /// As the viewer's system has it.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// With the strongest contrast, light or dark as the viewer's system has it.
    HighContrast,
}

impl Theme {
    pub(crate) const ALL: [Self; 4] = [Self::System, Self::Light, Self::Dark, Self::HighContrast];

    /// The word for it in forms, cookies and the stylesheet.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
            Self::HighContrast => "contrast",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.word() == word)
    }
}
