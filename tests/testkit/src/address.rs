//! Connection URLs: the same server, another database or another role.

use std::net::Ipv4Addr;

use url::{Url, form_urlencoded};

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

    /// The host and port, if the URL names them: one may as well name a socket.
    pub(crate) fn place(&self) -> Option<(&str, u16)> {
        Some((self.0.host_str()?, self.0.port().unwrap_or(5432)))
    }

    /// The role and its password, if the URL names them.
    pub(crate) fn login(&self) -> Option<(String, String)> {
        Some((decoded(self.0.username()), decoded(self.0.password()?)))
    }

    /// The same role and database at another place on this machine.
    pub(crate) fn at_port(&self, name: &str, port: u16) -> Option<String> {
        let mut url = self.0.clone();
        url.set_ip_host(Ipv4Addr::LOCALHOST.into()).ok()?;
        url.set_port(Some(port)).ok()?;
        url.set_path(name);
        url.set_query(Some("sslmode=disable"));
        Some(url.into())
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

/// A part of a URL as it was before it became one.
fn decoded(text: &str) -> String {
    // Of what a form means by these signs, a URL means nothing.
    let text = text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(text.as_bytes()).map(|(text, _)| text.into_owned()).collect()
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
    fn a_login_is_read_as_it_was_meant_and_moves_to_another_port() {
        let address =
            Address::parse("postgres://m%40e:p%40+&=s%25@db/app?sslmode=require").unwrap();
        assert_eq!(address.place(), Some(("db", 5432)));
        assert_eq!(address.login(), Some(("m@e".to_owned(), "p@+&=s%".to_owned())));
        let moved = Address::parse(&address.at_port("x", 7).unwrap()).unwrap();
        assert_eq!(moved.login(), address.login());
        assert_eq!(moved.place(), Some(("127.0.0.1", 7)));
        let socket = Address::parse("postgres:///app?host=/run/postgresql").unwrap();
        assert_eq!((socket.place(), socket.login()), (None, None));
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
