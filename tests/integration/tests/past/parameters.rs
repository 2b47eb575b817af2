//! What the queries ask for, at random.

use fastrand::Rng;
use sea_orm::prelude::{DateTimeUtc, Decimal, Uuid};

use crate::entities::invoice::State;
use crate::entities::person::Mood;
use crate::rows::{CITIES, KEYS, NAMES, WORDS, number, one, uuid};

#[derive(Clone, Debug)]
pub(crate) struct Parameters {
    pub(crate) person: i32,
    pub(crate) people: Vec<i32>,
    pub(crate) post: i64,
    pub(crate) posts: Vec<i64>,
    pub(crate) tag: i32,
    pub(crate) comment: Uuid,
    pub(crate) comments: Vec<Uuid>,
    pub(crate) mood: Mood,
    pub(crate) state: State,
    pub(crate) name: String,
    pub(crate) word: &'static str,
    pub(crate) city: &'static str,
    pub(crate) low: Decimal,
    pub(crate) high: Decimal,
    pub(crate) at: DateTimeUtc,
    pub(crate) limit: u64,
    pub(crate) offset: u64,
    pub(crate) flag: bool,
}

impl Parameters {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let some = rng.usize(..6);
        let low = rng.u32(..80);
        Self {
            person: key(rng),
            people: (0..some).map(|_| key(rng)).collect(),
            post: key(rng).into(),
            posts: (0..some).map(|_| key(rng).into()).collect(),
            tag: rng.i32(0..8),
            comment: comment(rng),
            comments: (0..some).map(|_| comment(rng)).collect(),
            mood: [Mood::Calm, Mood::Cross, Mood::Happy][rng.usize(..3)],
            state: [State::Draft, State::Sent, State::Paid][rng.usize(..3)],
            name: one(rng, &NAMES).replace("''", "'"),
            word: one(rng, &WORDS),
            city: one(rng, &CITIES),
            low: Decimal::new(i64::from(low) * 100 + 25, 2),
            high: Decimal::from(low + rng.u32(..80)),
            at: DateTimeUtc::from_timestamp(1_767_225_600 + rng.i64(0..25_000_000), 0)
                .expect("a time of this year"),
            limit: rng.u64(1..8),
            offset: rng.u64(..6),
            flag: rng.bool(),
        }
    }
}

/// Mostly one that may exist; now and then a key that was turned round, or none.
fn key(rng: &mut Rng) -> i32 {
    let key = i32::try_from(number(rng)).unwrap_or_default();
    match rng.u8(..12) {
        0 => -key,
        1 => key + i32::try_from(KEYS).unwrap_or_default(),
        _ => key,
    }
}

fn comment(rng: &mut Rng) -> Uuid {
    uuid(number(rng)).parse().expect("a uuid")
}
