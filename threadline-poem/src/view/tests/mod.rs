//! All components together: drawn, and drawn with what should never have been in a database.

mod assets;
mod contrast;
mod gallery;
mod hostile;
mod samples;
