//! Changes as a whole document, or the reason why there is none.

use futures_util::TryStreamExt;
use sea_orm::DbErr;
use threadline::export::{Csv, Exported, Format, FormatName, Json, Ndjson};
use threadline::{Count, Error, Export, Filter, count};

use super::{Desk, Weight};
use crate::pages::Refusal;

/// What is taken away.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) filter: Filter,
    pub(crate) format: FormatName,
    /// Without the guard against formulas.
    pub(crate) is_raw: bool,
    /// How many changes whoever asks will have at most, if they said so.
    pub(crate) limit: Option<u32>,
}

/// A document that is complete, or the bound that it would have gone beyond.
#[derive(Debug)]
pub(crate) enum Taken {
    Whole(Document),
    /// There are more changes than an export may have.
    TooMany,
    /// The document is larger than one may be.
    TooLarge,
}

/// A document with all that was asked for.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) bytes: Vec<u8>,
    pub(crate) media: &'static str,
    pub(crate) exported: Exported,
}

/// No more than this is counted to say by how much an export is too large.
pub(crate) const MOST_COUNTED: u32 = 100_000;

impl Desk<'_> {
    /// The changes as a document, read to its end before anything of it is given. What is cut off without
    /// having been asked to be is no document.
    pub(crate) async fn export(&self, wanted: &Wanted) -> Result<Taken, Refusal> {
        let longest = self.site.limits.export;
        // Each statement has a limit of its own, and there are several.
        let read = tokio::time::timeout(longest, self.read_export(wanted)).await;
        read.unwrap_or_else(|_| {
            let source = DbErr::Custom("the document was not complete in time".to_owned());
            Err(Refusal::Trail(Error::TimedOut { after: Some(longest), source }))
        })
    }

    async fn read_export(&self, wanted: &Wanted) -> Result<Taken, Refusal> {
        match wanted.format {
            FormatName::Csv if wanted.is_raw => self.document(wanted, Csv::new().raw()).await,
            FormatName::Csv => self.document(wanted, Csv::new()).await,
            FormatName::Json => self.document(wanted, Json::new()).await,
            FormatName::Ndjson => self.document(wanted, Ndjson::new()).await,
            _ => Err(Refusal::NotFound),
        }
    }

    async fn document(
        &self,
        wanted: &Wanted,
        format: impl Format + 'static,
    ) -> Result<Taken, Refusal> {
        let limits = &self.site.limits;
        let own = wanted.limit.filter(|limit| *limit <= limits.export_rows);
        let rows = u64::from(own.unwrap_or(limits.export_rows));
        let sitting = self.sit(Weight::Export).await?;
        let export = Export::new(&wanted.filter).max_rows(rows);
        let mut stream = export.stream(&sitting.reader(), format).await?;
        let mut bytes = Vec::new();
        while let Some(part) = stream.try_next().await? {
            if bytes.len() + part.len() > limits.export_bytes {
                return Ok(Taken::TooLarge);
            }
            bytes.extend(part);
        }
        let end = || Error::Export("it came to no end".to_owned());
        let exported = stream.exported().ok_or_else(end)?;
        if exported.truncated && own.is_none() {
            return Ok(Taken::TooMany);
        }
        Ok(Taken::Whole(Document { bytes, media: stream.content_type(), exported }))
    }

    /// How many changes match, for whoever is told that they are too many.
    pub(crate) async fn count_for_export(&self, filter: &Filter) -> Result<Count, Refusal> {
        let sitting = self.sit(Weight::Panel).await?;
        Ok(count(&sitting.reader(), filter, MOST_COUNTED).await?)
    }
}
