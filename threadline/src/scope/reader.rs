use std::fmt;

use sea_orm::ConnectionTrait;

use super::Predicate;

/// Where the trail is read: any connection, which reads everything, or a [`Reader`], which reads what
/// its scope allows.
///
/// It is implemented for every [`ConnectionTrait`] and for [`Reader`], and is not for others to implement.
pub trait TrailSource: Sync + sealed::Sealed {
    /// The connection below.
    type Connection: ConnectionTrait;

    #[doc(hidden)]
    fn connection(&self) -> &Self::Connection;

    #[doc(hidden)]
    fn scope(&self) -> Option<&Predicate>;
}

mod sealed {
    pub trait Sealed {}

    impl<C: sea_orm::ConnectionTrait> Sealed for C {}
    impl<C: sea_orm::ConnectionTrait> Sealed for super::Reader<'_, C> {}
}

/// A connection and what may be read through it. Every reader of this crate takes one in the place of a
/// connection.
///
/// ```
/// # use threadline::{Predicate, Reader, Filter};
/// # async fn example(db: sea_orm::DatabaseConnection, organization: i64) -> Result<(), threadline::Error> {
/// let reader = Reader::new(&db)
///     .scoped(organization, |id| Predicate::column("organization_id", *id));
/// let newest = threadline::timeline(&reader, &Filter::new()).await?;
/// # Ok(())
/// # }
/// ```
pub struct Reader<'c, C> {
    db: &'c C,
    scope: Option<Predicate>,
}

/// Whose scope it is stays out of logs.
impl<C> fmt::Debug for Reader<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.scope.is_some() { "Reader(scoped)" } else { "Reader(unscoped)" })
    }
}

impl<'c, C: ConnectionTrait> Reader<'c, C> {
    /// A reader of everything.
    pub fn new(db: &'c C) -> Self {
        Self { db, scope: None }
    }

    /// Only what `predicate` says of `scope`, a value that only the host understands. On a reader that
    /// has a scope already, both hold.
    ///
    /// A predicate that says nothing ([`Predicate::all`] of nothing, say) makes every read an error,
    /// and never an unscoped one.
    #[must_use]
    pub fn scoped<S>(mut self, scope: S, predicate: impl FnOnce(&S) -> Predicate) -> Self {
        let new = predicate(&scope);
        self.scope = Some(match self.scope.take() {
            Some(old) => Predicate::all([old, new]),
            None => new,
        });
        self
    }
}

impl<C: ConnectionTrait> TrailSource for C {
    type Connection = C;

    fn connection(&self) -> &C {
        self
    }

    fn scope(&self) -> Option<&Predicate> {
        None
    }
}

impl<C: ConnectionTrait> TrailSource for Reader<'_, C> {
    type Connection = C;

    fn connection(&self) -> &C {
        self.db
    }

    fn scope(&self) -> Option<&Predicate> {
        self.scope.as_ref()
    }
}
