//! A call that AWS refused, as a text states it: who was denied what on what, and which kind of policy said no.
//!
//! Most services answer with one sentence, which [`sentence`] reads. Where a service gives none, an SDK still prints the
//! operation, which [`operation`] reads; what operations are called as actions is data (`knowledge/operations.toml`).

mod named;
mod open;
mod operation;
mod sentence;

pub use open::continued;

use crate::id::is_account;

/// A denied call, as far as the text states it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Denial {
    /// ARN of the principal, mostly an assumed-role session; [`ANONYMOUS`] where the call was not signed.
    pub principal: Option<String>,
    pub action: String,
    /// Other actions whose lack the text fits as well: an operation may cost several.
    pub also: Vec<String>,
    pub resource: Option<String>,
    /// An explicit deny, rather than the lack of an allow.
    pub explicit: bool,
    pub layer: Option<DenialLayer>,
    /// ARN of the denying policy, where the sentence names it.
    pub policy: Option<String>,
}

/// Who made a call that carried no credentials.
pub const ANONYMOUS: &str = "anonymous";

/// The kind of policy that the sentence holds responsible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DenialLayer {
    Identity,
    Resource,
    Boundary,
    Session,
    ServiceControl,
    ResourceControl,
    Endpoint,
}

impl Denial {
    /// The first denial in a text that has AWS's sentence.
    pub fn find(text: &str) -> Option<Self> {
        sentence::read(text)
    }

    /// The first denial in what an application prints: AWS's sentence, or an SDK's words for an answer without one.
    pub fn of_application(text: &str) -> Option<Self> {
        sentence::read(text).or_else(|| operation::read(text))
    }

    /// The kind of policy that lacks an allow, in words, where the sentence holds one responsible that is not the role's own.
    pub fn lacking(&self) -> Option<&'static str> {
        Some(match self.layer.filter(|_| !self.explicit)? {
            DenialLayer::Identity => return None,
            DenialLayer::Resource => "policy of the resource",
            DenialLayer::Boundary => "permissions boundary",
            DenialLayer::Session => "session policy",
            DenialLayer::ServiceControl => "service control policy",
            DenialLayer::ResourceControl => "resource control policy",
            DenialLayer::Endpoint => "VPC endpoint's policy",
        })
    }

    /// Name of the role of the assumed-role session that was denied, and the session's name.
    pub fn role_session(&self) -> Option<(&str, &str)> {
        let rest = self.principal.as_deref()?.split_once(":assumed-role/")?.1;
        rest.split_once('/')
    }

    /// Whether the session is a container instance's: it has the instance's id as name.
    pub fn is_of_instance(&self) -> bool {
        self.role_session().is_some_and(|(_, session)| session.starts_with("i-"))
    }

    /// Whether an IAM user was denied, by a key of its own.
    pub fn is_of_user(&self) -> bool {
        self.principal.as_deref().is_some_and(|principal| principal.contains(":user/"))
    }

    /// Whether the principal and the resource are of two accounts that the sentence states.
    pub fn is_cross_account(&self) -> bool {
        let accounts = (self.principal.as_deref().and_then(account), self.resource.as_deref().and_then(account));
        matches!(accounts, (Some(principal), Some(resource)) if principal != resource)
    }
}

/// The account of an ARN, if it is one rather than a mask.
fn account(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| is_account(account))
}
