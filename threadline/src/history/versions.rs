use std::ops::{Deref, DerefMut};

use sea_orm::EntityTrait;

use super::Version;

/// The versions of a row, the oldest first, and whether there are more. It is used like the `Vec` it holds.
#[derive(Clone, Debug)]
pub struct Versions<E: EntityTrait> {
    versions: Vec<Version<E>>,
    truncated: bool,
}

impl<E: EntityTrait> Versions<E> {
    pub(super) fn new(versions: Vec<Version<E>>, truncated: bool) -> Self {
        Self { versions, truncated }
    }

    /// Whether there are older versions that match, beyond the limit.
    pub fn truncated(&self) -> bool {
        self.truncated
    }

    /// The versions alone, the oldest first.
    pub fn into_vec(self) -> Vec<Version<E>> {
        self.versions
    }
}

impl<E: EntityTrait> Deref for Versions<E> {
    type Target = Vec<Version<E>>;

    fn deref(&self) -> &Self::Target {
        &self.versions
    }
}

impl<E: EntityTrait> DerefMut for Versions<E> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.versions
    }
}

impl<E: EntityTrait> IntoIterator for Versions<E> {
    type Item = Version<E>;
    type IntoIter = std::vec::IntoIter<Version<E>>;

    fn into_iter(self) -> Self::IntoIter {
        self.versions.into_iter()
    }
}

impl<'a, E: EntityTrait> IntoIterator for &'a Versions<E> {
    type Item = &'a Version<E>;
    type IntoIter = std::slice::Iter<'a, Version<E>>;

    fn into_iter(self) -> Self::IntoIter {
        self.versions.iter()
    }
}
