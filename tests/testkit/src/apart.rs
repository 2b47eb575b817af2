//! Asynchronous work outside the caller's runtime.

use std::thread;

/// Runs the work to its end on a thread and a runtime of its own, and blocks until then. It does
/// not matter whether the caller is inside a runtime, or whether that runtime is ending.
pub(crate) fn run<Work, Out>(work: impl FnOnce() -> Work + Send) -> Out
where
    Work: Future<Output = Out>,
    Out: Send,
{
    let body = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a thread can have a runtime")
            .block_on(work())
    };
    thread::scope(|scope| match scope.spawn(body).join() {
        Ok(out) => out,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}
