//! The paths of `mask_json`, read by the rules of `threadline::spec::JsonPath`.

/// The steps from the outside in: a key, or `None` for every element of an array.
pub(crate) type Path = Vec<Option<String>>;

/// The paths in `text`, or what is wrong with it.
pub(crate) fn list(text: &str) -> Result<Vec<Path>, &'static str> {
    let (mut paths, mut steps, mut rest) = (Vec::new(), Path::new(), text);
    loop {
        let (key, after) = step(rest)?;
        steps.push(key);
        let mut after = after.chars();
        match after.next() {
            Some('.') => {}
            Some(_) => paths.push(std::mem::take(&mut steps)),
            None => {
                paths.push(steps);
                return Ok(paths);
            }
        }
        rest = after.as_str();
    }
}

/// What is wrong with masking at both paths, if anything.
pub(crate) fn clash(one: &Path, other: &Path) -> Option<String> {
    let (told, other_told) = (told(one), told(other));
    if one == other {
        return Some(format!("`{told}` is named twice"));
    }
    match one.iter().zip(other).find(|(one, other)| one != other) {
        None => {
            Some(format!("of `{told}` and `{other_told}` one lies within the other: remove one"))
        }
        Some((None, _) | (_, None)) => Some(format!(
            "no document has both `{told}` and `{other_told}`, because one expects an array where the \
             other expects an object: remove one"
        )),
        Some(_) => None,
    }
}

fn told(path: &Path) -> String {
    path.iter().map(|step| step.as_deref().unwrap_or("*")).collect::<Vec<_>>().join(".")
}

fn step(text: &str) -> Result<(Option<String>, &str), &'static str> {
    let text = text.trim_start();
    if let Some(quoted) = text.strip_prefix('"') {
        let (key, after) = quoted_key(quoted)?;
        let after = after.trim_start();
        return if after.is_empty() || after.starts_with(['.', ',']) {
            Ok((Some(key), after))
        } else {
            Err("after a key in quotes, a dot or a comma is expected")
        };
    }
    let end = text.find(['.', ',']).unwrap_or(text.len());
    let (word, after) = (text[..end].trim_end(), &text[end..]);
    match word {
        "" => Err("a step is empty"),
        "*" => Ok((None, after)),
        _ if word.contains(['*', '"']) => {
            Err("write a key with a star or a quote in double quotes")
        }
        _ if word.contains('\0') => Err("no key has a NUL character"),
        _ if word.bytes().all(|byte| byte.is_ascii_digit()) => Err(
            "a number is no step: write `*` for every element of an array, or the number in double \
             quotes if it is a key",
        ),
        _ => Ok((Some(word.to_owned()), after)),
    }
}

fn quoted_key(text: &str) -> Result<(String, &str), &'static str> {
    let (mut key, mut rest) = (String::new(), text);
    loop {
        let (part, after) = rest.split_once('"').ok_or("a double quote is not closed")?;
        key.push_str(part);
        match after.strip_prefix('"') {
            Some(after) => {
                key.push('"');
                rest = after;
            }
            None if key.contains('\0') => return Err("no key has a NUL character"),
            None => return Ok((key, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_the_runtime_reads() {
        for text in [
            "a",
            "a.b c.*",
            "\"a.b\".\"0\"",
            " a , \"x,y\".*.\"it\"\"s\"",
            "",
            "a.",
            "a..b",
            "a.0",
            "a*",
            "\"a",
            "\"a\"b",
            "a\0",
            "a,",
        ] {
            let read = list(text).ok();
            let runtime = threadline::JsonPath::parse_list(text).ok().map(|paths| {
                let steps = |path: &threadline::JsonPath| {
                    path.steps().map(|step| step.map(str::to_owned)).collect::<Path>()
                };
                paths.iter().map(steps).collect::<Vec<_>>()
            });
            assert_eq!(read, runtime, "{text:?}");
        }
    }

    #[test]
    fn paths_clash_that_cannot_both_be_meant() {
        let path = |text| list(text).unwrap().remove(0);
        let clash = |one, other| clash(&path(one), &path(other)).is_some();
        assert!(clash("a", "a") && clash("a.b", "a") && clash("a.*.c", "a.b"));
        assert!(!clash("a.b", "a.c") && !clash("a.*.b", "a.*.c"));
    }
}
