//! The helpdesk as its users and its database see it.

mod audit;
mod browser;
mod failure;
mod login;
mod origin;
mod past;
mod posts;
mod redaction;
mod seed;
mod tickets;
