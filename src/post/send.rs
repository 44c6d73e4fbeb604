//! One message to one address, over the SDK's own HTTP client: no second TLS stack, the same proxies and trust store.
//!
//! Given a message and an instant, gives how many attempts it took. Nothing is followed: a redirect is a refusal,
//! because the address was allowed and the next one was not. What a receiver says is told only if it gives no secret
//! away.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use aws_smithy_http_client::{Connector, ConnectorBuilder, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::{
    http::HttpConnector as _,
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use tokio::time::{sleep, timeout};

use super::{
    address::Address,
    retry::{self, Failure},
};
use crate::{case::clean, collect::aws::error::innermost};

/// Long enough for a slow receiver, short enough that three attempts fit the time that a post always has.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// What of an answer is read; those of the known receivers are a word or a short object.
const LONGEST_ANSWER: usize = 4096;

/// What of an answer is told.
const LONGEST_TOLD: usize = 200;

/// The body, and the secrets that it goes with.
#[derive(Debug)]
pub struct Message {
    pub address: Address,
    pub body: String,
    /// The key in the body, where the address is none.
    pub key: Option<String>,
}

/// Why the receiver did not take it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("HTTP {status}{}{} ({attempts} of 3 attempts)", apart(.said), waiting(.retry_after))]
    Refused { status: u16, said: String, retry_after: Option<u64>, attempts: u32 },
    #[error("HTTP {status}: it names another address, and none but the allowed one is sent to")]
    Redirected { status: u16 },
    #[error("{why} ({attempts} of 3 attempts)")]
    Unreached { why: String, attempts: u32 },
    #[error("the HTTP client does not take the address")]
    Unusable,
}

fn apart(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

fn waiting(seconds: &Option<u64>) -> String {
    seconds.map(|seconds| format!("; it asks to wait {seconds} s, which is too long")).unwrap_or_default()
}

/// Sends until the message is taken, there is no use, or there is no time.
pub async fn send(message: &Message, until: Instant) -> Result<u32, SendError> {
    let connector = connector(&message.address);
    for made in 1.. {
        let (failure, error) = match attempt(&connector, message, until, made).await {
            Ok(()) => return Ok(made),
            Err(failed) => failed,
        };
        match retry::wait(made, failure, left(until)) {
            Some(wait) => sleep(wait).await,
            None => return Err(error),
        }
    }
    Err(SendError::Unusable)
}

// The judgement has no clock; this is the edge.
fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now())
}

/// A message in the clear must not leave the machine by way of a proxy.
fn connector(address: &Address) -> Connector {
    let proxy = if address.is_loopback() { ProxyConfig::disabled() } else { ProxyConfig::from_env() };
    ConnectorBuilder::default()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
        .proxy_config(proxy)
        .build()
}

async fn attempt(
    connector: &Connector,
    message: &Message,
    until: Instant,
    attempts: u32,
) -> Result<(), (Failure, SendError)> {
    let request = request(message).ok_or((Failure::Lasting, SendError::Unusable))?;
    let unreached = |why: String| (Failure::Passing, SendError::Unreached { why: told(message, &why), attempts });
    let bound = ATTEMPT_TIMEOUT.min(left(until));
    let answer = timeout(bound, answered(connector, request));
    let (status, retry_after, said) = answer
        .await
        .map_err(|_| unreached(format!("no answer within {} s", bound.as_secs_f32().ceil())))?
        .map_err(|error| unreached(innermost(error.as_ref())))?;
    match status {
        200..=299 => Ok(()),
        300..=399 => Err((Failure::Lasting, SendError::Redirected { status })),
        _ => {
            let failure = Failure::of_status(status, retry_after.as_deref());
            let retry_after = match failure {
                Failure::Busy { retry_after: Some(time) } if time >= left(until) => Some(time.as_secs()),
                _ => None,
            };
            Err((failure, SendError::Refused { status, said: told(message, &said), retry_after, attempts }))
        }
    }
}

fn request(message: &Message) -> Option<HttpRequest> {
    let mut request = HttpRequest::new(SdkBody::from(message.body.clone()));
    request.set_method("POST").ok()?;
    request.set_uri(message.address.url()).ok()?;
    let headers = request.headers_mut();
    headers.insert("content-type", "application/json");
    headers.insert("user-agent", concat!("ecs-why/", env!("CARGO_PKG_VERSION")));
    Some(request)
}

type Answer = (u16, Option<String>, String);

async fn answered(connector: &Connector, request: HttpRequest) -> Result<Answer, Box<dyn Error + Send + Sync>> {
    let response = connector.call(request).await?;
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after").map(str::to_owned);
    // Taken is taken, whatever else the receiver has to say.
    let said = if response.status().is_success() { String::new() } else { beginning(response).await };
    Ok((status, retry_after, said))
}

async fn beginning(response: HttpResponse) -> String {
    let mut body = ByteStream::new(response.into_body());
    let mut read = Vec::new();
    while let Some(Ok(bytes)) = body.next().await {
        read.extend(bytes.iter().take(LONGEST_ANSWER - read.len()));
        if read.len() == LONGEST_ANSWER {
            break;
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

/// In one line, or nothing where a receiver repeats what only it and we should know.
fn told(message: &Message, said: &str) -> String {
    let betrayed = message.address.is_betrayed_by(said) || message.key.as_ref().is_some_and(|key| said.contains(key));
    if betrayed {
        return String::new();
    }
    let line = clean(said).split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST_TOLD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::address::Receiver;

    fn message() -> Message {
        let text = "https://hooks.slack.com/services/T0000000/B0000000/planted-7f3a";
        let address = Address::parse(text, Receiver::Slack, &[]).unwrap();
        Message { address, body: "{}".to_owned(), key: Some("0123456789abcdef".to_owned()) }
    }

    #[test]
    fn what_a_receiver_says_is_one_line_without_secrets() {
        let message = message();
        assert_eq!(told(&message, "no_service\r\n"), "no_service");
        assert_eq!(told(&message, "a\u{1b}[2J\nb"), "a b");
        assert_eq!(told(&message, "cannot POST /services/T0000000/B0000000/planted-7f3a"), "");
        assert_eq!(told(&message, "bad key 0123456789abcdef"), "");
        assert_eq!(told(&message, &"x ".repeat(5000)).chars().count(), LONGEST_TOLD);
    }

    #[test]
    fn a_request_is_json_by_post() {
        let request = request(&message()).unwrap();
        assert_eq!(request.method(), "POST");
        assert_eq!(request.headers().get("content-type"), Some("application/json"));
        assert_eq!(request.uri(), message().address.url());
    }
}
