//! Who may see what: what the host decides at every request. Nothing here knows the web framework.

use threadline::{ActorRef, Predicate};

/// What a viewer may do beyond looking at the timeline, transactions, rows and actors of their scope.
///
/// None of them comes with another, and a [`Grant`] has none until it is [allowed](Grant::allow).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// Take changes away as a file.
    Export,
    /// See which tables are covered, and what is wrong with the others. It says names of tables, never
    /// anything of their rows.
    Coverage,
    /// See what is redacted, as configured and as deployed.
    Policy,
    /// For pages on retention, which this version does not have.
    Retention,
    /// For pages on evidence, which this version does not have.
    Evidence,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Export, Self::Coverage, Self::Policy, Self::Retention, Self::Evidence];

    /// The word for it, as in logs: `export`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Coverage => "coverage",
            Self::Policy => "policy",
            Self::Retention => "retention",
            Self::Evidence => "evidence",
        }
    }
}

/// What the host has granted to whoever makes a request: who they are, which changes they may see, and
/// what they may do with them. It is asked for again at every request, and never kept.
///
/// There are two ways to make one, so that seeing everything has to be written out:
///
/// ```
/// use threadline::{ActorRef, Predicate};
/// use threadline_poem::{Capability, Grant};
///
/// let admin = Grant::everything(ActorRef::admin(1)).allow(Capability::Export);
///
/// let organization = 7;
/// let support = Grant::scoped(
///     ActorRef::user(42),
///     format!("organization {organization}"),
///     Predicate::column("organization_id", organization),
/// );
/// # let _ = (admin, support);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a grant that the authoriser does not return grants nothing"]
pub struct Grant {
    viewer: ActorRef,
    name: Option<String>,
    scope: Option<(String, Predicate)>,
    hides_values: bool,
    capabilities: Vec<Capability>,
}

impl Grant {
    /// Every change may be seen.
    pub fn everything(viewer: ActorRef) -> Self {
        Self { viewer, name: None, scope: None, hides_values: false, capabilities: Vec::new() }
    }

    /// Only the changes that satisfy the predicate may be seen, as if there were no others. `label` says
    /// in the header what the view is narrowed to.
    pub fn scoped(viewer: ActorRef, label: impl Into<String>, predicate: Predicate) -> Self {
        Self { scope: Some((label.into(), predicate)), ..Self::everything(viewer) }
    }

    /// What the header calls the viewer; otherwise it is the actor's reference.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Allows this, too.
    pub fn allow(mut self, capability: Capability) -> Self {
        if !self.capabilities.contains(&capability) {
            self.capabilities.push(capability);
        }
        self
    }

    /// Shows that columns changed, who changed them and when, but none of their values: every value says
    /// "hidden", filters by value are refused, and nothing can be exported. Keys of rows are shown.
    pub fn hide_values(mut self) -> Self {
        self.hides_values = true;
        self
    }

    /// Who looks.
    pub fn viewer(&self) -> &ActorRef {
        &self.viewer
    }

    /// Whether this is allowed. Without values there is nothing to export.
    pub fn may(&self, capability: Capability) -> bool {
        let is_hidden = self.hides_values && capability == Capability::Export;
        self.capabilities.contains(&capability) && !is_hidden
    }

    pub(crate) fn display_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.viewer.to_string())
    }

    pub(crate) fn scope_label(&self) -> Option<&str> {
        self.scope.as_ref().map(|(label, _)| label.as_str())
    }

    pub(crate) fn predicate(&self) -> Option<&Predicate> {
        self.scope.as_ref().map(|(_, predicate)| predicate)
    }

    pub(crate) fn hides_values(&self) -> bool {
        self.hides_values
    }
}

/// What the host says to a request.
#[derive(Clone, Debug)]
pub enum Decision {
    /// The request is answered, within the grant.
    Allow(Grant),
    /// The request is refused. What the surface has is not told.
    Deny,
    /// Whoever asks is sent to this path of the host, to sign in: `/login`. It has to begin with one
    /// slash, or the request is refused.
    Login(String),
}

impl From<Option<Grant>> for Decision {
    fn from(grant: Option<Grant>) -> Self {
        grant.map_or(Self::Deny, Self::Allow)
    }
}

/// An authoriser that fails has allowed nothing.
impl<T: Into<Self>, E: std::fmt::Display> From<Result<T, E>> for Decision {
    fn from(result: Result<T, E>) -> Self {
        result.map_or_else(
            |error| {
                tracing::error!(
                    name: "threadline.operator.authorise_failed",
                    target: "threadline",
                    %error,
                    "the authoriser of the operator pages failed, and the request is refused"
                );
                Self::Deny
            },
            Into::into,
        )
    }
}
