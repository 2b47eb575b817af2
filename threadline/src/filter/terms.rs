use std::fmt::Display;

/// The values of one key: one of the wanted must hold, if there is any, and none of the unwanted may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms<T> {
    wanted: Vec<T>,
    unwanted: Vec<T>,
}

impl<T> Default for Terms<T> {
    fn default() -> Self {
        Self { wanted: Vec::new(), unwanted: Vec::new() }
    }
}

impl<T> Terms<T> {
    /// Of these, one must hold.
    pub fn wanted(&self) -> &[T] {
        &self.wanted
    }

    /// Of these, none may hold.
    pub fn unwanted(&self) -> &[T] {
        &self.unwanted
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty()
    }

    /// All values, each with whether it is unwanted.
    pub(super) fn all(&self) -> impl Iterator<Item = (&T, bool)> {
        let wanted = self.wanted.iter().map(|value| (value, false));
        wanted.chain(self.unwanted.iter().map(|value| (value, true)))
    }
}

impl<T: Display + PartialEq> Terms<T> {
    pub(super) fn want(&mut self, value: T) {
        insert(&mut self.wanted, value);
    }

    pub(super) fn unwant(&mut self, value: T) {
        insert(&mut self.unwanted, value);
    }

    pub(super) fn refuse(&mut self, of: Self) {
        of.wanted.into_iter().for_each(|value| self.unwant(value));
    }
}

/// Once, and in the order of their texts, so that equal filters have equal texts.
fn insert<T: Display + PartialEq>(values: &mut Vec<T>, value: T) {
    let text = value.to_string();
    if !values.contains(&value) {
        let place = values.partition_point(|other| other.to_string() < text);
        values.insert(place, value);
    }
}
