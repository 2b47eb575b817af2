use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use poem::Request;

use crate::access::Decision;

type Asked = Pin<Box<dyn Future<Output = Decision> + Send>>;

/// Longer than this the authoriser may not think.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the host decides, at every request anew.
#[derive(Clone)]
pub(super) struct Authorise(Arc<dyn Fn(&Request) -> Asked + Send + Sync>);

impl Authorise {
    pub(super) fn new<F, D>(authorise: impl Fn(&Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = D> + Send + 'static,
        D: Into<Decision>,
    {
        Self(Arc::new(move |req| {
            let asked = authorise(req);
            Box::pin(async move { asked.await.into() })
        }))
    }

    /// The decision. An authoriser that panics, or that does not come to an end, has allowed nothing.
    pub(super) async fn decide(&self, req: &Request) -> Decision {
        let asked = std::panic::catch_unwind(AssertUnwindSafe(|| (self.0)(req)));
        let Ok(asked) = asked else { return denied("it panicked") };
        match tokio::time::timeout(PATIENCE, AssertUnwindSafe(asked).catch_unwind()).await {
            Ok(Ok(decision)) => {
                if matches!(decision, Decision::Deny) {
                    tracing::info!(
                        name: "threadline.operator.denied",
                        target: "threadline",
                        "the authoriser denied a request to the operator pages"
                    );
                }
                decision
            }
            Ok(Err(_)) => denied("it panicked"),
            Err(_) => denied("it took longer than 5 s"),
        }
    }
}

fn denied(why: &str) -> Decision {
    tracing::error!(
        name: "threadline.operator.authorise_failed",
        target: "threadline",
        why,
        "the authoriser of the operator pages failed, and the request is refused"
    );
    Decision::Deny
}
