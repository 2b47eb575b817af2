//! Password hashes.

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{Error, PasswordHash, PasswordHasher, PasswordVerifier, SaltString};

/// The hash that a password is checked against when there is no such user, so that the answer takes
/// as long as for a wrong password: nobody learns from the clock which addresses have an account.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdCE$\
                      k2Y5s2Yt0X1wS8bq3h8Qj7Yl5n0Zr6uV4cG9pT1eB2M";

/// What is stored instead of a password.
pub(crate) fn hash(password: &str) -> Result<String, Error> {
    let salt = SaltString::generate(&mut OsRng);
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt)?.to_string())
}

/// Whether this is the password of that hash; never, if there is none.
///
/// Checking takes tens of milliseconds of work on purpose, so it runs beside the threads that serve
/// requests.
pub(crate) async fn verify(password: String, hash: Option<String>) -> bool {
    let check = move || {
        // Somebody without a usable hash costs as much work as somebody with one.
        let stored = hash.as_deref().and_then(|hash| PasswordHash::new(hash).ok());
        let known = stored.is_some();
        let Some(hash) = stored.or_else(|| PasswordHash::new(NOBODY).ok()) else { return false };
        let matches = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
        known && matches
    };
    tokio::task::spawn_blocking(check).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_somebody_is_right() {
        let hash = hash("secret").expect("it can be hashed");
        assert!(verify("secret".to_owned(), Some(hash.clone())).await);
        assert!(!verify("Secret".to_owned(), Some(hash)).await);
        assert!(!verify("secret".to_owned(), None).await);
        assert!(!verify("!".to_owned(), Some("!".to_owned())).await);
    }

    #[test]
    fn nobodys_hash_costs_as_much_as_a_real_one() {
        let real = hash("secret").expect("it can be hashed");
        let (real, nobody) =
            (PasswordHash::new(&real).unwrap(), PasswordHash::new(NOBODY).unwrap());
        assert_eq!((nobody.algorithm, &nobody.params), (real.algorithm, &real.params));
        assert_eq!(nobody.hash.map(|hash| hash.len()), real.hash.map(|hash| hash.len()));
    }
}
