//! Tests of the components together.
