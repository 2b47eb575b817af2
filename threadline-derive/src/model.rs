//! The struct and its attributes, put together: one place for each thing that is said.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, Ident, LitStr, Path, Type};

use crate::attr::{self, FieldWords, Mask, StructWords};
use crate::column::{self, Column};
use crate::errors::Errors;
use crate::suggest::suggest;

/// A `Model` and everything that is said about it.
pub(crate) struct Model<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) entity: Path,
    pub(crate) fields: Vec<Field<'a>>,
    pub(crate) words: StructWords,
    /// Positions in `fields`, each with the place that names it.
    pub(crate) key: Option<Vec<(usize, Span)>>,
}

/// A field and everything that is said about it, on the field or on the struct.
pub(crate) struct Field<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) column: Column,
    pub(crate) words: FieldWords,
}

impl<'a> Model<'a> {
    /// Reads `input`, the model of `entity`.
    pub(crate) fn read(input: &'a DeriveInput, entity: Path, errors: &mut Errors) -> Self {
        let words = attr::of_struct(&input.attrs, errors);
        let fields = fields(input, errors);
        let mut model = Self { ident: &input.ident, entity, fields, words, key: None };
        model.spread_lists(errors);
        model.find_key(errors);
        model
    }

    /// Says of each field what the lists on the struct say.
    fn spread_lists(&mut self, errors: &mut Errors) {
        let words = &mut self.words;
        let lists = [
            ("exclude", std::mem::take(&mut words.exclude)),
            ("mask", std::mem::take(&mut words.mask)),
            ("hash", std::mem::take(&mut words.hash)),
            ("quiet", std::mem::take(&mut words.quiet)),
        ];
        for (word, names) in lists {
            for name in names {
                let Some(position) = self.position(&name, errors) else { continue };
                if !self.fields[position].words.add(word, name.span()) {
                    let message = format!("`{word}` is given twice for `{}`", name.unraw());
                    errors.at(name.span(), message);
                }
            }
        }
    }

    fn find_key(&mut self, errors: &mut Errors) {
        let Some(names) = self.words.key.take() else { return };
        let found =
            names.iter().filter_map(|name| Some((self.position(name, errors)?, name.span())));
        self.key = Some(found.collect());
    }

    fn position(&self, name: &Ident, errors: &mut Errors) -> Option<usize> {
        let wanted = name.unraw();
        let position = self.fields.iter().position(|field| field.ident.unraw() == wanted);
        if position.is_none() {
            let known: Vec<String> =
                self.fields.iter().map(|f| f.ident.unraw().to_string()).collect();
            let meant = suggest(&wanted.to_string(), known.iter().map(String::as_str));
            errors.at(name.span(), format!("no field `{wanted}` on this `{}`{meant}", self.ident));
        }
        position
    }
}

impl Field<'_> {
    /// The words that redact the field, each with where it stands and what the field is by it, the
    /// strongest first.
    pub(crate) fn redactions(&self) -> Vec<(Span, &'static str)> {
        let words = &self.words;
        [
            (words.exclude, "excluded"),
            (words.mask.as_ref().map(|mask| mask.span), "masked"),
            (words.hash, "hashed"),
            (words.mask_json.first().map(LitStr::span), "masked in parts"),
        ]
        .into_iter()
        .filter_map(|(span, participle)| Some((span?, participle)))
        .collect()
    }

    /// Whether a value of the field may be missing in the trail, so that something has to stand in.
    pub(crate) fn needs_stand_in(&self) -> bool {
        let words = &self.words;
        words.exclude.is_some()
            || words.hash.is_some()
            || !words.mask_json.is_empty()
            || words.max_bytes.is_some()
    }
}

impl FieldWords {
    /// Adds `word`, as said on the struct at `span`; false if it was said before.
    fn add(&mut self, word: &str, span: Span) -> bool {
        self.given.get_or_insert(span);
        match word {
            "exclude" => self.exclude.replace(span).is_none(),
            "mask" if self.mask.is_some() => false,
            "mask" => self.mask.replace(Mask { span, text: None }).is_none(),
            "hash" => self.hash.replace(span).is_none(),
            _ => self.quiet.replace(span).is_none(),
        }
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = &LitStr> {
        self.mask.iter().filter_map(|mask| mask.text.as_ref())
    }
}

fn fields<'a>(input: &'a DeriveInput, errors: &mut Errors) -> Vec<Field<'a>> {
    let Data::Struct(data) = &input.data else { return Vec::new() };
    let Fields::Named(named) = &data.fields else { return Vec::new() };
    let mut fields = Vec::new();
    for field in &named.named {
        let Some(ident) = &field.ident else { continue };
        let words = attr::of_field(&field.attrs, errors);
        if let Some(column) = column::of_field(field, ident, errors) {
            fields.push(Field { ident, ty: &field.ty, column, words });
        }
    }
    fields
}
