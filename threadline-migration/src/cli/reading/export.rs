use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use futures_util::TryStreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use sea_orm::DatabaseConnection;
use serde_json::json;
use threadline::export::{ColumnSet, Csv, Exported, Format, FormatName};
use threadline::{Export, Filter, MAX_COUNT, count};

use super::super::failure::Failure;
use super::super::output::Output;
use super::words::Words;

/// Writes what changed into a file, for spreadsheets, programs and lawyers.
#[derive(Clone, Debug, Args)]
pub(crate) struct WriteExport {
    #[command(flatten)]
    words: Words,
    /// csv, json or ndjson; the default is that of the file's name, else csv.
    #[arg(long)]
    format: Option<FormatName>,
    /// The file to write, which must not be there yet; `-` or nothing is the terminal or pipe.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// At most so many changes.
    #[arg(long, value_name = "N", default_value_t = 10_000, conflicts_with = "unlimited")]
    max_rows: u64,
    /// All changes, however many.
    #[arg(long)]
    unlimited: bool,
    /// Only transactions with an action of this correlation id: the same as corr=ID.
    #[arg(long, value_name = "ID")]
    correlation_id: Option<String>,
    /// Only what changed, without who did it and why.
    #[arg(long)]
    changes_only: bool,
    /// In CSV, writes cells as they are, also those that a spreadsheet would run as formulas.
    #[arg(long)]
    raw: bool,
    /// Says how many changes match, and writes nothing.
    #[arg(long)]
    dry_run: bool,
}

impl WriteExport {
    pub(super) async fn run(self, db: &DatabaseConnection, out: Output) -> Result<(), Failure> {
        let filter = self.filter()?;
        if self.dry_run {
            return self.count(db, &filter, out).await;
        }
        let format = self.format()?;
        match self.file() {
            None if out.is_json() => Err(Failure::usage(
                "with --json the answer is on stdout, so the export needs a file: --output FILE"
                    .to_owned(),
            )),
            None => {
                let exported = self.write(db, &filter, format, std::io::stdout().lock()).await?;
                out.aside(summary(&exported, None));
                Ok(())
            }
            Some(path) => {
                let exported = self.write_file(db, &filter, format, path).await?;
                out.text(summary(&exported, Some(path)));
                out.document(&json!({
                    "output": path,
                    "format": format.as_str(),
                    "filter": filter,
                    "returned_count": exported.returned_count,
                    "truncated": exported.truncated,
                    "max_rows": exported.max_rows,
                }));
                Ok(())
            }
        }
    }

    /// To a file that has its name only once it is complete.
    async fn write_file(
        &self,
        db: &DatabaseConnection,
        filter: &Filter,
        format: FormatName,
        path: &Path,
    ) -> Result<Exported, Failure> {
        let failed = |error: std::io::Error| {
            Failure::new("write", format!("cannot write {}: {error}", path.display()))
        };
        if path.exists() {
            return Err(Failure::new(
                "write",
                format!("{} is there already; name another file, or remove it", path.display()),
            ));
        }
        // A name of its own, and never a file that is there already.
        let mut part = path.as_os_str().to_owned();
        part.push(format!(".{}.part", std::process::id()));
        let part = PathBuf::from(part);
        let file = File::options().write(true).create_new(true).open(&part).map_err(failed)?;
        let written = self.write(db, filter, format, std::io::BufWriter::new(file)).await;
        let exported = match written {
            Ok(exported) => exported,
            Err(failure) => {
                // Half an export must not be taken for one.
                let _ = std::fs::remove_file(&part);
                return Err(failure);
            }
        };
        std::fs::rename(&part, path).map_err(failed)?;
        Ok(exported)
    }

    async fn write(
        &self,
        db: &DatabaseConnection,
        filter: &Filter,
        format: FormatName,
        mut sink: impl Write,
    ) -> Result<Exported, Failure> {
        let failed = |error| Failure::new("write", format!("cannot write the export: {error}"));
        let mut export = Export::new(filter).max_rows(self.max_rows);
        if self.unlimited {
            export = export.unlimited();
        }
        if self.changes_only {
            export = export.columns(ColumnSet::Changes);
        }
        let progress = self.progress();
        let mut stream = export.stream(db, self.formatter(format)).await?;
        while let Some(bytes) = stream.try_next().await? {
            sink.write_all(&bytes).map_err(failed)?;
            progress.set_position(stream.changes_so_far());
        }
        sink.flush().map_err(failed)?;
        progress.finish_and_clear();
        stream.exported().ok_or_else(|| Failure::new("write", "the export has no end".to_owned()))
    }

    fn formatter(&self, format: FormatName) -> Box<dyn Format> {
        match format {
            FormatName::Csv if self.raw => Box::new(Csv::new().raw()),
            format => format.format(),
        }
    }

    /// How far it is, on a terminal.
    fn progress(&self) -> ProgressBar {
        if self.file().is_none() || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style =
            ProgressStyle::with_template("{spinner} {human_pos} changes, {per_sec}, {elapsed}");
        let bar = ProgressBar::new_spinner()
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    async fn count(
        &self,
        db: &DatabaseConnection,
        filter: &Filter,
        out: Output,
    ) -> Result<(), Failure> {
        let matching = count(db, filter, MAX_COUNT).await?;
        let bound = if self.unlimited { u64::MAX } else { self.max_rows };
        let plus = if matching.is_capped { " or more" } else { "" };
        out.text(format!("{}{plus} changes match", matching.counted));
        if u64::from(matching.counted) > bound {
            out.text(format!(
                "; the newest {bound} would be written (see --max-rows and --unlimited)"
            ));
        }
        out.text("\n");
        out.document(&json!({
            "dry_run": true,
            "filter": filter,
            "matching": matching.counted,
            "is_capped": matching.is_capped,
            "max_rows": (!self.unlimited).then_some(self.max_rows),
        }));
        Ok(())
    }

    fn filter(&self) -> Result<Filter, Failure> {
        let filter = self.words.filter()?;
        Ok(match &self.correlation_id {
            Some(id) => filter.correlation_id(id.as_str()),
            None => filter,
        })
    }

    fn file(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| *path != Path::new("-"))
    }

    fn format(&self) -> Result<FormatName, Failure> {
        if let Some(format) = self.format {
            return Ok(format);
        }
        let ending = self.file().and_then(Path::extension).and_then(|ending| ending.to_str());
        Ok(ending.map_or(Ok(FormatName::Csv), str::parse)?)
    }
}

fn summary(exported: &Exported, path: Option<&Path>) -> String {
    let place = path.map(|path| format!(" to {}", path.display())).unwrap_or_default();
    let more = match exported.truncated {
        true => "; there are more: see --max-rows and --unlimited",
        false => "",
    };
    let changes = if exported.returned_count == 1 { "change" } else { "changes" };
    format!("{} {changes} written{place}{more}\n", exported.returned_count)
}
