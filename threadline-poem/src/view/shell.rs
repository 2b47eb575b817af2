use maud::{DOCTYPE, Markup, html};

use super::Chrome;

/// The whole document around a page.
pub(crate) fn shell(chrome: &Chrome, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-theme=(chrome.theme.word()) {
            head {
                meta charset="utf-8";
                title { (chrome.title) " — " (chrome.brand) }
                link rel="stylesheet" href=(chrome.links.asset(chrome.assets.style));
            }
            body { main { (body) } }
        }
    }
}
