//! Whether what is written can be read: WCAG 2.2, 1.4.3 and 1.4.11, of the stylesheet's own colours.

use std::collections::BTreeMap;

const STYLE: &str = include_str!("../../../assets/surface.css");

/// The colours of a theme by name, for light and for dark.
fn theme(selector: &str) -> BTreeMap<&'static str, [&'static str; 2]> {
    let block = STYLE.split(&format!("{selector} {{\n")).nth(1).expect("the theme is there");
    let block = block.split('}').next().unwrap_or_default();
    let colours = block.lines().filter_map(|line| {
        let (name, value) = line.trim().strip_prefix("--")?.split_once(':')?;
        let pair = value.trim().strip_prefix("light-dark(")?.strip_suffix(");")?;
        let (light, dark) = pair.split_once(", ")?;
        Some((name, [light, dark]))
    });
    colours.collect()
}

fn luminance(colour: &str) -> f64 {
    let digits = colour.strip_prefix('#').filter(|digits| digits.len() == 6).expect("six digits");
    let part = |at: usize| {
        let value = u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// What stands on what, and how much it has to stand out.
const TEXT: f64 = 4.5;
const CONTROL: f64 = 3.0;
const MEETINGS: &[(&str, &[&str], f64)] = &[
    ("text", &["ground", "surface", "sunken", "accent-ground"], TEXT),
    ("muted", &["ground", "surface", "sunken", "accent-ground", "good-ground", "bad-ground"], TEXT),
    ("accent", &["ground", "surface", "sunken", "accent-ground"], TEXT),
    ("on-accent", &["accent"], TEXT),
    ("surface", &["muted"], TEXT),
    ("good", &["ground", "surface", "sunken", "good-ground"], TEXT),
    ("warning", &["ground", "surface", "sunken", "warning-ground"], TEXT),
    ("bad", &["ground", "surface", "sunken", "bad-ground"], TEXT),
    ("edge", &["ground", "surface", "sunken"], CONTROL),
];

#[test]
fn every_text_and_control_stands_out_in_every_theme() {
    let ordinary = theme(":root");
    let mut strongest = ordinary.clone();
    let contrasting = theme(":root[data-theme=\"contrast\"]");
    assert_eq!(
        contrasting.keys().collect::<Vec<_>>(),
        ordinary.keys().collect::<Vec<_>>(),
        "each theme has every colour"
    );
    strongest.extend(contrasting);
    let mut complaints = Vec::new();
    for (name, colours, more) in [("ordinary", &ordinary, 1.0), ("contrast", &strongest, 1.55)] {
        for (front, grounds, least) in MEETINGS {
            for ground in *grounds {
                for (side, word) in ["light", "dark"].iter().enumerate() {
                    let found = contrast(colours[front][side], colours[ground][side]);
                    if found < least * more {
                        complaints.push(format!("{name} {word}: {front} on {ground}: {found:.2}"));
                    }
                }
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_measure_is_that_of_wcag() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
    assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
}

#[test]
fn no_colour_is_written_beside_the_tokens() {
    let rules = STYLE.split("/* The ground. */").nth(1).expect("the rules follow the tokens");
    // Shadows have a colour of their own, which nothing is written on.
    let rules = rules.replace("#191b2018, #00000080", "").replace("background: #0007", "");
    let colours: Vec<&str> = rules.lines().filter(|line| line.contains(": #")).collect();
    assert!(colours.is_empty(), "{colours:?}");
}
