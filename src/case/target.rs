//! What the user pointed at, after the command line, a file or a tool call has been read.
//!
//! [`Target::named`] puts the names together that a user gives beside one another, and says where they contradict.

use serde::{Deserialize, Serialize};

use crate::id::{ServiceName, ServiceNameError, TaskName, TaskNameError, short_name};

/// A task, the service whose newest failed task is meant, or a task definition. The Region is always known before AWS is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Target {
    pub region: String,
    /// Name, without its ARN; `None` is the account's default cluster.
    pub cluster: Option<String>,
    /// A task's id.
    pub task: Option<String>,
    pub service: Option<String>,
    /// What starting it needs is asked, of no task in particular: a family, `family:revision` or an ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    /// Known where an ARN was given.
    pub account: Option<String>,
}

/// The names that a user gives; each may be an ARN, which states more than the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Names<'a> {
    pub task: Option<&'a str>,
    pub service: Option<&'a str>,
    pub cluster: Option<&'a str>,
    pub region: Option<&'a str>,
}

/// The names do not say what is meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error(transparent)]
    Task(#[from] TaskNameError),
    #[error(transparent)]
    Service(#[from] ServiceNameError),
    #[error("no task is named")]
    Nothing,
    #[error("task id {id} says nothing of its cluster")]
    NoCluster { id: String },
    #[error(transparent)]
    Disagreement(#[from] Disagreement),
}

/// Two names that state different clusters or Regions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{one} says '{said}', but {other} says '{stated}'")]
pub struct Disagreement {
    pub one: Stating,
    pub said: String,
    pub other: Stating,
    pub stated: String,
}

/// Which of the names it is that states something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stating {
    Cluster,
    Region,
    Task,
    Service,
    /// What a user may name beside them, in the words of whoever reads it.
    Other(&'static str),
}

impl std::fmt::Display for Stating {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cluster => "cluster",
            Self::Region => "region",
            Self::Task => "the task's ARN or address",
            Self::Service => "the service's ARN",
            Self::Other(words) => words,
        })
    }
}

impl Target {
    /// The task or the service that is named, with everything that the names state.
    ///
    /// # Errors
    /// A name cannot be read, two of them disagree, or a task cannot be found by what is given.
    pub fn named(names: &Names<'_>) -> Result<Self, TargetError> {
        let task = names.task.map(TaskName::parse).transpose()?;
        let service = names.service.map(ServiceName::parse).transpose()?;
        if task.is_none() && service.is_none() {
            return Err(TargetError::Nothing);
        }
        let (task, service) = (task.unwrap_or_default(), service.unwrap_or_default());
        let given = names.cluster.map(|cluster| short_name(cluster).to_owned());
        let cluster = one_of(Stating::Cluster, [given, task.cluster.clone(), service.cluster])?;
        let region = one_of(Stating::Region, [names.region.map(str::to_owned), task.region, service.region])?;
        if !task.id.is_empty() && cluster.is_none() && task.account.is_none() {
            return Err(TargetError::NoCluster { id: task.id });
        }
        Ok(Self {
            region: region.unwrap_or_default(),
            cluster,
            task: Some(task.id).filter(|id| !id.is_empty()),
            service: Some(service.name).filter(|name| !name.is_empty()),
            task_definition: None,
            account: task.account.or(service.account),
        })
    }
}

/// The one value that the argument, the task and the service state, if they state any.
fn one_of(argument: Stating, stated: [Option<String>; 3]) -> Result<Option<String>, Disagreement> {
    let [given, of_task, of_service] = stated;
    agree(argument, given.as_deref(), Stating::Task, of_task.as_deref())?;
    agree(argument, given.as_deref(), Stating::Service, of_service.as_deref())?;
    agree(Stating::Task, of_task.as_deref(), Stating::Service, of_service.as_deref())?;
    Ok(of_task.or(of_service).or(given))
}

/// Holds two statements against one another; what is not stated agrees with anything.
///
/// # Errors
/// They differ.
pub fn agree(one: Stating, said: Option<&str>, other: Stating, stated: Option<&str>) -> Result<(), Disagreement> {
    match (said, stated) {
        (Some(said), Some(stated)) if said != stated => {
            Err(Disagreement { one, said: said.to_owned(), other, stated: stated.to_owned() })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";
    const ARN: &str = "arn:aws:ecs:eu-west-1:123456789012:task/prod/0123456789abcdef0123456789abcdef";
    const SERVICE: &str = "arn:aws:ecs:eu-west-1:123456789012:service/prod/web";

    #[test]
    fn an_arn_says_all() {
        let target = Target::named(&Names { task: Some(ARN), ..Names::default() }).unwrap();
        assert_eq!((target.task.as_deref(), target.cluster.as_deref()), (Some(ID), Some("prod")));
        assert_eq!((target.region.as_str(), target.account.as_deref()), ("eu-west-1", Some("123456789012")));
        let target = Target::named(&Names { service: Some(SERVICE), ..Names::default() }).unwrap();
        assert_eq!((target.service.as_deref(), target.cluster.as_deref()), (Some("web"), Some("prod")));
    }

    #[test]
    fn contradictions_are_told() {
        let error = |names: Names<'_>| Target::named(&names).unwrap_err().to_string();
        let told = error(Names { task: Some(ARN), cluster: Some("test"), ..Names::default() });
        assert_eq!(told, "cluster says 'test', but the task's ARN or address says 'prod'");
        let told = error(Names { service: Some(SERVICE), region: Some("us-east-1"), ..Names::default() });
        assert_eq!(told, "region says 'us-east-1', but the service's ARN says 'eu-west-1'");
        assert_eq!(error(Names::default()), "no task is named");
        assert!(error(Names { task: Some(ID), ..Names::default() }).contains("says nothing of its cluster"));
        assert!(Target::named(&Names { task: Some(ID), cluster: Some("prod"), ..Names::default() }).is_ok());
    }
}
