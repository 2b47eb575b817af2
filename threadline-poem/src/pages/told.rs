//! What a reader is told in place of a page: what is wrong, and what to do. Nothing that the database or
//! its driver said is in it; that is logged under a number, and the reader gets the number.

use std::fmt::Display;

use threadline::{Error, FilterProblems};
use uuid::Uuid;

use super::answer::{BadField, Refusal};
use crate::access::Capability;

/// A refusal in words, under a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) title: &'static str,
    pub(crate) text: String,
    /// The fields that are at fault.
    pub(crate) fields: Vec<BadField>,
    /// The command that does it all the same, or that tells more.
    pub(crate) command: Option<&'static str>,
    /// The number under which it is logged.
    pub(crate) incident: Option<Uuid>,
    /// After how many seconds it may be asked again; none if that would be no use.
    pub(crate) again: Option<u64>,
}

impl Told {
    fn new(status: u16, title: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { status, title, text, fields: Vec::new(), command: None, incident: None, again: None }
    }

    fn command(self, command: &'static str) -> Self {
        Self { command: Some(command), ..self }
    }

    fn again(self, seconds: u64) -> Self {
        Self { again: Some(seconds), ..self }
    }

    /// Logs what went wrong, and keeps the number.
    fn logged(self, error: &dyn Display) -> Self {
        let incident = Uuid::now_v7();
        tracing::error!(
            name: "threadline.operator.incident",
            target: "threadline",
            %incident,
            "{error}"
        );
        Self { incident: Some(incident), ..self }
    }
}

/// How soon something that passes may be asked again, in seconds.
const SOON: u64 = 5;

/// What the reader is told of a refusal. What the reader cannot help is logged by this, once.
pub(crate) fn told(refusal: &Refusal) -> Told {
    match refusal {
        Refusal::NotFound => not_found(),
        Refusal::Bad(why) => Told::new(422, "This cannot be asked", why.clone()),
        Refusal::Fields(fields) => Told {
            fields: fields.clone(),
            ..Told::new(422, "This cannot be asked", "Nothing was read, because of this:")
        },
        Refusal::Filter(problems) => filter(problems),
        Refusal::Lacks(capability) => lacking(*capability),
        Refusal::NotConfigured(why) => Told::new(501, "Not available here", *why),
        Refusal::TooMany(seconds) => {
            let text = format!(
                "You have asked for more than one viewer may have at once. Try again in {}.",
                crate::view::counted(*seconds, "second", "seconds")
            );
            Told::new(429, "Too many at once", text).again(*seconds)
        }
        Refusal::Busy => Told::new(
            503,
            "Too much is being read at the moment",
            "Others are reading, and there is no room for more. Try again in a few seconds.",
        )
        .again(SOON),
        Refusal::Trail(error) => of_trail(error),
        Refusal::Health(error) => of_installation(error),
        Refusal::Panicked => went_wrong(refusal),
        Refusal::Told(told) => (**told).clone(),
    }
}

fn of_trail(error: &Error) -> Told {
    match error {
        Error::NotFound { .. } => not_found(),
        Error::InvalidFilter(problems) => filter(problems),
        Error::InvalidCursor(_)
        | Error::InvalidKey(_)
        | Error::InvalidMoment { .. }
        | Error::InvalidName { .. } => Told::new(422, "This cannot be asked", error.to_string()),
        error if error.is_timeout() => Told::new(
            503,
            "It took too long",
            "The answer took longer than a page may take. Narrow the time, or name a table or a row; \
             if it was narrow already, try again when the database has less to do.",
        )
        .again(SOON),
        Error::NotInstalled { .. } => no_trail().logged(error),
        Error::NoRight { .. } => Told::new(
            503,
            "These pages may not read the trail",
            "The role with which this application reads the database lacks a right. Whoever runs the \
             database can grant it; the guide on roles has the statements.",
        )
        .command("threadline doctor")
        .logged(error),
        error if error.is_unavailable() => Told::new(
            503,
            "The database cannot be reached",
            "It does not answer, or has no connection to spare, so there is nothing to show. Try again \
             in a moment; if it stays like this, tell whoever runs this application.",
        )
        .again(SOON)
        .logged(error),
        error => went_wrong(error),
    }
}

fn of_installation(error: &threadline_migration::Error) -> Told {
    match error {
        threadline_migration::Error::SchemaMissing { .. } => no_trail().logged(error),
        threadline_migration::Error::SchemaNewer { .. } => Told::new(
            503,
            "The audit trail is newer than these pages",
            "A newer version of Threadline has installed it. Deploy the application with that version.",
        )
        .command("threadline doctor")
        .logged(error),
        error => went_wrong(error),
    }
}

/// The same for what does not exist, what was purged and what is out of scope.
fn not_found() -> Told {
    Told::new(
        404,
        "Not found",
        "There is nothing at this address that you may see: it never was, it is no longer kept, or it \
         is not within what your view is narrowed to.",
    )
}

fn no_trail() -> Told {
    Told::new(
        503,
        "There is no audit trail yet",
        "This database has no audit trail that these pages can read. Run the application's migrations.",
    )
    .command("threadline doctor")
}

fn filter(problems: &FilterProblems) -> Told {
    let field = |problem: &threadline::FilterProblem| {
        BadField::new(&problem.key, &problem.value, problem.why.clone())
    };
    Told {
        fields: problems.0.iter().map(field).collect(),
        ..Told::new(422, "This filter cannot be", "Nothing was searched, because of this:")
    }
}

fn lacking(capability: Capability) -> Told {
    let text = format!("It takes the capability “{}”.", capability.as_str());
    let told = Told::new(403, "Not available here", text);
    match capability {
        Capability::Coverage => told.command("threadline health coverage"),
        Capability::Policy => told.command("threadline policy show"),
        Capability::Export => told.command("threadline export"),
        Capability::Retention | Capability::Evidence => told,
    }
}

fn went_wrong(error: &dyn Display) -> Told {
    Told::new(
        500,
        "Something went wrong",
        "It is not your fault, and it is logged. Tell whoever runs this application the number of the \
         incident.",
    )
    .logged(error)
}

#[cfg(test)]
mod tests {
    use threadline::sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

    use super::*;

    /// What no reader may see: what was asked, what a driver says, and what may stand in both.
    const INSIDE: &str = "SELECT secret FROM users: password=hunter2";

    fn failures() -> Vec<(u16, Refusal)> {
        let inside = || INSIDE.to_owned();
        let query = || DbErr::Query(RuntimeErr::Internal(inside()));
        let schema = || threadline::schema().expect("a name").clone();
        vec![
            (500, Refusal::Trail(Error::Db(query()))),
            (500, Refusal::Trail(Error::Unreadable(inside()))),
            (500, Refusal::Trail(Error::Export(inside()))),
            (503, Refusal::Trail(Error::Db(DbErr::Conn(RuntimeErr::Internal(inside()))))),
            (503, Refusal::Trail(Error::Db(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)))),
            (503, Refusal::Trail(Error::TimedOut { after: None, source: query() })),
            (503, Refusal::Trail(Error::NoRight { detail: inside() })),
            (503, Refusal::Trail(Error::NotInstalled { schema: schema(), detail: inside() })),
            (500, threadline_migration::Error::Db(query()).into()),
            (500, threadline_migration::Error::Template(inside()).into()),
            (
                503,
                threadline_migration::Error::SchemaMissing { schema: schema(), wanted: 1 }.into(),
            ),
            (503, threadline_migration::Error::SchemaNewer { installed: 9, known: 1 }.into()),
            (500, Refusal::Panicked),
        ]
    }

    #[test]
    fn error_texts_never_hold_sql_or_driver_text() {
        for (status, refusal) in failures() {
            let told = told(&refusal);
            assert_eq!(told.status, status, "{refusal:?}");
            for word in ["SELECT", "secret", "hunter2", "threadline_migration", "schema `"] {
                assert!(!told.text.contains(word) && !told.title.contains(word), "{told:?}");
            }
        }
    }

    #[test]
    fn what_the_reader_cannot_help_has_a_number_and_what_passes_can_be_asked_again() {
        for (status, refusal) in failures() {
            let told = told(&refusal);
            let is_slow = told.title == "It took too long";
            assert_eq!(told.incident.is_some(), !is_slow, "{refusal:?}");
            assert!(status == 503 || told.again.is_none(), "{refusal:?}");
        }
        assert_eq!(told(&Refusal::TooMany(7)).again, Some(7));
        assert_eq!(told(&Refusal::Busy).again, Some(SOON));
        assert_eq!(told(&Refusal::NotFound).incident, None);
    }

    #[test]
    fn a_slow_read_and_a_lost_database_are_told_apart() {
        let slow = Error::TimedOut { after: None, source: DbErr::Custom(String::new()) };
        let lost = Error::Db(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
        assert_eq!(told(&Refusal::Trail(slow)).title, "It took too long");
        assert_eq!(told(&Refusal::Trail(lost)).title, "The database cannot be reached");
    }

    #[test]
    fn what_was_told_once_keeps_its_number() {
        let first = told(&Refusal::Panicked);
        assert_eq!(told(&Refusal::Told(Box::new(first.clone()))), first);
    }

    #[test]
    fn every_problem_of_a_filter_is_a_field() {
        let error =
            "table=orders&tabel=x&op=move".parse::<threadline::Filter>().expect_err("wrong");
        let told = told(&Refusal::Trail(error));
        let keys: Vec<&str> = told.fields.iter().map(|field| field.key.as_str()).collect();
        assert_eq!((told.status, keys), (422, vec!["tabel", "op"]));
    }
}
