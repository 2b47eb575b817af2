//! A PostgreSQL for as long as this program runs: to try something in `psql`, or for a program that
//! wants a `DATABASE_URL`. Prints the URL of an empty database, and ends with Ctrl-C.

use std::error::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    match threadline_testkit::scratch_database("scratch").await {
        Ok(database) => {
            eprintln!("{}, until Ctrl-C", database.server().origin());
            println!("{}", database.url());
            tokio::signal::ctrl_c().await?;
            Ok(())
        }
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(2);
        }
    }
}
