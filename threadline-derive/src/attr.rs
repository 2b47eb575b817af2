//! Reads `#[audited(…)]`. It decides nothing: what a word means together with others is checked later.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, LitBool, LitInt, LitStr, Meta, Path, Token, token};

use crate::errors::Errors;
use crate::suggest::suggest;
use crate::word::Place;

/// What `#[audited(…)]` says on one field.
#[derive(Default)]
pub(crate) struct FieldWords {
    /// Where the first attribute is, if there is one.
    pub(crate) given: Option<Span>,
    pub(crate) exclude: Option<Span>,
    pub(crate) mask: Option<Mask>,
    pub(crate) hash: Option<Span>,
    pub(crate) mask_json: Vec<LitStr>,
    pub(crate) max_bytes: Option<Limit>,
    pub(crate) quiet: Option<Span>,
    pub(crate) stand_in: Option<TokenStream>,
}

/// The word `mask`, and its text if it has one.
pub(crate) struct Mask {
    pub(crate) span: Span,
    pub(crate) text: Option<LitStr>,
}

/// The word `max_bytes`, and its number.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) span: Span,
    pub(crate) bytes: u32,
}

/// The kind of trigger that `mode` asks for.
#[derive(Clone, Copy)]
pub(crate) enum Mode {
    Statement,
    Row,
}

/// What `#[audited(…)]` says on the struct.
#[derive(Default)]
pub(crate) struct StructWords {
    pub(crate) exclude: Vec<Ident>,
    pub(crate) mask: Vec<Ident>,
    pub(crate) hash: Vec<Ident>,
    pub(crate) quiet: Vec<Ident>,
    pub(crate) placeholder: Option<LitStr>,
    pub(crate) key: Option<Vec<Ident>>,
    pub(crate) capture_noop: Option<Span>,
    pub(crate) mode: Option<Mode>,
    pub(crate) register: Option<bool>,
    pub(crate) crate_path: Option<Path>,
}

/// Reads the attributes of one field.
pub(crate) fn of_field(attrs: &[Attribute], errors: &mut Errors) -> FieldWords {
    let mut words = FieldWords::default();
    for attr in audited(attrs) {
        words.given.get_or_insert_with(|| path_span(attr));
        read(attr, Place::Field, errors, |word, input| words.take(word, input));
    }
    words
}

/// Reads the attributes of the struct.
pub(crate) fn of_struct(attrs: &[Attribute], errors: &mut Errors) -> StructWords {
    let mut words = StructWords::default();
    for attr in audited(attrs) {
        read(attr, Place::Struct, errors, |word, input| words.take(word, input));
    }
    words
}

/// The attributes among `attrs` that are `#[audited]`.
pub(crate) fn audited(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("audited"))
}

fn path_span(attr: &Attribute) -> Span {
    attr.path().get_ident().map_or_else(Span::call_site, Ident::span)
}

impl FieldWords {
    fn take(&mut self, word: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        match word.to_string().as_str() {
            "exclude" => {
                bare(word, input)?;
                once(&mut self.exclude, word, word.span())
            }
            "mask" => {
                let text = if input.peek(Token![=]) { Some(text(word, input)?) } else { None };
                if text.is_none() {
                    bare(word, input)?;
                }
                once(&mut self.mask, word, Mask { span: word.span(), text })
            }
            "hash" => {
                bare(word, input)?;
                once(&mut self.hash, word, word.span())
            }
            "mask_json" => {
                self.mask_json.push(text(word, input)?);
                Ok(())
            }
            "max_bytes" => {
                let limit = limit(word, input)?;
                once(&mut self.max_bytes, word, limit)
            }
            "quiet" => {
                bare(word, input)?;
                once(&mut self.quiet, word, word.span())
            }
            "stand_in" => {
                let value = expression(word, input)?;
                once(&mut self.stand_in, word, value)
            }
            other => Err(syn::Error::new(word.span(), Place::Field.unknown(other))),
        }
    }
}

impl StructWords {
    fn take(&mut self, word: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        match word.to_string().as_str() {
            "exclude" => self.exclude.extend(field_list(word, input)?),
            "mask" => self.mask.extend(field_list(word, input)?),
            "hash" => self.hash.extend(field_list(word, input)?),
            "quiet" => self.quiet.extend(field_list(word, input)?),
            "placeholder" => {
                let text = text(word, input)?;
                return once(&mut self.placeholder, word, text);
            }
            "key" => {
                let columns = key(word, input)?;
                return once(&mut self.key, word, columns);
            }
            "capture_noop" => {
                bare(word, input)?;
                return once(&mut self.capture_noop, word, word.span());
            }
            "mode" => {
                let mode = mode(word, input)?;
                return once(&mut self.mode, word, mode);
            }
            "register" => {
                let value = value::<LitBool>(word, input, "`register = false`")?.value;
                return once(&mut self.register, word, value);
            }
            "crate" => {
                let path = crate_path(word, input)?;
                return once(&mut self.crate_path, word, path);
            }
            other => return Err(syn::Error::new(word.span(), Place::Struct.unknown(other))),
        }
        Ok(())
    }
}

/// Hands each word of `attr` to `take`. After a mistake it goes on with the next word.
fn read(
    attr: &Attribute,
    place: Place,
    errors: &mut Errors,
    mut take: impl FnMut(&Ident, ParseStream<'_>) -> syn::Result<()>,
) {
    let list = match &attr.meta {
        Meta::List(list) if !list.tokens.is_empty() => list,
        _ => return errors.on(attr, format!("nothing is said; {}", place.usage())),
    };
    let parsed = list.parse_args_with(|input: ParseStream<'_>| {
        while !input.is_empty() {
            let taken = match input.call(Ident::parse_any) {
                Ok(word) => take(&word, input),
                Err(error) => Err(syn::Error::new(error.span(), place.usage())),
            };
            match taken {
                Err(error) => errors.push(error),
                Ok(()) if input.is_empty() || input.peek(Token![,]) => {}
                Ok(()) => errors.at(input.span(), "expected `,`"),
            }
            tokens_to_comma(input)?;
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(())
    });
    if let Err(error) = parsed {
        errors.push(error);
    }
}

fn once<T>(slot: &mut Option<T>, word: &Ident, value: T) -> syn::Result<()> {
    if slot.is_some() {
        return Err(syn::Error::new(word.span(), format!("`{word}` is given twice")));
    }
    *slot = Some(value);
    Ok(())
}

/// The word stands alone.
fn bare(word: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    let message = if input.peek(token::Paren) {
        format!("`{word}` takes no list here: a list of fields belongs on the struct")
    } else if input.peek(Token![=]) {
        format!("`{word}` takes no value")
    } else {
        "expected `,`".to_owned()
    };
    Err(syn::Error::new(input.span(), message))
}

/// `= value`.
fn value<T: syn::parse::Parse>(
    word: &Ident,
    input: ParseStream<'_>,
    usage: &str,
) -> syn::Result<T> {
    if !input.peek(Token![=]) {
        return Err(syn::Error::new(word.span(), format!("`{word}` needs a value: {usage}")));
    }
    input.parse::<Token![=]>()?;
    input.parse().map_err(|error| syn::Error::new(error.span(), format!("expected {usage}")))
}

fn text(word: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    value(word, input, &format!("`{word} = \"…\"`"))
}

/// `= number`, of bytes.
fn limit(word: &Ident, input: ParseStream<'_>) -> syn::Result<Limit> {
    let usage = "`max_bytes = <number>`, with a number of bytes from 1 to 4294967295";
    let number: LitInt = value(word, input, usage)?;
    match number.base10_parse::<u32>() {
        Ok(bytes) if bytes > 0 => Ok(Limit { span: word.span(), bytes }),
        Ok(_) => {
            let message = "`max_bytes = 0` keeps no value at all: write `exclude`, or name a limit";
            Err(syn::Error::new(number.span(), message))
        }
        Err(_) => Err(syn::Error::new(number.span(), format!("expected {usage}"))),
    }
}

/// `= "statement"` or `= "row"`.
fn mode(word: &Ident, input: ParseStream<'_>) -> syn::Result<Mode> {
    let text = text(word, input)?;
    match text.value().as_str() {
        "statement" => Ok(Mode::Statement),
        "row" => Ok(Mode::Row),
        other => {
            let meant = suggest(other, ["statement", "row"]);
            let message = format!(
                "unknown mode `{other}`{meant}; a table is captured by `mode = \"statement\"` or \
                 `mode = \"row\"`; without the word its own triggers and kind decide"
            );
            Err(syn::Error::new(text.span(), message))
        }
    }
}

fn crate_path(word: &Ident, input: ParseStream<'_>) -> syn::Result<Path> {
    value::<ModPath>(word, input, "`crate = path`").map(|path| path.0)
}

/// A path that may be one of keywords, as `crate::audit`.
struct ModPath(Path);

impl syn::parse::Parse for ModPath {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Path::parse_mod_style(input).map(Self)
    }
}

/// `(field, …)`.
fn field_list(word: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    let usage = format!("`{word}` lists fields here: `{word}(field, …)`");
    if !input.peek(token::Paren) {
        return Err(syn::Error::new(word.span(), usage));
    }
    idents(&input.parse()?, &usage)
}

/// `= [field, …]`.
fn key(word: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    let usage = "`key` lists fields: `key = [field, …]`";
    if !input.peek(Token![=]) {
        return Err(syn::Error::new(word.span(), usage));
    }
    input.parse::<Token![=]>()?;
    if !input.peek(token::Bracket) {
        return Err(syn::Error::new(input.span(), usage));
    }
    idents(&input.parse()?, usage)
}

fn idents(group: &Group, usage: &str) -> syn::Result<Vec<Ident>> {
    let parser = Punctuated::<Ident, Token![,]>::parse_terminated_with;
    let parsed = (|input: ParseStream<'_>| parser(input, Ident::parse_any)).parse2(group.stream());
    match parsed {
        Ok(idents) if !idents.is_empty() => Ok(idents.into_iter().collect()),
        Ok(_) => Err(syn::Error::new(group.span(), usage)),
        Err(error) => Err(syn::Error::new(error.span(), usage)),
    }
}

/// `= expression`, of any form: what only the compiler can read is handed on up to the comma.
fn expression(word: &Ident, input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let usage = format!("`{word}` needs a value: `{word} = <expression>`");
    if !input.peek(Token![=]) {
        return Err(syn::Error::new(word.span(), usage));
    }
    input.parse::<Token![=]>()?;
    let ahead = input.fork();
    let whole = ahead.parse::<Expr>().is_ok() && (ahead.is_empty() || ahead.peek(Token![,]));
    let tokens =
        if whole { input.parse::<Expr>()?.into_token_stream() } else { tokens_to_comma(input)? };
    if tokens.is_empty() { Err(syn::Error::new(word.span(), usage)) } else { Ok(tokens) }
}

fn tokens_to_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}
