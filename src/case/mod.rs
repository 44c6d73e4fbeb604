//! The facts about one failure at one instant, and the questions that they answer.
//!
//! A [`Case`] maps each [`Need`] that was asked to a [`Fact`]: what AWS said, or the [`Gap`] that says why nothing is
//! known. Everything that enters is cleaned of control characters and secrets on the way in, so whatever reads a
//! case may print it. A case is what a snapshot holds: replaying one is answering every need without a call.

mod answer;
mod container_instance;
mod facts;
mod file_system;
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
mod target_group;
mod task;
mod task_definition;
mod time;

pub use answer::Answer;
pub use container_instance::{ContainerInstance, ContainerInstances};
pub use facts::{Case, Fact, Gap, Origin};
pub use file_system::{AccessPoint, FileSystem};
pub use iam::{AttachedPolicies, ManagedPolicy, PolicyDocument, PolicyNames, Role};
pub use image::{
    Image, ImagePlatforms, ImageTags, LifecyclePolicy, Platform, PullThroughCacheRule, PullThroughCacheRules,
};
pub use logs::{CapturedEvents, LogEvent, LogEvents, LogGroup, LogStreams};
pub use need::{Need, Tier};
pub use redact::{clean, clean_line, plain};
pub use secret::{Key, KeyGrant, KeyGrants, Object, Parameter, Parameters, Secret, SecretVersions};
pub use service::{
    AwsVpcConfiguration, Deployment, DeploymentController, NetworkConfiguration, Service, ServiceEvent,
    ServiceLoadBalancer, ServiceNames, Services,
};
pub use simulation::{SimulatedCall, SimulatedCalls, SimulatedDecision, Simulation};
pub use snapshot::{Loaded, SnapshotError, load, load_task_definition, save};
pub use target::{Disagreement, Names, Stating, Target, TargetError, agree};
pub use target_group::{Target as RegisteredTarget, TargetGroup, TargetHealth};
pub use task::{Attachment, Container, ContainerOverride, Failure, KeyValue, Overrides, Task, TaskArns, Tasks};
pub use task_definition::{
    Attribute, ContainerDefinition, Dependency, EfsAuthorization, EfsVolume, EnvironmentFile, FirelensConfiguration,
    LogConfiguration, RepositoryCredentials, RuntimePlatform, SecretOption, TaskDefinition, Volume,
};
