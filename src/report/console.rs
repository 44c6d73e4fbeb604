//! Addresses of pages in the AWS Management Console: of the task, its service, its containers' logs and the roles.
//!
//! Given a report, gives links whose every part is checked or percent-encoded here; none comes from outside whole. In a
//! partition whose console we do not know there are none.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::v1::{LogsView, Report, RoleRef, TaskView};
use crate::id::{Arn, is_region, partition_of_region, short_name};

/// A page of the console and what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub title: String,
    /// `https://` and a host of the console.
    pub url: String,
    /// What the page is about, as the report names it: an ARN, or the name of a log stream.
    pub of: String,
}

/// The pages about a report, those of the task first.
pub fn links(report: &Report) -> Vec<Link> {
    let task = &report.task;
    let roles = report.permissions.iter().map(|role| &role.role);
    let roles = roles.chain(report.findings.iter().filter_map(|finding| finding.role.as_ref()));
    let logs = task.containers.iter().filter_map(|container| log_link(&container.name, container.logs.as_ref()?));
    let mut all: Vec<Link> = task_link(task).into_iter().chain(service_link(task)).chain(logs).collect();
    for link in roles.filter_map(role_link) {
        if !all.contains(&link) {
            all.push(link);
        }
    }
    all
}

fn task_link(task: &TaskView) -> Option<Link> {
    let arn = task.arn.as_deref()?;
    let path = format!("ecs/v2/clusters/{}/tasks/{}/configuration", encoded(cluster(task)), encoded(short_name(arn)));
    page(task.region.as_deref()?, &path, "task", arn)
}

fn service_link(task: &TaskView) -> Option<Link> {
    let service = task.service.as_deref()?;
    let path = format!("ecs/v2/clusters/{}/services/{}/health", encoded(cluster(task)), encoded(service));
    page(task.region.as_deref()?, &path, &format!("service {service}"), service)
}

fn cluster(task: &TaskView) -> &str {
    task.cluster.as_deref().unwrap_or("default")
}

fn page(region: &str, path: &str, title: &str, of: &str) -> Option<Link> {
    let url = format!("https://{}/{path}?region={region}", host(region)?);
    Some(Link { title: title.to_owned(), url, of: of.to_owned() })
}

fn log_link(container: &str, logs: &LogsView) -> Option<Link> {
    let stream = logs.stream.as_deref()?;
    let region = &logs.region;
    let at = format!("log-groups/log-group/{}/log-events/{}", in_fragment(&logs.group), in_fragment(stream));
    let url = format!("https://{}/cloudwatch/home?region={region}#logsV2:{at}", host(region)?);
    Some(Link { title: format!("log of {container}"), url, of: stream.to_owned() })
}

fn role_link(role: &RoleRef) -> Option<Link> {
    let arn: Arn = role.arn.parse().ok()?;
    let name = arn.resource.strip_prefix("role/").map(short_name)?;
    let host = match arn.partition.as_str() {
        "aws" => "console.aws.amazon.com",
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => return None,
    };
    let url = format!("https://{host}/iam/home#/roles/details/{}", encoded(name));
    Some(Link { title: format!("{} role {name}", role.kind), url, of: role.arn.clone() })
}

/// The console's host for a Region, if it is one.
fn host(region: &str) -> Option<String> {
    let suffix = match partition_of_region(region) {
        _ if !is_region(region) => return None,
        "aws" => "console.aws.amazon.com",
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => return None,
    };
    Some(format!("{region}.{suffix}"))
}

const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, &PLAIN).to_string()
}

/// The CloudWatch console reads names in its fragment encoded twice, with `$` for the second `%`.
fn in_fragment(text: &str) -> String {
    encoded(&encoded(text)).replace('%', "$")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logs(region: &str) -> LogsView {
        LogsView { region: region.to_owned(), group: "/ecs/web".to_owned(), stream: Some("a/web/0123".to_owned()) }
    }

    #[test]
    fn a_log_stream_is_encoded_as_the_console_reads_it() {
        let url = "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/\
                   $252Fecs$252Fweb/log-events/a$252Fweb$252F0123";
        assert_eq!(log_link("web", &logs("eu-west-1")).unwrap().url, url);
    }

    #[test]
    fn each_partition_has_its_console_and_no_region_gets_into_a_host_unchecked() {
        let host = |region| host(region).unwrap_or_default();
        assert_eq!(host("cn-north-1"), "cn-north-1.console.amazonaws.cn");
        assert_eq!(host("us-gov-west-1"), "us-gov-west-1.console.amazonaws-us-gov.com");
        assert_eq!(host("evil.example/eu-west-1"), "");
        assert_eq!(log_link("web", &logs("eu-west-1.evil.example")), None);
    }

    #[test]
    fn names_cannot_leave_their_place() {
        let task = TaskView {
            arn: Some("arn:aws:ecs:eu-west-1:123456789012:task/a/b?x=\"><".to_owned()),
            cluster: Some("a/../b#c".to_owned()),
            region: Some("eu-west-1".to_owned()),
            ..TaskView::default()
        };
        let url = task_link(&task).unwrap().url;
        let expected = "ecs/v2/clusters/a%2F..%2Fb%23c/tasks/b%3Fx%3D%22%3E%3C/configuration?region=eu-west-1";
        assert_eq!(url, format!("https://eu-west-1.console.aws.amazon.com/{expected}"));
    }
}
