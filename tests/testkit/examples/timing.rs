//! Timing.
use sea_orm::ConnectionTrait;
use std::time::Instant;
use threadline_testkit::*;
static T: Template = Template::new("t", |db| {
    Box::pin(async move {
        for i in 0..50 {
            db.execute_unprepared(&format!("create table t{i} (id int primary key, x text)"))
                .await?;
        }
        Ok(())
    })
});
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let t = Instant::now();
    Server::shared().await.unwrap();
    println!("start {:?}", t.elapsed());
    let t = Instant::now();
    let _a = TestDb::from(&T).await;
    println!("template {:?}", t.elapsed());
    let t = Instant::now();
    let d = TestDb::from(&T).await;
    println!("copy {:?}", t.elapsed());
    let t = Instant::now();
    let c = d.pool_of(1).await;
    println!("connect {:?}", t.elapsed());
    let t = Instant::now();
    c.execute_unprepared("select 1").await.unwrap();
    println!("query {:?}", t.elapsed());
    drop(d);
    let t = Instant::now();
    let e = TestDb::from(&T).await;
    println!("drop+copy {:?}", t.elapsed());
    let c = e.pool_of(1).await;
    for s in ["", "STRATEGY FILE_COPY", "STRATEGY WAL_LOG"] {
        for i in 0..3 {
            let t = Instant::now();
            c.execute_unprepared(&format!(
                "create database x{}{i} template template0 {s}",
                s.len()
            ))
            .await
            .unwrap();
            println!("create {s} {:?}", t.elapsed());
            let t = Instant::now();
            c.execute_unprepared(&format!("drop database x{}{i} with (force)", s.len()))
                .await
                .unwrap();
            println!("drop {:?}", t.elapsed());
        }
    }
}
