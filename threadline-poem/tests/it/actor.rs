//! Who it is, is for the host to say.

use poem::http::StatusCode;
use poem::test::TestClient;
use poem::{EndpointExt, Request};
use serde_json::json;
use threadline::ActorRef;
use threadline_poem::Audit;

use crate::{context, nobody, tell, user};

#[derive(Clone)]
struct CurrentUser(i32);

#[tokio::test]
async fn the_actor_function_is_the_only_authority() {
    let claims = [
        ("x-actor", "user:1"),
        ("x-user-id", "1"),
        ("x-forwarded-user", "root"),
        ("authorization", "Bearer 1"),
    ];
    let (told, _) = context(user(), &claims).await;
    assert_eq!(told["actor"], json!({"type": "user", "id": "7"}));
    let (told, _) = context(nobody(), &claims).await;
    assert_eq!(told.get("actor"), None);
}

#[tokio::test]
async fn it_sees_what_the_authentication_left() {
    let audit = Audit::new(|req| req.data::<CurrentUser>().map(|user| ActorRef::user(user.0)));
    let app = tell.with(audit).before(|mut req: Request| async move {
        req.set_data(CurrentUser(12));
        Ok(req)
    });
    let response = TestClient::new(app).get("/").send().await;
    let body = response.0.into_body().into_string().await.unwrap();
    assert!(body.contains(r#""id":"12""#), "{body}");
}

#[tokio::test]
async fn an_actor_may_have_to_be_loaded() {
    let audit = Audit::new_async(|req| {
        let token = req.header("authorization").map(str::to_owned);
        async move {
            tokio::task::yield_now().await;
            Ok(token.map(ActorRef::user))
        }
    });
    let (told, _) = context(audit.clone(), &[("authorization", "t-1")]).await;
    assert_eq!(told["actor"]["id"], json!("t-1"));
    let (told, _) = context(audit, &[]).await;
    assert_eq!(told.get("actor"), None);
}

#[tokio::test]
async fn a_store_that_cannot_be_reached_is_not_nobody() {
    let audit = Audit::new_async(|_| async {
        Err(poem::Error::from_status(StatusCode::SERVICE_UNAVAILABLE))
    });
    let response = TestClient::new(tell.with(audit)).get("/").send().await;
    response.assert_status(StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.0.header("x-request-id").is_some());
}
