//! What is being started: a task, what a service tries to start, or a task definition that nothing runs yet, with its
//! roles and its logs.
//!
//! Overrides of the task are applied here once. Which role makes a call on EC2 follows from the definition's
//! `requiresAttributes`, since the documentation's pages disagree on it.

use super::place;
use crate::{
    case::{Case, ContainerDefinition, EnvironmentFile, Service, Task, TaskDefinition},
    id::{Arn, partition_of_region, short_name},
    net::Runs,
};

/// The roles that people confuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleKind {
    /// ECS uses it to start the task.
    Execution,
    /// The application uses it once it runs.
    Task,
    /// The container instance's, which may stand in for the execution role on EC2.
    Instance,
}

impl RoleKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Execution => "execution",
            Self::Task => "task",
            Self::Instance => "instance",
        }
    }
}

/// A role by kind; without an ARN where the definition names none, or it cannot be learnt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleRef {
    pub kind: RoleKind,
    pub arn: Option<String>,
}

impl RoleRef {
    /// The role's name, without the path.
    pub fn name(&self) -> Option<&str> {
        self.arn.as_deref().map(short_name)
    }

    /// The name under which that account's IAM knows the role; `None` for a role of another account.
    pub fn name_in(&self, account: &str) -> Option<&str> {
        let arn: Arn = self.arn.as_deref()?.parse().ok()?;
        self.name().filter(|_| arn.account == account || account.is_empty())
    }
}

/// Where a container's output goes, if the awslogs driver takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStream {
    pub region: String,
    pub group: String,
    /// `None` where the driver takes the container's id, which is not known before it ran.
    pub stream: Option<String>,
}

/// A task definition in use.
#[derive(Debug, Clone)]
pub struct Workload<'a> {
    pub task: Option<&'a Task>,
    pub service: Option<&'a Service>,
    pub definition: &'a TaskDefinition,
    pub region: String,
    pub account: String,
    /// Whether the execution role makes every call, as on Fargate and on Managed Instances.
    pub fargate: bool,
}

/// Compatibilities under which a container instance's role starts nothing.
const WITHOUT_INSTANCE_ROLE: [&str; 2] = ["FARGATE", "MANAGED_INSTANCES"];

impl<'a> Workload<'a> {
    /// The task's workload, or the service's if there is no task.
    pub fn of(case: &'a Case, task: Option<&'a Task>, service: Option<&'a Service>) -> Option<Self> {
        let arn = task.map(|t| t.task_arn.as_str()).or(service.map(|s| s.service_arn.as_str()));
        let arn: Option<Arn> = arn.and_then(|a| a.parse().ok());
        let named = match (task, service) {
            (Some(task), _) => task.task_definition_arn.as_deref(),
            (None, Some(service)) => service.task_definition.as_deref(),
            (None, None) => None,
        };
        let definition = case.task_definition_named(named?).ok()?;
        let fargate = match (task, service) {
            (Some(task), _) => task.is_fargate(),
            (None, Some(service)) => {
                service.launch_type.as_deref() == Some("FARGATE") || service.platform_version.is_some()
            }
            (None, None) => false,
        };
        let region = arn.as_ref().map_or(case.target.region.clone(), |a| a.region.clone());
        let account = arn.map(|a| a.account).or_else(|| case.target.account.clone()).unwrap_or_default();
        Some(Self { task, service, definition, region, account, fargate })
    }

    /// A task definition by itself. On which launch type it is to run, only its compatibilities tell.
    pub fn of_definition(case: &Case, definition: &'a TaskDefinition) -> Self {
        let asked = Some(case.target.region.clone()).filter(|region| !region.is_empty());
        let region = place::region_stated(definition).or(asked).or_else(|| place::region_implied(definition));
        let account = place::account_of(definition).or_else(|| case.target.account.clone());
        let compatible = &definition.requires_compatibilities;
        Self {
            task: None,
            service: None,
            definition,
            region: region.unwrap_or_default(),
            account: account.unwrap_or_default(),
            fargate: compatible.iter().any(|kind| WITHOUT_INSTANCE_ROLE.contains(&kind.as_str())),
        }
    }

    pub fn partition(&self) -> &'static str {
        partition_of_region(&self.region)
    }

    pub fn execution_role(&self) -> RoleRef {
        let over = self.task.and_then(|t| t.overrides.execution_role_arn.clone());
        RoleRef { kind: RoleKind::Execution, arn: over.or_else(|| self.definition.execution_role_arn.clone()) }
    }

    pub fn task_role(&self) -> RoleRef {
        let over = self.task.and_then(|t| t.overrides.task_role_arn.clone());
        RoleRef { kind: RoleKind::Task, arn: over.or_else(|| self.definition.task_role_arn.clone()) }
    }

    /// The container instance's role. No API that ecs-why calls tells it; a denial that names it does.
    pub fn instance_role(&self) -> RoleRef {
        let denied = self.task.into_iter().flat_map(crate::symptom::task_symptoms).find_map(|s| {
            let denial = s.denial()?;
            let (role, session) = denial.role_session()?;
            session.starts_with("i-").then(|| role.to_owned())
        });
        let arn = denied.map(|role| format!("arn:{}:iam::{}:role/{role}", self.partition(), self.account));
        RoleRef { kind: RoleKind::Instance, arn }
    }

    /// Who pulls from ECR.
    pub fn puller(&self) -> RoleRef {
        self.starter("ecs.capability.execution-role-ecr-pull")
    }

    /// Who writes the logs of the awslogs driver.
    pub fn logger(&self) -> RoleRef {
        self.starter("ecs.capability.execution-role-awslogs")
    }

    /// The execution role on Fargate; on EC2 the attribute tells. A definition that was never registered has no
    /// attributes, and is taken to use the role that it names.
    fn starter(&self, attribute: &str) -> RoleRef {
        let execution = self.execution_role();
        let registered = !self.definition.requires_attributes.is_empty();
        let uses = if registered { self.definition.requires_attribute(attribute) } else { execution.arn.is_some() };
        if self.fargate || uses { execution } else { self.instance_role() }
    }

    /// Containers with the image that was really used.
    pub fn containers(&self) -> impl Iterator<Item = (&'a ContainerDefinition, &'a str)> {
        let task = self.task;
        self.definition.container_definitions.iter().map(move |container| {
            let used = task.and_then(|t| t.container(&container.name)).and_then(|c| c.image.as_deref());
            (container, used.unwrap_or(&container.image))
        })
    }

    /// The environment files of a container, those of the task's overrides after its own.
    pub fn environment_files<'c>(
        &self,
        container: &'c ContainerDefinition,
    ) -> impl Iterator<Item = &'c EnvironmentFile> + use<'a, 'c>
    where
        'a: 'c,
    {
        let overrides = self.task.into_iter().flat_map(|task| &task.overrides.container_overrides);
        let own = overrides.filter(|o| o.name.as_deref() == Some(container.name.as_str()));
        container.environment_files.iter().chain(own.flat_map(|o| &o.environment_files))
    }

    /// How it runs, as far as that decides its network.
    pub fn runs(&self) -> Runs<'a> {
        let launch_type = self.task.and_then(|t| t.launch_type.as_deref());
        let launch_type = launch_type.or_else(|| self.service.and_then(|s| s.launch_type.as_deref()));
        let instance = self.task.is_some_and(|t| t.container_instance_arn.is_some());
        let platform = self.task.and_then(|t| t.platform_version.as_deref());
        Runs {
            launch_type: match launch_type {
                _ if self.fargate => Some("FARGATE"),
                None if instance => Some("EC2"),
                known => known,
            },
            platform_version: platform.or_else(|| self.service.and_then(|s| s.platform_version.as_deref())),
            windows: self.is_windows(),
            network_mode: self.definition.network_mode.as_deref(),
        }
    }

    fn is_windows(&self) -> bool {
        let family = self.definition.runtime_platform.as_ref().and_then(|p| p.operating_system_family.as_deref());
        let family = family.or_else(|| self.task.and_then(|task| task.platform_family.as_deref()));
        family.is_some_and(|family| family.to_ascii_uppercase().starts_with("WINDOWS"))
    }

    /// Where the awslogs driver of a container writes.
    pub fn log_stream(&self, container: &ContainerDefinition) -> Option<LogStream> {
        let log = container.log_configuration.as_ref().filter(|l| l.log_driver == "awslogs")?;
        let region = log.option("awslogs-region").unwrap_or(&self.region).to_owned();
        let group = log.option("awslogs-group")?.to_owned();
        let stream = match (log.option("awslogs-stream-prefix"), self.task) {
            (Some(prefix), Some(task)) => Some(format!("{prefix}/{}/{}", container.name, task.id())),
            (None, Some(task)) => task.container(&container.name).and_then(|c| c.runtime_id.clone()),
            (_, None) => None,
        };
        Some(LogStream { region, group, stream })
    }
}

/// Where the logs of a task that ECS has forgotten would be: only a stream prefix leads from the id to the stream.
pub fn streams_by_id(definition: &TaskDefinition, region: &str, task: &str) -> Vec<LogStream> {
    let stream = |container: &ContainerDefinition| {
        let log = container.log_configuration.as_ref().filter(|l| l.log_driver == "awslogs")?;
        let prefix = log.option("awslogs-stream-prefix")?;
        Some(LogStream {
            region: log.option("awslogs-region").unwrap_or(region).to_owned(),
            group: log.option("awslogs-group")?.to_owned(),
            stream: Some(format!("{prefix}/{}/{task}", container.name)),
        })
    };
    definition.container_definitions.iter().filter_map(stream).collect()
}
