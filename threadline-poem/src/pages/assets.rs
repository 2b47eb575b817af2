//! The files that come with the surface. Each has a hash of its content in its name, so that it can be
//! kept for ever, and so that a page never meets the stylesheet of another version.

use crate::view::AssetNames;

const STYLE: &str = include_str!("../../assets/surface.css");
const SCRIPT: &str = include_str!("../../assets/surface.js");
const ICONS: &str = include_str!("../../assets/icons.svg");

const STYLE_NAME: [u8; 16] = hex(hash(STYLE.as_bytes()));
const SCRIPT_NAME: [u8; 16] = hex(hash(SCRIPT.as_bytes()));
const ICONS_NAME: [u8; 16] = hex(hash(ICONS.as_bytes()));

/// A file with its name and its media type.
pub(crate) struct Asset {
    pub(crate) media: &'static str,
    pub(crate) body: &'static str,
}

/// The file of this name; none if the hash in it is not that of what there is.
pub(crate) fn asset(name: &str) -> Option<Asset> {
    let names = names();
    if name == names.style {
        Some(Asset { media: "text/css; charset=utf-8", body: STYLE })
    } else if name == names.script {
        Some(Asset { media: "text/javascript; charset=utf-8", body: SCRIPT })
    } else if name == names.icons {
        Some(Asset { media: "image/svg+xml", body: ICONS })
    } else {
        None
    }
}

/// The names under which pages link to the files.
pub(crate) fn names() -> AssetNames {
    static NAMES: std::sync::LazyLock<(String, String, String)> = std::sync::LazyLock::new(|| {
        let text = |hash: &[u8; 16]| String::from_utf8_lossy(hash).into_owned();
        (
            format!("surface-{}.css", text(&STYLE_NAME)),
            format!("surface-{}.js", text(&SCRIPT_NAME)),
            format!("icons-{}.svg", text(&ICONS_NAME)),
        )
    });
    AssetNames { style: &NAMES.0, script: &NAMES.1, icons: &NAMES.2 }
}

/// FNV-1a: it has to tell versions apart, and nothing else.
const fn hash(bytes: &[u8]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut place = 0;
    while place < bytes.len() {
        hash = (hash ^ bytes[place] as u64).wrapping_mul(0x0100_0000_01b3);
        place += 1;
    }
    hash
}

const fn hex(number: u64) -> [u8; 16] {
    let digits = *b"0123456789abcdef";
    let mut text = [b'0'; 16];
    let mut place = 0;
    while place < 16 {
        text[place] = digits[((number >> (60 - 4 * place)) & 0xf) as usize];
        place += 1;
    }
    text
}
