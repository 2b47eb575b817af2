//! The icons: one sprite, which the shell puts into the page once.

use maud::{Markup, PreEscaped, html};

const SPRITE: &str = include_str!("../../assets/icons.svg");

/// A drawing of 16 by 16, in the colour of the text beside it. It never stands without a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Alert,
    Check,
    Clock,
    Copy,
    Cross,
    Display,
    Download,
    Eye,
    First,
    Key,
    Last,
    Left,
    Link,
    Lock,
    Logo,
    Right,
    Search,
    Theme,
    Unknown,
    User,
}

impl Icon {
    #[cfg(test)]
    const ALL: [Self; 20] = [
        Self::Alert,
        Self::Check,
        Self::Clock,
        Self::Copy,
        Self::Cross,
        Self::Display,
        Self::Download,
        Self::Eye,
        Self::First,
        Self::Key,
        Self::Last,
        Self::Left,
        Self::Link,
        Self::Lock,
        Self::Logo,
        Self::Right,
        Self::Search,
        Self::Theme,
        Self::Unknown,
        Self::User,
    ];

    fn anchor(self) -> &'static str {
        match self {
            Self::Alert => "#i-alert",
            Self::Check => "#i-check",
            Self::Clock => "#i-clock",
            Self::Copy => "#i-copy",
            Self::Cross => "#i-cross",
            Self::Display => "#i-display",
            Self::Download => "#i-download",
            Self::Eye => "#i-eye",
            Self::First => "#i-first",
            Self::Key => "#i-key",
            Self::Last => "#i-last",
            Self::Left => "#i-left",
            Self::Link => "#i-link",
            Self::Lock => "#i-lock",
            Self::Logo => "#i-logo",
            Self::Right => "#i-right",
            Self::Search => "#i-search",
            Self::Theme => "#i-theme",
            Self::Unknown => "#i-unknown",
            Self::User => "#i-user",
        }
    }
}

/// Draws it.
pub(crate) fn icon(icon: Icon) -> Markup {
    html! { svg.i aria-hidden="true" focusable="false" { use href=(icon.anchor()) {} } }
}

/// Every drawing, for the page to draw from.
pub(super) fn sprite() -> Markup {
    PreEscaped(SPRITE.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_is_drawn_and_every_drawing_is_used() {
        for icon in Icon::ALL {
            let id = format!("id=\"{}\"", &icon.anchor()[1..]);
            assert_eq!(SPRITE.matches(&id).count(), 1, "{id}");
        }
        assert_eq!(SPRITE.matches("<symbol").count(), Icon::ALL.len());
    }
}
