//! Pages and cursors: exact at the end, and a walk neither skips nor repeats.

use futures_util::future::join;
use sea_orm::ConnectionTrait;
use threadline::{
    Cursor, Error, Filter, Page, Position, TableName, TimelineEntry, timeline_cursor, timeline_page,
};

use crate::fixture::{Fixture, plain, written};

const DDL: &str = "CREATE TABLE t (id int PRIMARY KEY, v int)";

/// `rows` inserts, of which several have the same time.
async fn inserted(rows: u32) -> Fixture {
    let f = Fixture::audited(DDL, [plain("t")]).await;
    f.run(&format!(
        "INSERT INTO t SELECT i, i FROM generate_series(1, {rows} / 2) i;
        INSERT INTO t SELECT i, i FROM generate_series({rows} / 2 + 1, {rows}) i"
    ))
    .await;
    f
}

fn ids(page: &Page<TimelineEntry>) -> Vec<i64> {
    page.entries.iter().map(|entry| entry.change.id).collect()
}

async fn page(f: &Fixture, filter: &Filter, position: Position) -> Page<TimelineEntry> {
    timeline_page(&f.db, filter, position).await.expect("reads")
}

/// The ids of all pages from a position on, page by page.
async fn walk(f: &Fixture, filter: &Filter, forwards: bool, from: Position) -> Vec<Vec<i64>> {
    let (mut position, mut pages) = (from, Vec::new());
    loop {
        let page = page(f, filter, position).await;
        assert_eq!(page.cursor.is_some(), page.has_more);
        assert!(pages.len() < 100, "the walk never ends");
        pages.push(ids(&page));
        let Some(cursor) = page.cursor else { return pages };
        position = if forwards { Position::After(cursor) } else { Position::Before(cursor) };
    }
}

#[tokio::test]
async fn a_walk_meets_every_entry_once_and_a_full_last_page_is_the_last() {
    let f = inserted(10).await;
    for size in [1, 3, 5, 10, 11] {
        for filter in [Filter::new(), Filter::new().oldest_first()] {
            let filter = filter.limit(size);
            let pages = walk(&f, &filter, true, Position::Start).await;
            let mut all = pages.concat();
            assert_eq!(pages.len(), 10_usize.div_ceil(size as usize), "{filter}");
            assert!(pages.iter().all(|page| !page.is_empty()), "{filter}: {pages:?}");
            let ascends = all.is_sorted();
            assert_eq!(ascends, filter == Filter::new().oldest_first().limit(size));
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), 10, "{filter}: {pages:?}");
        }
    }
}

#[tokio::test]
async fn a_walk_back_gives_the_same_entries_in_the_same_order() {
    let f = inserted(10).await;
    for filter in [Filter::new(), Filter::new().oldest_first()] {
        let filter = filter.limit(4);
        let forwards = walk(&f, &filter, true, Position::Start).await.concat();
        let all = page(&f, &filter.clone().limit(100), Position::Start).await;
        let end = Position::Before(all.last.expect("entries"));
        let mut backwards = walk(&f, &filter, false, end).await;
        backwards.reverse();
        assert_eq!(backwards.concat(), forwards[..9], "{filter}");
    }
}

#[tokio::test]
async fn what_was_added_since_is_before_the_first_entry() {
    let f = inserted(4).await;
    let filter = Filter::new().limit(3);
    let first = page(&f, &filter, Position::Start).await;
    let newest = Position::Before(first.first.expect("entries"));
    let nothing = page(&f, &filter, newest).await;
    assert!(nothing.entries.is_empty() && !nothing.has_more && nothing.cursor.is_none());
    f.run("UPDATE t SET v = 0").await;
    let added = page(&f, &filter, newest).await;
    assert!(added.has_more, "four were added");
    assert!(ids(&added).iter().all(|id| *id > ids(&first)[0]));
}

#[tokio::test]
async fn the_filter_may_carry_the_cursor_as_a_url_does() {
    let f = inserted(5).await;
    let filter = Filter::new().limit(2);
    let first = page(&f, &filter, Position::Start).await;
    let cursor = first.cursor.expect("there is more");
    let url = filter.clone().after(cursor).to_string();
    let second = page(&f, &url.parse().expect("a filter"), Position::Start).await;
    assert_eq!(second, page(&f, &filter, Position::After(cursor)).await);
    let longer = page(&f, &filter.clone().limit(3), Position::After(cursor)).await;
    assert_eq!(ids(&longer)[..2], ids(&second), "another size is no other walk");
}

#[tokio::test]
async fn a_cursor_that_is_damaged_or_of_another_filter_reads_nothing() {
    let f = inserted(5).await;
    let filter = Filter::new().limit(2);
    let cursor = page(&f, &filter, Position::Start).await.cursor.expect("there is more");
    let others =
        [Filter::new().oldest_first(), Filter::new().table(TableName::parse("t").expect("a name"))];
    for other in others {
        for position in [Position::After(cursor), Position::Before(cursor)] {
            let error = timeline_page(&f.db, &other, position).await.expect_err("another filter");
            assert!(matches!(error, Error::InvalidCursor(_)), "{error}");
        }
    }
    let damaged = filter.clone().after("AAAA");
    let error = timeline_page(&f.db, &damaged, Position::Start).await.expect_err("damaged");
    assert!(error.to_string().contains("damaged"), "{error}");
    let twice = filter.clone().after(cursor);
    let error = timeline_page(&f.db, &twice, Position::After(cursor)).await.expect_err("two");
    assert!(error.to_string().contains("one of the two"), "{error}");
    assert!(cursor.to_string().parse::<Cursor>().is_ok());
}

#[tokio::test]
async fn a_walk_beside_writers_neither_skips_nor_repeats() {
    const ROWS: i64 = 400;
    let f = inserted(400).await;
    let writers = f.test_db.pool_of(3).await;
    let filter = Filter::new().limit(7);
    let write = async |from: i64| {
        for i in 0..60 {
            let id = from + i;
            let sql = written(&format!(
                "BEGIN; INSERT INTO t VALUES ({id}, 0); SELECT pg_sleep(0.003);
                UPDATE t SET v = v + 1 WHERE id IN ({id}, {i} + 1); COMMIT"
            ));
            writers.execute_unprepared(&sql).await.expect("writes");
        }
    };
    for forwards in [true, false] {
        let filter = if forwards { filter.clone() } else { filter.clone().oldest_first() };
        let base = if forwards { 10_000 } else { 20_000 };
        let walking = walk_all(&f, &filter);
        let (seen, _) = join(walking, join(write(base), write(base + 5_000))).await;
        let mut old: Vec<i64> = seen.iter().copied().filter(|id| *id <= ROWS).collect();
        let mut all = seen.clone();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), seen.len(), "repeated");
        old.sort_unstable();
        assert_eq!(old, (1..=ROWS).collect::<Vec<_>>(), "skipped");
    }
}

async fn walk_all(f: &Fixture, filter: &Filter) -> Vec<i64> {
    let (mut position, mut seen) = (Position::Start, Vec::new());
    loop {
        let page = page(f, filter, position).await;
        seen.extend(ids(&page));
        let Some(cursor) = page.cursor else { return seen };
        position = Position::After(cursor);
    }
}

#[tokio::test]
async fn a_change_has_its_place_in_a_walk_without_the_walk_being_made() {
    let f = inserted(10).await;
    for filter in [Filter::new(), Filter::new().oldest_first()] {
        let all = page(&f, &filter, Position::Start).await;
        for (place, entry) in all.entries.iter().enumerate() {
            let cursor = timeline_cursor(&filter, &entry.change).expect("a cursor");
            let behind = page(&f, &filter, Position::After(cursor)).await;
            assert_eq!(ids(&behind), ids(&all)[place + 1..], "{filter}");
            let before = page(&f, &filter.clone().limit(3), Position::Before(cursor)).await;
            assert_eq!(ids(&before), ids(&all)[place.saturating_sub(3)..place], "{filter}");
        }
    }
    let other = timeline_cursor(
        &Filter::new(),
        &page(&f, &Filter::new(), Position::Start).await.entries[0].change,
    );
    let refused = Position::After(other.expect("a cursor"));
    let refused = timeline_page(&f.db, &Filter::new().oldest_first(), refused).await;
    assert!(matches!(refused, Err(Error::InvalidCursor(_))));
}
