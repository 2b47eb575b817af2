//! Connection URLs: the same server, another database or another role.

use url::Url;

/// The address of a server, whatever database its URL names.
#[derive(Clone, Debug)]
pub(crate) struct Address(Url);

impl Address {
    /// Reads a PostgreSQL URL. The error says what is wrong with it and never repeats its password.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let example = "write postgres://user:password@host:5432/database";
        let url = Url::parse(text).map_err(|error| format!("it is no URL ({error}); {example}"))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(format!("it begins with {}://; {example}", url.scheme()));
        }
        Ok(Self(url))
    }

    /// The URL as it was given.
    pub(crate) fn given(&self) -> &str {
        self.0.as_str()
    }

    /// The same server and role with another database.
    pub(crate) fn database(&self, name: &str) -> String {
        let mut url = self.without(&["dbname"]);
        url.set_path(name);
        url.into()
    }

    /// The same server with another database and another role.
    pub(crate) fn database_as(&self, name: &str, role: &str, password: &str) -> String {
        let mut url = self.without(&["dbname", "user", "password"]);
        url.set_path(name);
        // A URL without a host (a socket given as `?host=`) has no place for the role but the query.
        if url.set_username(role).is_err() || url.set_password(Some(password)).is_err() {
            url.query_pairs_mut().append_pair("user", role).append_pair("password", password);
        }
        url.into()
    }

    /// The same server and role with another database, for a message: a password belongs in no log.
    pub(crate) fn without_password(&self, name: &str) -> String {
        let mut url = self.without(&["dbname", "password"]);
        url.set_path(name);
        // Without a host there is no password to remove.
        let _ = url.set_password(None);
        url.into()
    }

    /// The URL without those parameters, which would overrule its other parts.
    fn without(&self, keys: &[&str]) -> Url {
        let mut url = self.0.clone();
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(key, _)| !keys.contains(&key.as_ref()))
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn the_database_is_replaced_and_parameters_stay() {
        let address = Address::parse("postgres://me:p%40ss@db:6432/app?sslmode=disable").unwrap();
        assert_eq!(address.database("other"), "postgres://me:p%40ss@db:6432/other?sslmode=disable");
        assert_eq!(
            address.database_as("other", "clerk", "s"),
            "postgres://clerk:s@db:6432/other?sslmode=disable"
        );
    }

    #[test]
    fn parameters_that_overrule_the_path_are_removed() {
        let address = Address::parse("postgres://db/app?dbname=app&user=root").unwrap();
        assert_eq!(address.database("other"), "postgres://db/other?user=root");
        assert_eq!(address.database_as("other", "clerk", "s"), "postgres://clerk:s@db/other");
    }

    #[test]
    fn a_socket_address_carries_the_role_in_its_query() {
        let address = Address::parse("postgres:///app?host=/run/postgresql").unwrap();
        let url = address.database_as("other", "clerk", "s");
        assert!(url.starts_with("postgres:///other?host="), "{url}");
        assert!(url.ends_with("&user=clerk&password=s"), "{url}");
    }

    #[test]
    fn a_message_shows_no_password() {
        let address = Address::parse("postgres://me:secret@db/app?password=secret").unwrap();
        assert_eq!(address.without_password("other"), "postgres://me@db/other");
    }

    #[test]
    fn what_is_no_postgresql_url_is_refused() {
        assert!(Address::parse("localhost").unwrap_err().contains("no URL"));
        assert!(Address::parse("mysql://h/d").unwrap_err().contains("mysql://"));
        assert!(!Address::parse("mysql://u:secret@h/d").unwrap_err().contains("secret"));
    }
}
