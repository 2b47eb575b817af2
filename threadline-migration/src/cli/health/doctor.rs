//! `threadline doctor`.

use clap::Args;
use sea_orm::ConnectionTrait;

use super::super::exit::Verdict as Exit;
use super::super::failure::Failure;
use super::super::output::{BAD, FAINT, GOOD, NOTABLE, Output};
use super::mending;
use super::table::harmless;
use crate::desired::Desired;
use crate::health::{Check, CoverageOptions, Diagnosis, Verdict, doctor};

/// Looks at everything at once: server, role, schema, every table and the trail, each with its fix.
///
/// It ends with exit code 1 if one of its verdicts is an error.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ShowDoctor {}

impl ShowDoctor {
    pub(crate) async fn run(
        self,
        db: &impl ConnectionTrait,
        desired: Desired<'_>,
        out: Output,
    ) -> Result<Exit, Failure> {
        let diagnosis = doctor(db, desired, &CoverageOptions::default()).await?;
        out.text(text(&diagnosis));
        out.document(&diagnosis);
        Ok(if diagnosis.verdict == Verdict::Error { Exit::Findings } else { Exit::Fine })
    }
}

fn text(diagnosis: &Diagnosis) -> String {
    let mut text: String = diagnosis.checks.iter().map(line).collect();
    text.push_str(match diagnosis.verdict {
        Verdict::Good | Verdict::Info => "\nEverything is as it should be.\n",
        Verdict::Warning => "\nNothing is wrong now; look at the warnings soon.\n",
        Verdict::Error => "\nSomething is wrong: mend the errors first.\n",
    });
    text
}

fn line(check: &Check) -> String {
    let style = match check.verdict {
        Verdict::Good => GOOD,
        Verdict::Info => FAINT,
        Verdict::Warning => NOTABLE,
        Verdict::Error => BAD,
    };
    let (word, name) = (check.verdict.as_str(), check.name);
    let told = harmless(&check.told);
    let line = format!("{style}{word:<7}{style:#} {name}: {told}\n");
    match &check.mend {
        Some(mend) => line + &mending(&mend.to_string()),
        None => line,
    }
}
