//! CloudWatch Logs: groups, streams, the end of a stream, and the task events that a log group captured.
//!
//! Listings are read to their end. Of events only as much as a diagnosis looks at: the last lines of a stream, and the
//! first pages of a search.

use aws_sdk_cloudwatchlogs::{
    Client,
    types::{LogGroup as SdkLogGroup, OutputLogEvent},
};

use super::time::milliseconds;
use crate::case::{Answer, CapturedEvents, Gap, Loaded, LogEvent, LogEvents, LogGroup, LogStreams, Task, load};

/// Lines of a stream; a crash says why in its last few dozens.
const LAST_LINES: i32 = 200;

const LAST_PAGES: usize = 4;

/// A search gives an empty page for each stretch of the group without a hit, so a few must be allowed for.
const SEARCH_PAGES: usize = 10;

/// The group of exactly that name, which the API can only be asked for as a prefix.
pub async fn group(client: &Client, name: &str) -> Result<Answer, Gap> {
    let pages = client.describe_log_groups().log_group_name_prefix(name).into_paginator();
    let mut groups = pages.items().send();
    while let Some(found) = groups.try_next().await? {
        if found.log_group_name() == Some(name) {
            return Ok(Answer::LogGroup(mapped_group(found)));
        }
    }
    Err(Gap::NotFound { message: format!("there is no log group '{name}'") })
}

pub async fn streams(client: &Client, group: &str, prefix: &str) -> Result<Answer, Gap> {
    let request = client.describe_log_streams().log_group_name(group).log_stream_name_prefix(prefix);
    let found = request.into_paginator().items().send().try_collect().await?;
    let log_stream_names = found.into_iter().filter_map(|stream| stream.log_stream_name).collect();
    Ok(Answer::LogStreams(LogStreams { log_stream_names }))
}

/// Read from the end, an old stream may begin with empty pages that only lead on to the next.
pub async fn events(client: &Client, group: &str, stream: &str) -> Result<Answer, Gap> {
    let request = client.get_log_events().log_group_name(group).log_stream_name(stream);
    let request = request.start_from_head(false).limit(LAST_LINES);
    let mut token = None;
    for _ in 0..LAST_PAGES {
        let page = request.clone().set_next_token(token.clone()).send().await?;
        let events: Vec<_> = page.events.unwrap_or_default().into_iter().map(mapped_event).collect();
        // At the head of the stream the token leads to itself.
        if !events.is_empty() || page.next_backward_token == token {
            return Ok(Answer::LogEvents(LogEvents { events }));
        }
        token = page.next_backward_token;
    }
    Ok(Answer::LogEvents(LogEvents::default()))
}

/// The newest state of the task among the events that mention it.
pub async fn captured_events(client: &Client, group: &str, task: &str) -> Result<Answer, Gap> {
    let request = client.filter_log_events().log_group_name(group).filter_pattern(format!("\"{task}\""));
    let mut pages = request.into_paginator().send();
    let mut messages = Vec::new();
    for _ in 0..SEARCH_PAGES {
        let Some(page) = pages.try_next().await? else { break };
        messages.extend(page.events.unwrap_or_default().into_iter().filter_map(|event| event.message));
    }
    Ok(Answer::CapturedEvents(CapturedEvents { task: newest_state(&messages, task).map(Box::new) }))
}

/// Events come more than once and out of order, and one may mention the task without being about it.
fn newest_state(messages: &[String], task: &str) -> Option<Task> {
    let states = messages.iter().filter_map(|message| load(message).ok()).flat_map(|loaded| match loaded {
        Loaded::Tasks(tasks) => tasks,
        Loaded::Snapshot(_) => Vec::new(),
    });
    states.filter(|state| state.id() == task).max_by_key(|state| state.version)
}

fn mapped_group(group: SdkLogGroup) -> LogGroup {
    LogGroup {
        log_group_name: group.log_group_name.unwrap_or_default(),
        arn: group.arn,
        kms_key_id: group.kms_key_id,
        retention_in_days: group.retention_in_days,
    }
}

fn mapped_event(event: OutputLogEvent) -> LogEvent {
    LogEvent { timestamp: event.timestamp.and_then(milliseconds), message: event.message.unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    fn event(id: &str, version: i64) -> String {
        let detail = serde_json::json!({
            "taskArn": format!("arn:aws:ecs:eu-west-1:123456789012:task/prod/{id}"),
            "version": version,
            "startedBy": ID,
        });
        serde_json::json!({ "detail-type": "ECS Task State Change", "detail": detail }).to_string()
    }

    #[test]
    fn the_newest_state_of_the_task_itself_counts() {
        let other = "f".repeat(32);
        let messages = [event(ID, 3), event(ID, 5), event(&other, 9), event(ID, 4), format!("plain text {ID}")];
        assert_eq!(newest_state(&messages, ID).map(|task| task.version), Some(5));
        assert_eq!(newest_state(&[event(&other, 9)], ID), None);
    }
}
