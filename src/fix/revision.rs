//! A task definition registered again with one text replaced, and deployed where a service runs it.
//!
//! Everything else is repeated by AWS's own answer within the command, so values of environment variables are neither
//! kept here nor printed (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html>).

use super::cli::quoted;
use crate::{
    case::{Answer, Case, Fact, Image, Need, Origin, Task, TaskDefinition},
    id::ImageRef,
};

/// The text that is replaced, wherever the containers have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    Image { from: String, to: String },
    ValueFrom { from: String, to: String },
}

/// One text of a registered task definition replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    pub region: String,
    pub family: String,
    pub revision: i64,
    pub text: Text,
    /// Cluster and name of the service that runs it.
    pub service: Option<(String, String)>,
}

/// What `RegisterTaskDefinition` takes beside family and containers, each only where it is set.
const ELEMENTS: [&str; 14] = [
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "volumes",
    "placementConstraints",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
    "ephemeralStorage",
    "runtimePlatform",
    "enableFaultInjection",
];

impl Text {
    fn parts(&self) -> (&str, &str) {
        match self {
            Self::Image { from, to } | Self::ValueFrom { from, to } => (from, to),
        }
    }

    /// Whether a query may carry both texts as they are.
    pub fn is_plain(&self) -> bool {
        let (from, to) = self.parts();
        let plain = |c: char| c.is_ascii_graphic() && !"`\"\\'<>{}".contains(c);
        !to.is_empty() && from.chars().chain(to.chars()).all(plain)
    }

    /// The containers with the text replaced, in JMESPath.
    fn query(&self) -> String {
        let (from, to) = self.parts();
        let replaced =
            |element: &str| format!("merge(@, ({element}==`\"{from}\"` && {{{element}: `\"{to}\"`}}) || `{{}}`)");
        let all = "taskDefinition.containerDefinitions[*]";
        match self {
            Self::Image { .. } => format!("{all}.{}", replaced("image")),
            Self::ValueFrom { .. } => {
                let secrets = format!("secrets[*].{}", replaced("valueFrom"));
                format!("{all}.merge(@, (secrets && {{secrets: {secrets}}}) || `{{}}`)")
            }
        }
    }
}

impl Revision {
    pub fn label(&self) -> String {
        format!("{}:{}", self.family, self.revision)
    }

    pub fn commands(&self) -> Vec<String> {
        let region = quoted(&self.region);
        let asked = format!(
            "aws ecs describe-task-definition --task-definition {} --include TAGS --region {region} --output json --query {}",
            quoted(&self.label()),
            quoted(&self.query())
        );
        let register = format!(
            "aws ecs register-task-definition --cli-input-json \"$({asked})\" --region {region} --query \
             taskDefinition.taskDefinitionArn --output text"
        );
        std::iter::once(register).chain(self.update()).collect()
    }

    /// The family alone is its newest revision.
    fn update(&self) -> Option<String> {
        let (cluster, service) = self.service.as_ref()?;
        Some(format!(
            "aws ecs update-service --cluster {} --service {} --task-definition {} --region {} --query service.taskDefinition \
             --output text",
            quoted(cluster),
            quoted(service),
            quoted(&self.family),
            quoted(&self.region)
        ))
    }

    fn query(&self) -> String {
        let set =
            |element: &str| format!("(taskDefinition.{element} && {{{element}: taskDefinition.{element}}}) || `{{}}`");
        let elements = ELEMENTS.map(set).join(", ");
        let containers = self.text.query();
        format!(
            "merge({{family: taskDefinition.family, containerDefinitions: {containers}}}, {elements}, (tags && {{tags: tags}}) || \
             `{{}}`)"
        )
    }

    /// The facts as they would be had the task been started with the new text: what its messages said of the old one, they
    /// say of the new.
    pub(super) fn apply(&self, case: &mut Case) {
        let replaced: Vec<(Need, Answer)> = case
            .facts()
            .filter_map(|(need, _)| Some((need.clone(), self.replaced(case.answer(need).ok()?)?)))
            .collect();
        for (need, answer) in replaced {
            case.admit(need, Fact::Known(answer, Origin::Aws));
        }
        if let Text::Image { to, .. } = &self.text {
            self.find_image(case, to);
        }
    }

    fn replaced(&self, answer: &Answer) -> Option<Answer> {
        match answer.clone() {
            Answer::TaskDefinition(mut definition) if self.is_of(&definition) => {
                self.replace_in(&mut definition);
                Some(Answer::TaskDefinition(definition))
            }
            Answer::Tasks(mut tasks) => {
                tasks.tasks.iter_mut().for_each(|task| self.replace_in_task(task));
                Some(Answer::Tasks(tasks))
            }
            _ => None,
        }
    }

    fn is_of(&self, definition: &TaskDefinition) -> bool {
        definition.family == self.family && definition.revision == Some(self.revision)
    }

    fn replace_in(&self, definition: &mut TaskDefinition) {
        for container in &mut definition.container_definitions {
            match &self.text {
                Text::Image { from, to } if container.image == *from => container.image.clone_from(to),
                Text::Image { .. } => {}
                Text::ValueFrom { from, to } => {
                    for secret in container.secrets.iter_mut().filter(|secret| secret.value_from == *from) {
                        secret.value_from.clone_from(to);
                    }
                }
            }
        }
    }

    fn replace_in_task(&self, task: &mut Task) {
        let own = |arn: &String| crate::id::short_name(arn) == self.label();
        if !task.task_definition_arn.as_ref().is_some_and(own) {
            return;
        }
        let (from, to) = self.text.parts();
        let said = |text: &mut Option<String>| *text = text.take().map(|text| text.replace(from, to));
        said(&mut task.stopped_reason);
        for container in &mut task.containers {
            said(&mut container.reason);
            if container.image.as_deref() == Some(from) {
                container.image = Some(to.to_owned());
            }
        }
    }

    /// A tag that ECR lists is an image that is there.
    fn find_image(&self, case: &mut Case, to: &str) {
        let Some(image) = ImageRef::parse(to).ecr() else { return };
        let listed = |tag: &&String| case.image_tags(&image).is_ok_and(|found| found.tags.contains(tag));
        if let Some(tag) = image.tag.as_ref().filter(listed) {
            let found = Image { image_tags: vec![tag.clone()], ..Image::default() };
            case.admit(Need::Image(image), Fact::Known(Answer::Image(found), Origin::Aws));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revision(text: Text) -> Revision {
        let service = Some(("prod".to_owned(), "web".to_owned()));
        Revision { region: "eu-west-1".into(), family: "web".into(), revision: 3, text, service }
    }

    #[test]
    fn a_revision_is_registered_and_deployed() {
        let text = Text::Image { from: "r/web:1".into(), to: "r/web:2".into() };
        let commands = revision(text).commands();
        let [register, update] = commands.as_slice() else { panic!("{commands:?}") };
        assert!(register.contains("(image==`\"r/web:1\"` && {image: `\"r/web:2\"`}) || `{}`"), "{register}");
        assert!(register.contains("--task-definition web:3 --include TAGS"), "{register}");
        assert!(update.contains("--cluster prod --service web --task-definition web --region"), "{update}");
    }

    #[test]
    fn texts_that_a_query_cannot_carry_are_not_replaced() {
        let text = |to: &str| Text::ValueFrom { from: "a".into(), to: to.into() };
        assert!(text("arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf::AWSCURRENT:").is_plain());
        for odd in ["a`b", "a\"b", "a'b", "", "a b", "a\nb"] {
            assert!(!text(odd).is_plain(), "{odd}");
        }
    }
}
