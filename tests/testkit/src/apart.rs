//! Asynchronous work outside the caller's runtime.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Runs the work to its end on a thread and a runtime of its own, and blocks until then. It does
/// not matter whether the caller is inside a runtime, or whether that runtime is ending.
pub(crate) fn run<Work, Out>(work: impl FnOnce() -> Work + Send) -> Out
where
    Work: Future<Output = Out>,
    Out: Send,
{
    thread::scope(|scope| match scope.spawn(|| block_on(work())).join() {
        Ok(out) => out,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

/// Starts such work and waits for its end, but no longer than that; it goes on nevertheless.
pub(crate) fn start<Work>(patience: Duration, work: impl FnOnce() -> Work + Send + 'static)
where
    Work: Future<Output = ()>,
{
    let (done, ended) = mpsc::channel();
    thread::spawn(move || {
        block_on(work());
        // Nobody listens any more if it took long.
        let _ = done.send(());
    });
    // Too late, or it panicked and has said so: either way there is nothing to do.
    let _ = ended.recv_timeout(patience);
}

fn block_on<Out>(work: impl Future<Output = Out>) -> Out {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a thread can have a runtime")
        .block_on(work)
}
