//! The facts about one failure at one instant, and the questions that they answer.
//!
//! A [`Case`] maps each [`Need`] that was asked to a [`Fact`]: what AWS said, or the [`Gap`] that says why nothing is
//! known. Everything that enters is cleaned of control characters and secrets on the way in, so whatever reads a
//! case may print it. A case is what a snapshot holds: replaying one is answering every need without a call.

mod answer;
mod facts;
mod iam;
mod image;
mod logs;
mod need;
pub mod network;
mod redact;
mod secret;
mod service;
mod simulation;
mod snapshot;
mod target;
mod task;
mod task_definition;
mod time;

pub use answer::Answer;
pub use facts::{Case, Fact, Gap, Origin};
pub use iam::{AttachedPolicies, ManagedPolicy, PolicyDocument, PolicyNames, Role};
pub use image::Image;
pub use logs::{CapturedEvents, LogEvent, LogEvents, LogGroup, LogStreams};
pub use need::Need;
pub use redact::{clean, clean_line, plain};
pub use secret::{Key, KeyGrant, KeyGrants, Parameter, Parameters, Secret};
pub use service::{Deployment, Service, ServiceEvent, ServiceNames, Services};
pub use simulation::{SimulatedCall, SimulatedCalls, SimulatedDecision, Simulation};
pub use snapshot::{Loaded, SnapshotError, load, load_task_definition, save};
pub use target::Target;
pub use task::{Attachment, Container, ContainerOverride, Failure, KeyValue, Overrides, Task, TaskArns, Tasks};
pub use task_definition::{
    Attribute, ContainerDefinition, Dependency, EnvironmentFile, LogConfiguration, RepositoryCredentials,
    RuntimePlatform, SecretOption, TaskDefinition, Volume,
};
