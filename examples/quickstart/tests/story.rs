//! The program tells what its documentation promises.

use std::process::Command;

use threadline_testkit::TestDb;

#[tokio::test]
async fn the_story_has_every_change_with_who_and_why() {
    let database = TestDb::empty().await;
    let output = Command::new(env!("CARGO_BIN_EXE_quickstart"))
        .env("DATABASE_URL", database.url())
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    for line in [
        "created   public.quickstart_notes",
        "insert by user:7 (note.write)",
        "update by user:7 (note.correct) title: \"Shoping list\" -> \"Shopping list\"",
        "update by nobody named (no action named) title: \"Shopping list\" -> \"Things to return\"",
        "Before the UPDATE the title was \"Shopping list\".",
    ] {
        assert!(told.contains(line), "`{line}` is missing in:\n{told}");
    }
    assert!(!told.contains("surprise"), "a masked value was told:\n{told}");
}
