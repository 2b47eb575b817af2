//! A filter taken apart and put together again, as chips, facets and bars of a page do it.

use serde::Serialize;

use super::parse::Reading;
use super::{Filter, Terms, TimeBound};
use crate::{ActorRef, TableName};

/// One thing that a filter says: a chip of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FilterTerm {
    /// The key, as `table`.
    pub key: &'static str,
    /// The value in the one form in which a filter is written, without the `-` of one that must not hold.
    pub value: String,
    /// Whether it must not hold.
    pub is_negated: bool,
}

/// The keys that have one value, which has no opposite.
const SINGLE: [&str; 6] = ["capture_only", "from", "to", "sort", "limit", "after"];

impl FilterTerm {
    fn new(key: &'static str, value: String) -> Self {
        let unwanted = (!SINGLE.contains(&key)).then(|| value.strip_prefix('-')).flatten();
        match unwanted {
            Some(unwanted) => Self { key, value: unwanted.to_owned(), is_negated: true },
            None => Self { key, value, is_negated: false },
        }
    }
}

impl Filter {
    /// What the filter says, in the order in which it is written: the same for equal filters.
    ///
    /// ```
    /// use threadline::Filter;
    ///
    /// let filter: Filter = "table=orders&actor=-system:*&from=-24h".parse()?;
    /// let terms = filter.terms();
    /// let told: Vec<_> = terms.iter().map(|term| (term.key, term.value.as_str(), term.is_negated)).collect();
    /// assert_eq!(
    ///     told,
    ///     [("table", "public.orders", false), ("actor", "system:*", true), ("from", "-24h", false)]
    /// );
    /// assert_eq!(filter.without(&terms[1]).to_string(), "table=public.orders&from=-24h");
    /// # Ok::<(), threadline::Error>(())
    /// ```
    pub fn terms(&self) -> Vec<FilterTerm> {
        self.pairs().into_iter().map(|(key, value)| FilterTerm::new(key, value)).collect()
    }

    /// The same without one of its [`terms`](Self::terms), from the first page on. What means nothing
    /// without it goes as well: the rows of a table, and what widens a correlation id.
    ///
    /// What is left may be more than a reader reads at once, as `op=update` is without its table:
    /// [`check`](Self::check) says so.
    pub fn without(&self, term: &FilterTerm) -> Self {
        let mut reading = Reading::default();
        for (key, value) in self.pairs() {
            if FilterTerm::new(key, value.clone()) != *term {
                reading.read(key, &value);
            }
        }
        reading.unchecked().of_its_own()
    }

    /// The same, but of each key that `of` names only what `of` says of it; from the first page on. It is
    /// what a click on a value does: the next click replaces and does not add.
    ///
    /// ```
    /// use threadline::{Filter, TableName};
    ///
    /// let filter: Filter = "table=orders&row=7&op=update".parse()?;
    /// let users = filter.only(Filter::new().table(TableName::parse("users")?));
    /// assert_eq!(users.to_string(), "table=public.users&op=update");
    /// # Ok::<(), threadline::Error>(())
    /// ```
    pub fn only(mut self, of: Filter) -> Self {
        if !of.tables.is_empty() && of.tables != self.tables {
            self.rows = Terms::default();
        }
        replace(&mut self.tables, of.tables);
        replace(&mut self.rows, of.rows);
        replace(&mut self.operations, of.operations);
        replace(&mut self.changed, of.changed);
        replace(&mut self.was, of.was);
        replace(&mut self.now, of.now);
        replace(&mut self.actors, of.actors);
        replace(&mut self.kinds, of.kinds);
        replace(&mut self.actions, of.actions);
        replace(&mut self.correlations, of.correlations);
        replace(&mut self.requests, of.requests);
        replace(&mut self.transactions, of.transactions);
        replace(&mut self.networks, of.networks);
        self.from = of.from.or(self.from);
        self.to = of.to.or(self.to);
        self.of_its_own()
    }

    /// The same from the first page on.
    pub fn first_page(mut self) -> Self {
        self.after = None;
        self
    }

    /// From when to when, both inclusive; `None` where there is no bound.
    pub fn window(&self) -> (Option<TimeBound>, Option<TimeBound>) {
        (self.from, self.to)
    }

    /// Whether it wants the oldest first.
    pub fn is_oldest_first(&self) -> bool {
        self.oldest_first
    }

    /// The one table that it is about, if it is about one.
    pub fn only_table(&self) -> Option<&TableName> {
        match self.tables.wanted() {
            [table] => Some(table),
            _ => None,
        }
    }

    /// The one actor that it is about, if it is about one.
    pub fn only_actor(&self) -> Option<&ActorRef> {
        match self.actors.wanted() {
            [super::ActorTerm::Is(actor)] => Some(actor),
            _ => None,
        }
    }

    /// The command that shows the same in a terminal, quoted for a POSIX shell. It begins on the first
    /// page.
    ///
    /// ```
    /// use threadline::Filter;
    ///
    /// let filter: Filter = "table=orders&action=order+refund&actor=-system:*".parse()?;
    /// assert_eq!(
    ///     filter.to_command(),
    ///     "threadline timeline table=public.orders 'actor=-system:*' 'action=order refund'"
    /// );
    /// # Ok::<(), threadline::Error>(())
    /// ```
    pub fn to_command(&self) -> String {
        let words = self.clone().first_page().pairs().into_iter();
        let words = words.map(|(key, value)| format!(" {}", in_shell(&format!("{key}={value}"))));
        format!("threadline timeline{}", words.collect::<String>())
    }

    /// From the first page on, and without what means nothing without something else.
    fn of_its_own(mut self) -> Self {
        if self.tables.wanted().len() != 1 {
            self.rows = Terms::default();
        }
        if self.correlations.is_empty() {
            self.capture_only = false;
        }
        self.first_page()
    }
}

fn replace<T>(terms: &mut Terms<T>, by: Terms<T>) {
    if !by.is_empty() {
        *terms = by;
    }
}

/// One word of a shell's command line.
pub(crate) fn in_shell(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.,:/=@%+".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: &str) -> Filter {
        text.parse().expect("a filter")
    }

    #[test]
    fn each_term_can_be_taken_out_and_the_others_stay() {
        let all = filter(
            "table=orders&op=update&op=-delete&was=status:-1&actor=user:-7&actor=-none&from=-24h\
             &to=2026-01-31&sort=old&limit=7",
        );
        let terms = all.terms();
        assert_eq!(terms.len(), 10);
        for term in &terms {
            let rest = all.without(term);
            let others: Vec<_> = terms.iter().filter(|other| *other != term).cloned().collect();
            assert_eq!(rest.terms(), others, "without {term:?}");
        }
        assert_eq!(all.without(&FilterTerm::new("op", "insert".to_owned())), all);
    }

    #[test]
    fn a_value_that_begins_with_a_dash_is_not_taken_for_one_that_must_not_hold() {
        let filter = Filter::new().action("-odd").except(Filter::new().action("-even"));
        let told: Vec<_> =
            filter.terms().into_iter().map(|term| (term.value, term.is_negated)).collect();
        assert_eq!(told, [("\\-odd".to_owned(), false), ("\\-even".to_owned(), true)]);
    }

    #[test]
    fn what_hangs_on_a_term_goes_with_it() {
        let of_row = filter("table=orders&row=7&row=-8&from=-1h&after=abc");
        assert_eq!(of_row.without(&of_row.terms()[0]).to_string(), "from=-1h");
        let of_corr = filter("corr=a&capture_only=true&from=-1h");
        assert_eq!(of_corr.without(&of_corr.terms()[0]).to_string(), "from=-1h");
        let page = filter("table=orders&after=abc");
        assert_eq!(page.without(&page.terms()[1]), page.clone().first_page());
    }

    #[test]
    fn a_click_replaces_what_was_said_of_the_key() {
        let before =
            filter("table=orders&row=7&actor=user:1&actor=-user:2&from=-24h&to=now&after=x");
        let clicked = before.clone().only(filter("actor=job:j&from=-1h"));
        assert_eq!(clicked.to_string(), "table=public.orders&row=7&actor=job:j&from=-1h&to=now");
        assert_eq!(before.clone().only(filter("table=orders")).to_string(), {
            before.clone().first_page().to_string()
        });
        assert_eq!(before.only(filter("table=a&table=b")).only_table(), None);
    }

    #[test]
    fn a_hostile_value_is_one_word_of_the_shell() {
        let filter = Filter::new().action("x'; rm -rf / #$(y)`z`\n");
        assert_eq!(filter.to_command(), "threadline timeline 'action=x'\\''; rm -rf / #$(y)`z`'");
    }
}
