//! A way to AWS for tests: answers as AWS writes them, played back in order without a network.
//!
//! Thus a test sees what the SDK truly sends and reads: which pages are asked for, and what becomes of an error.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;

use super::{ask, clients::Clients};
use crate::case::{Answer, Gap, Need};

/// The Region of a test's run.
pub const REGION: &str = "eu-west-1";

/// One answer.
#[derive(Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: String,
}

/// What came of a need, and the requests that it cost: method, address and body of each.
#[derive(Debug)]
pub struct Asked {
    pub answer: Result<Answer, Gap>,
    pub requests: Vec<String>,
}

impl Asked {
    /// What the gap is, as the coverage table has it.
    pub fn status(&self) -> &'static str {
        self.answer.as_ref().err().map_or("known", Gap::status)
    }
}

pub fn reply(status: u16, body: impl Into<String>) -> Reply {
    Reply { status, headers: Vec::new(), body: body.into() }
}

impl Reply {
    pub fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    fn response(self) -> HttpResponse {
        let mut response = HttpResponse::new(StatusCode::try_from(self.status).unwrap(), SdkBody::from(self.body));
        for (name, value) in self.headers {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// An answer of EC2.
pub fn ec2(operation: &str, body: &str) -> Reply {
    let namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";
    reply(200, format!(r#"<{operation}Response xmlns="{namespace}">{body}</{operation}Response>"#))
}

/// EC2's form of an error, which is its own.
pub fn ec2_error(code: &str) -> Reply {
    let error = format!("<Error><Code>{code}</Code><Message>Why it is so.</Message></Error>");
    reply(400, format!("<Response><Errors>{error}</Errors><RequestID>1</RequestID></Response>"))
}

/// Asks a need, with these answers to the requests that it makes.
pub fn asked(need: &Need, replies: impl IntoIterator<Item = Reply>) -> Asked {
    let tape = Tape { replies: Mutex::new(replies.into_iter().collect()), requests: Arc::default() };
    let requests = tape.requests.clone();
    let connector = SharedHttpConnector::new(tape);
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .retry_config(RetryConfig::disabled())
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("A", "B", None, None, "test")))
        .http_client(http_client_fn(move |_, _| connector.clone()));
    let clients = Clients::new(config.build());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(ask(&clients, need));
    let requests = requests.lock().unwrap().clone();
    Asked { answer, requests }
}

#[derive(Debug)]
struct Tape {
    replies: Mutex<VecDeque<Reply>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl HttpConnector for Tape {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        self.requests.lock().unwrap().push(format!("{} {} {body}", request.method(), request.uri()));
        let reply = self.replies.lock().unwrap().pop_front().expect("a request more than the test has answers");
        HttpConnectorFuture::ready(Ok(reply.response()))
    }
}
