//! How often one viewer may ask for what is dear, and how much of it is made at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use threadline::ActorRef;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::pages::{Cost, Refusal};

/// How many exports are made at once in the whole process. Each is held in memory, and takes one of the
/// turns that panels need as well.
const EXPORTS_AT_ONCE: usize = 2;
/// After so many seconds an export that is under way is likely to have ended.
const WHILE_EXPORTING: u64 = 5;
/// How many pages of one viewer are read at once. Others wait, so that somebody with many tabs is not refused
/// and yet cannot take every connection from everybody else.
const PAGES_AT_ONCE: usize = 8;
/// A page does not wait longer for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// No more viewers are remembered. Only those are who have asked for something dear within the last minute.
const MOST_VIEWERS: usize = 10_000;

/// So many at once, and then one for each while that passes.
#[derive(Clone, Copy)]
struct Rate {
    burst: u32,
    every: Duration,
}

const EXPORTS: Rate = Rate { burst: 10, every: Duration::from_secs(6) };
/// Twenty tabs that ask as often as they may are within it.
const POLLS: Rate = Rate { burst: 30, every: Duration::from_millis(250) };

/// A bucket of tokens, told by the moment at which it is full again: that is all there is to know of it.
#[derive(Clone, Copy)]
struct Bucket {
    full_at: Instant,
}

impl Bucket {
    /// Takes a token, or says how long there will be none.
    fn take(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        let full_at = self.full_at.max(now) + rate.every;
        let longest = rate.every * rate.burst;
        match full_at.duration_since(now).checked_sub(longest) {
            None | Some(Duration::ZERO) => {
                self.full_at = full_at;
                Ok(())
            }
            Some(wait) => Err(wait),
        }
    }
}

struct Viewer {
    exports: Bucket,
    polls: Bucket,
    is_exporting: bool,
    reading: Arc<Semaphore>,
}

impl Viewer {
    fn new(now: Instant) -> Self {
        let full = Bucket { full_at: now };
        Self {
            exports: full,
            polls: full,
            is_exporting: false,
            reading: Arc::new(Semaphore::new(PAGES_AT_ONCE)),
        }
    }

    /// Whether forgetting this viewer changes nothing.
    fn is_idle(&self, now: Instant) -> bool {
        let is_reading = Arc::strong_count(&self.reading) > 1;
        !self.is_exporting
            && !is_reading
            && self.exports.full_at <= now
            && self.polls.full_at <= now
    }
}

#[derive(Default)]
struct State {
    viewers: HashMap<String, Viewer>,
    exporting: usize,
}

/// What all viewers have asked for lately.
#[derive(Default)]
pub(super) struct Turns(Mutex<State>);

/// The right to make what was asked for; dropped, the next may.
pub(super) struct Turn<'t> {
    turns: &'t Turns,
    /// Who is exporting.
    exporter: Option<String>,
}

impl Turns {
    /// A turn for a page that costs this much.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooMany`] if this viewer has asked too often or is exporting already, and
    /// [`Refusal::Busy`] if others are.
    pub(super) fn admit(
        &self,
        cost: Cost,
        viewer: &ActorRef,
        now: Instant,
    ) -> Result<Turn<'_>, Refusal> {
        if cost == Cost::Little {
            return Ok(Turn { turns: self, exporter: None });
        }
        let name = viewer.to_string();
        let mut state = self.state();
        let exporting = state.exporting;
        let known = state.of(&name, now)?;
        if cost == Cost::Poll {
            known.polls.take(POLLS, now).map_err(later)?;
            return Ok(Turn { turns: self, exporter: None });
        }
        if known.is_exporting {
            return Err(Refusal::TooMany(WHILE_EXPORTING));
        }
        if exporting >= EXPORTS_AT_ONCE {
            return Err(Refusal::Busy);
        }
        known.exports.take(EXPORTS, now).map_err(later)?;
        known.is_exporting = true;
        state.exporting += 1;
        Ok(Turn { turns: self, exporter: Some(name) })
    }

    /// A place for one page of this viewer, which is given back when it is dropped.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooMany`] if none is free for too long, and [`Refusal::Busy`] if nobody else can be
    /// remembered.
    pub(super) async fn place(&self, viewer: &ActorRef) -> Result<OwnedSemaphorePermit, Refusal> {
        let places = self.state().of(&viewer.to_string(), Instant::now())?.reading.clone();
        let place = tokio::time::timeout(PATIENCE, places.acquire_owned()).await;
        place.ok().and_then(Result::ok).ok_or_else(|| later(PATIENCE))
    }

    /// A panic elsewhere leaves counts that are right: nothing here panics between two of them.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What is known of a viewer. Who cannot be remembered has to wait: otherwise nobody would be limited.
    fn of(&mut self, name: &str, now: Instant) -> Result<&mut Viewer, Refusal> {
        if self.viewers.len() >= MOST_VIEWERS && !self.viewers.contains_key(name) {
            self.viewers.retain(|_, viewer| !viewer.is_idle(now));
            if self.viewers.len() >= MOST_VIEWERS {
                return Err(Refusal::Busy);
            }
        }
        Ok(self.viewers.entry(name.to_owned()).or_insert_with(|| Viewer::new(now)))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let Some(name) = self.exporter.take() else { return };
        let mut state = self.turns.state();
        state.exporting = state.exporting.saturating_sub(1);
        if let Some(viewer) = state.viewers.get_mut(&name) {
            viewer.is_exporting = false;
        }
    }
}

/// In whole seconds, and never at once.
fn later(wait: Duration) -> Refusal {
    Refusal::TooMany(wait.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(asked: Result<Turn<'_>, Refusal>) -> Option<u64> {
        match asked.map(drop) {
            Ok(()) => None,
            Err(Refusal::TooMany(seconds)) => Some(seconds),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn s_32_who_asks_often_waits_and_others_do_not() {
        let (turns, mut now) = (Turns::default(), Instant::now());
        let (one, other) = (ActorRef::user(1), ActorRef::user(2));
        for _ in 0..10 {
            assert_eq!(wait(turns.admit(Cost::Export, &one, now)), None);
        }
        assert_eq!(wait(turns.admit(Cost::Export, &one, now)), Some(6));
        assert_eq!(wait(turns.admit(Cost::Export, &other, now)), None);
        assert_eq!(wait(turns.admit(Cost::Poll, &one, now)), None, "another bucket");
        now += Duration::from_millis(5_500);
        assert_eq!(
            wait(turns.admit(Cost::Export, &one, now)),
            Some(1),
            "refused does not cost a token"
        );
        now += Duration::from_millis(500);
        assert_eq!(wait(turns.admit(Cost::Export, &one, now)), None);
        assert_eq!(wait(turns.admit(Cost::Export, &one, now)), Some(6));
    }

    #[test]
    fn s_32_an_open_page_never_asks_too_often() {
        let (turns, mut now) = (Turns::default(), Instant::now());
        let viewer = ActorRef::user(1);
        // Twenty tabs that ask every five seconds, all at once.
        for _ in 0..50 {
            for _ in 0..20 {
                assert_eq!(wait(turns.admit(Cost::Poll, &viewer, now)), None);
            }
            now += Duration::from_secs(5);
        }
        let refused =
            (0..40).filter(|_| wait(turns.admit(Cost::Poll, &viewer, now)).is_some()).count();
        assert_eq!(refused, 10);
        for _ in 0..100 {
            assert_eq!(
                wait(turns.admit(Cost::Little, &viewer, now)),
                None,
                "pages are not counted"
            );
        }
    }

    #[test]
    fn s_31_a_viewer_exports_one_at_a_time_and_all_of_them_a_few() {
        let (turns, now) = (Turns::default(), Instant::now());
        let viewers = [1, 2, 3].map(ActorRef::user);
        let first = turns.admit(Cost::Export, &viewers[0], now).expect("a turn");
        assert_eq!(wait(turns.admit(Cost::Export, &viewers[0], now)), Some(WHILE_EXPORTING));
        let second = turns.admit(Cost::Export, &viewers[1], now).expect("a turn");
        let third = turns.admit(Cost::Export, &viewers[2], now);
        assert!(matches!(third, Err(Refusal::Busy)));
        drop(third);
        drop(first);
        let third = turns.admit(Cost::Export, &viewers[2], now).expect("a turn");
        drop((second, third));
        assert_eq!(turns.state().exporting, 0);
        assert_eq!(wait(turns.admit(Cost::Export, &viewers[0], now)), None);
    }

    #[tokio::test]
    async fn s_31_a_viewer_reads_a_few_pages_at_once_and_the_others_wait() {
        let turns = Turns::default();
        let (one, other) = (ActorRef::user(1), ActorRef::user(2));
        let mut places = Vec::new();
        for _ in 0..PAGES_AT_ONCE {
            places.push(turns.place(&one).await.expect("a place"));
        }
        let soon = Duration::from_millis(50);
        assert!(tokio::time::timeout(soon, turns.place(&one)).await.is_err(), "it waits");
        assert!(turns.place(&other).await.is_ok(), "others are not held up");
        let (waiting, ()) = tokio::join!(turns.place(&one), async { drop(places.pop()) });
        assert!(waiting.is_ok(), "the next one gets the place");
        drop((waiting, places));
        turns.state().viewers.retain(|_, viewer| !viewer.is_idle(Instant::now()));
        assert!(turns.state().viewers.is_empty(), "who reads no more is forgotten");
    }

    #[test]
    fn s_32_who_asks_no_more_is_forgotten_and_memory_is_bounded() {
        let (turns, mut now) = (Turns::default(), Instant::now());
        for number in 0..MOST_VIEWERS {
            drop(turns.admit(Cost::Poll, &ActorRef::user(number), now));
        }
        let one_more = ActorRef::user("one more");
        assert!(matches!(turns.admit(Cost::Poll, &one_more, now), Err(Refusal::Busy)));
        assert_eq!(
            wait(turns.admit(Cost::Poll, &ActorRef::user(7), now)),
            None,
            "who is known may"
        );
        now += Duration::from_secs(1);
        assert_eq!(wait(turns.admit(Cost::Poll, &one_more, now)), None);
        assert_eq!(turns.state().viewers.len(), 1);
    }
}
