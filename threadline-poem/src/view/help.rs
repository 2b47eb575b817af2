//! The keys that the script knows, as a dialog that it opens.

use maud::{Markup, html};

const KEYS: [(&str, &str); 16] = [
    ("/", "Search"),
    ("?", "This help"),
    ("g h", "Home"),
    ("g t", "Timeline"),
    ("g r", "Rows"),
    ("g a", "Actors"),
    ("g c", "Coverage"),
    ("g p", "Redaction"),
    ("j / k", "Next or previous entry"),
    ("Enter", "Open the entry"),
    ("o", "Unfold the entry"),
    ("y", "Copy the link to the entry"),
    ("f", "Search for more like the entry"),
    ("[ / ]", "Older or newer version, previous or next page"),
    ("u", "Times in your zone or in UTC"),
    ("t", "Next theme"),
];

/// The dialog, which is closed until the script opens it.
pub(super) fn help() -> Markup {
    html! {
        dialog #help aria-labelledby="help-title" {
            h2 #help-title { "Keyboard shortcuts" }
            table.data {
                caption.vh { "Keys and what they do" }
                thead.vh { tr { th scope="col" { "Key" } th scope="col" { "What it does" } } }
                tbody { @for (key, what) in KEYS { tr { th scope="row" { kbd { (key) } } td { (what) } } } }
            }
            p.meta { "They work while no field has the focus. The menu “Display” switches them off." }
            form method="dialog" { button type="submit" { "Close" } }
        }
    }
}
