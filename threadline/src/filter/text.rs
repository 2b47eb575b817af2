//! How values are written so that they are read back as the same.

/// Percent-encodes `%`, controls, and every character of `special`.
pub(super) fn encoded(text: &str, special: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c == '%' || c.is_control() || special.contains(c) {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().for_each(|b| out.push_str(&format!("%{b:02X}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// Takes percent-encoding back. `%` without two hexadecimal digits stands for itself; `None` if what comes
/// out is no text.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        match (byte, hex(tail)) {
            (b'%', Some(value)) => {
                out.push(value);
                rest = &tail[2..];
            }
            _ => {
                out.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(out).ok()
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| (*digits.get(at)? as char).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// Puts a backslash before a text that would be read as something else, or that begins with one.
pub(super) fn escaped(text: &str, is_special: bool) -> String {
    if is_special || text.starts_with('\\') { format!("\\{text}") } else { text.to_owned() }
}

/// What [`escaped`] made of a text, and whether there was a backslash.
pub(super) fn unescaped(text: &str) -> (&str, bool) {
    match text.strip_prefix('\\') {
        Some(rest) => (rest, true),
        None => (text, false),
    }
}

/// The beginning of a text that somebody typed, for an error.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}
