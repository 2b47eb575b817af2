//! The body in the text of a function, and its hash, by which the catalog is asked.

use sha2::{Digest, Sha256};

/// The SHA-256 of the body of the one function that `sql` makes, in hexadecimal digits; `None` if its text
/// does not end with its dollar-quoted body.
pub(crate) fn body_hash(sql: &str) -> Option<String> {
    let quoted = sql.trim_end().strip_suffix(';')?.strip_suffix('$')?;
    let tag = &quoted[quoted.rfind('$')?..];
    let body = quoted.strip_suffix(tag)?;
    // A tag that occurs in the body would have ended it.
    let opening = format!("{tag}$");
    let start = body.rfind(&opening)? + opening.len();
    Some(hash_of(&body[start..]))
}

/// As the database computes it: of the text as UTF-8.
fn hash_of(body: &str) -> String {
    Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_database() {
        // SELECT encode(sha256(convert_to('é', 'UTF8')), 'hex')
        let hash = "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c";
        assert_eq!(hash_of("é"), hash);
    }

    #[test]
    fn a_body_is_taken_whole_whatever_the_function_is_called() {
        let hash = Some(hash_of("\nBEGIN\nEND\n"));
        for sql in [
            "CREATE FUNCTION f() RETURNS trigger AS $f$\nBEGIN\nEND\n$f$;",
            "-- why: $f$\nCREATE FUNCTION \"AS $f$ $g$\"() AS $f$\nBEGIN\nEND\n$f$;\n",
            "CREATE FUNCTION f() AS $$\nBEGIN\nEND\n$$;",
        ] {
            assert_eq!(body_hash(sql), hash, "{sql}");
        }
        for none in ["", ";", "$$;", "SELECT 1;", "$f$;", "a$;", "CREATE FUNCTION f() AS 'x';"] {
            assert_eq!(body_hash(none), None, "{none}");
        }
    }
}
