//! How much a request may send.

use std::sync::Arc;

use poem::{Endpoint, Request};

/// More than the longest reply that anybody writes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Reads the body before anything else does, and no more of it than permitted; a larger one is
/// answered with 413, whether or not it says its length.
///
/// A real application also limits how often somebody may try to sign in, before it comes to this.
pub(crate) async fn small_bodies<E: Endpoint>(
    endpoint: Arc<E>,
    mut request: Request,
) -> poem::Result<E::Output> {
    let body = request.take_body().into_bytes_limit(MAX_BODY_BYTES).await?;
    request.set_body(body);
    endpoint.call(request).await
}
