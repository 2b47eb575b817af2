//! By how much a number changed.

/// Numbers of more digits are not compared.
const MAX_DIGITS: usize = 30;

/// The difference of two decimal numbers, exactly, with its sign: `+9.95`, `−3`. `None` where one is no
/// plain decimal number, or both are the same.
pub(crate) fn delta(before: &str, after: &str) -> Option<String> {
    let (before, after) = (Decimal::parse(before)?, Decimal::parse(after)?);
    let scale = before.scale.max(after.scale);
    let difference = after.at(scale)?.checked_sub(before.at(scale)?)?;
    if difference == 0 {
        return None;
    }
    let sign = if difference < 0 { '−' } else { '+' };
    let digits = format!("{:0>width$}", difference.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    let part = part.trim_end_matches('0');
    let point = if part.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{part}"))
}

/// Whether a column or a key of a document of this name names something: the difference of two ids tells
/// nothing.
pub(crate) fn is_identifier(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "id" || name.ends_with("_id")
}

struct Decimal {
    digits: i128,
    scale: usize,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        if text.len() > MAX_DIGITS || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self { digits: format!("{whole}{part}").parse().ok()?, scale: part.len() })
    }

    fn at(&self, scale: usize) -> Option<i128> {
        let power = u32::try_from(scale - self.scale).ok()?;
        self.digits.checked_mul(10_i128.checked_pow(power)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_by_their_names() {
        assert!(["id", "ID", "customer_id", "order_line_ID"].into_iter().all(is_identifier));
        assert!(!["paid", "idle", "id_count", "grid", ""].into_iter().any(is_identifier));
    }

    #[test]
    fn a_difference_is_exact() {
        let told = [
            ("49.9", "59.85", Some("+9.95")),
            ("0.1", "0.3", Some("+0.2")),
            ("-1", "2", Some("+3")),
            ("10", "2.5", Some("−7.5")),
            ("-0.5", "-0.25", Some("+0.25")),
            ("1", "1.0", None),
            ("1e400", "1", None),
            ("NaN", "1", None),
            ("9223372036854775807", "-9223372036854775808", Some("−18446744073709551615")),
            ("999999999999999999999999999999999", "1", None),
        ];
        for (before, after, expected) in told {
            assert_eq!(delta(before, after).as_deref(), expected, "{before} to {after}");
        }
    }
}
