//! Who is signed in. This is the only place that decides who an audited write is put down to.

use std::sync::Arc;
use std::time::Duration;

use helpdesk_entity::user::{self, Role};
use poem::session::{CookieConfig, MemoryStorage, ServerSession, Session};
use poem::web::cookie::SameSite;
use poem::{Endpoint, FromRequest, IntoResponse, Request, RequestBody, Response};
use sea_orm::{DatabaseConnection, EntityTrait};
use threadline::ActorRef;

use crate::error::{AppError, Form};

/// The name of the session's cookie. Its value is a random id and nothing else.
pub const COOKIE: &str = "helpdesk_session";

const USER_ID: &str = "user_id";
const LIFETIME: Duration = Duration::from_secs(8 * 60 * 60);

/// The layer that keeps sessions: in memory, so that a restart signs everybody out.
pub(crate) fn layer() -> ServerSession<MemoryStorage> {
    let cookie = CookieConfig::new()
        .name(COOKIE)
        .http_only(true)
        .same_site(SameSite::Lax)
        // This example is served over plain HTTP on localhost. Behind TLS, leave this line out.
        .secure(false)
        .max_age(LIFETIME);
    ServerSession::new(cookie, MemoryStorage::new())
}

/// Whoever is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Viewer {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) organization_id: i64,
    pub(crate) role: Role,
}

impl Viewer {
    pub(crate) fn of(user: user::Model) -> Self {
        let user::Model { id, name, organization_id, role, .. } = user;
        Self { id, name, organization_id, role }
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// The only organization whose rows they may see; `None` for those who see all.
    pub(crate) fn only_organization(&self) -> Option<i64> {
        (self.role == Role::Support).then_some(self.organization_id)
    }

    /// Whether they may see the rows of an organization.
    pub(crate) fn may_see(&self, organization: i64) -> bool {
        self.only_organization().is_none_or(|only| only == organization)
    }

    /// Who their writes are put down to: by primary key, which is never given to somebody else.
    pub(crate) fn actor(&self) -> ActorRef {
        if self.is_admin() { ActorRef::admin(self.id) } else { ActorRef::user(self.id) }
    }
}

/// Handlers that take a `Viewer` are for people who are signed in.
impl<'a> FromRequest<'a> for Viewer {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(request.data::<Viewer>().cloned().ok_or(AppError::SignedOut)?)
    }
}

/// The layer that looks up the session's user, at each request: whoever is removed or loses a role
/// loses access with the next request, not with the end of the session.
pub(crate) async fn identify<E: Endpoint>(
    endpoint: Arc<E>,
    mut request: Request,
) -> poem::Result<Response> {
    match viewer(&request).await {
        Ok(Some(viewer)) => {
            request.set_data(viewer);
        }
        Ok(None) => {}
        Err(error) => return Ok(Form::of(&request).response(&error.into())),
    }
    Ok(endpoint.call(request).await?.into_response())
}

async fn viewer(request: &Request) -> Result<Option<Viewer>, AppError> {
    let session = request.data::<Session>();
    let Some(id) = session.and_then(|session| session.get::<i64>(USER_ID)) else {
        return Ok(None);
    };
    let db: &DatabaseConnection =
        request.data().ok_or_else(|| AppError::internal("the application has no database"))?;
    Ok(user::Entity::find_by_id(id).one(db).await?.map(Viewer::of))
}

/// The actor of a request, for the audit layer.
pub(crate) fn actor(request: &Request) -> Option<ActorRef> {
    request.data::<Viewer>().map(Viewer::actor)
}

/// Signs somebody in, under a new id: an id that was known before the login is worth nothing after.
pub(crate) fn begin(session: &Session, viewer: &Viewer) {
    session.clear();
    session.renew();
    session.set(USER_ID, viewer.id);
}

/// Signs whoever it is out.
pub(crate) fn end(session: &Session) {
    session.purge();
}
