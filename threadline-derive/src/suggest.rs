//! "Did you mean …?"

/// ` (did you mean …?)` with the one of `known` that is nearest to `word`, or nothing if none is near.
pub(crate) fn suggest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let nearest = known.into_iter().map(|known| (distance(word, known), known)).min();
    match nearest {
        Some((distance, known)) if distance <= word.chars().count().div_ceil(3) => {
            format!(" (did you mean `{known}`?)")
        }
        _ => String::new(),
    }
}

/// How many letters have to be put in, taken out or exchanged to make `b` of `a`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, of_a) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, of_b) in b.iter().enumerate() {
            let exchanged = diagonal + usize::from(of_a != *of_b);
            diagonal = row[j + 1];
            row[j + 1] = exchanged.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_letters() {
        assert_eq!(distance("exclude", "exclude"), 0);
        assert_eq!(distance("exlude", "exclude"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn only_a_near_word_is_suggested() {
        let known = ["exclude", "mask", "quiet"];
        assert_eq!(suggest("exlude", known), " (did you mean `exclude`?)");
        assert_eq!(suggest("mas", known), " (did you mean `mask`?)");
        assert_eq!(suggest("quite", known), " (did you mean `quiet`?)");
        assert_eq!(suggest("encrypt", known), "");
        assert_eq!(suggest("was", known), "");
    }
}
