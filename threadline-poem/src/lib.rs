//! threadline-poem.
