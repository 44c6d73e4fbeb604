//! Sending an answer to a webhook: the one thing that this program writes to the outside, and only when told to.
//!
//! Given where the address stands and the answer in the receiver's form, gives how many attempts it took. The address
//! of a webhook is a credential: it is read last, goes into no case, snapshot or message, and errors name its source
//! and its host alone. Nothing of the judgement knows this module.

mod address;
mod retry;
mod send;
mod source;

use std::time::Instant;

use tokio::{runtime::Builder, time::timeout_at};

use crate::collect::aws::AwsOptions;

use self::{address::Address, send::Message};
pub use self::{
    address::{AddressError, AllowedHost, Receiver},
    send::SendError,
    source::{Source, SourceError},
};

/// What to send where, and until when.
#[derive(Debug)]
pub struct Order<'a> {
    pub receiver: Receiver,
    pub source: &'a Source,
    /// Hosts that the user names beside the receiver's own.
    pub hosts: &'a [AllowedHost],
    /// How a secret or a parameter is read.
    pub aws: AwsOptions,
}

/// The answer did not arrive, as far as is known.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    #[error("the runtime for network calls cannot start: {0}")]
    Runtime(#[source] std::io::Error),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("what {from} holds {error}")]
    Address { from: String, error: AddressError },
    #[error("cannot post to {host}, whose address is in {from}: {error}")]
    Send { host: String, from: String, error: SendError },
}

/// What arrived where.
#[derive(Debug)]
pub struct Posted {
    pub host: String,
    pub attempts: u32,
}

/// Reads the address and sends the answer to it.
///
/// # Errors
/// There is no address that may be sent to, or the receiver did not take the answer in time.
pub fn post(order: &Order<'_>, answer: &str) -> Result<Posted, PostError> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(PostError::Runtime)?;
    let result = runtime.block_on(posted(order, answer, order.aws.deadline));
    // A name that is still looked up, or a pipe that nobody writes, must not hold up the end.
    runtime.shutdown_background();
    result
}

async fn posted(order: &Order<'_>, answer: &str, until: Instant) -> Result<Posted, PostError> {
    let from = || order.source.to_string();
    let reading = timeout_at(until.into(), order.source.read(&order.aws));
    let held = reading.await.map_err(|_| SourceError::TimedOut { from: from() })??;
    let message = message(order, &held, answer).map_err(|error| PostError::Address { from: from(), error })?;
    let host = message.address.shown();
    match send::send(&message, until).await {
        Ok(attempts) => Ok(Posted { host, attempts }),
        Err(error) => Err(PostError::Send { host, from: from(), error }),
    }
}

/// PagerDuty has one address for all and a key in the message; the others have an address that is the key.
fn message(order: &Order<'_>, held: &str, answer: &str) -> Result<Message, AddressError> {
    match order.receiver {
        Receiver::PagerDuty => {
            let key = address::routing_key(held)?;
            let body = with_key(answer, &key).ok_or(AddressError::Message)?;
            Ok(Message { address: Address::of_pagerduty(order.hosts)?, body, key: Some(key) })
        }
        receiver => {
            let address = Address::parse(held, receiver, order.hosts)?;
            Ok(Message { address, body: answer.to_owned(), key: None })
        }
    }
}

/// The event with the key in it; its form leaves the place empty.
fn with_key(event: &str, key: &str) -> Option<String> {
    let mut event: serde_json::Value = serde_json::from_str(event).ok()?;
    event.as_object_mut()?.insert("routing_key".to_owned(), key.into());
    Some(event.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_takes_its_place_in_the_event() {
        let event = "{\n  \"routing_key\": \"\",\n  \"event_action\": \"trigger\"\n}\n";
        assert_eq!(with_key(event, "k").unwrap(), r#"{"routing_key":"k","event_action":"trigger"}"#);
        assert_eq!(with_key("[]", "k"), None);
    }
}
