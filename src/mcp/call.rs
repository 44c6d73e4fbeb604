//! One call of a tool: a thread for the engine, which waits for AWS, beside the task that speaks with the client.
//!
//! Progress goes to a client that gave a token for it, each step with a higher number. A call that is cancelled gets no
//! answer: its thread asks AWS nothing more and is left to itself.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rmcp::{
    ErrorData, RoleServer,
    model::{CallToolResult, ContentBlock, JsonObject, ProgressNotificationParam, ProgressToken},
    service::RequestContext,
};
use tokio::{
    sync::{Semaphore, mpsc},
    task::{self, JoinError},
};

use super::{
    tools::{Answer, Entry},
    world::World,
};
use crate::{
    case::{Fact, Need},
    cli::error::{CliError, line},
    collect::{Collector, Nothing},
    report::agent::fitted,
};

/// A tool with what it is called with.
pub struct Work {
    pub tool: &'static Entry,
    pub world: Arc<World>,
    pub arguments: JsonObject,
}

/// How the engine's thread tells how far it is, and learns that nobody waits for it.
pub struct Watch {
    steps: mpsc::UnboundedSender<String>,
    is_stopped: Arc<AtomicBool>,
}

impl Watch {
    pub fn tell(&self, step: impl Into<String>) {
        // Nobody listens to a call that was cancelled.
        let _ = self.steps.send(step.into());
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }
}

/// A collector that tells of each round, and asks nothing once the call is cancelled.
pub struct Watched<'a> {
    pub inner: &'a mut dyn Collector,
    pub watch: &'a Watch,
}

impl Collector for Watched<'_> {
    fn answer(&mut self, needs: &BTreeSet<Need>) -> Vec<(Need, Fact)> {
        if self.watch.is_stopped() {
            return Nothing.answer(needs);
        }
        let questions = if needs.len() == 1 { "question" } else { "questions" };
        self.watch.tell(format!("asking AWS {} {questions}", needs.len()));
        self.inner.answer(needs)
    }

    fn calls(&self) -> usize {
        self.inner.calls()
    }
}

/// Works on a call to its end, or until it is cancelled.
///
/// # Errors
/// The call was cancelled, or its thread broke down.
pub async fn run(
    work: Work,
    permits: &Arc<Semaphore>,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResult, ErrorData> {
    let permit = tokio::select! {
        permit = permits.clone().acquire_owned() => permit,
        () = context.ct.cancelled() => return Err(cancelled()),
    };
    let (steps, mut told) = mpsc::unbounded_channel();
    let is_stopped = Arc::new(AtomicBool::new(false));
    let watch = Watch { steps, is_stopped: is_stopped.clone() };
    let mut thread = task::spawn_blocking(move || {
        let result = result(&work, &watch);
        drop(permit);
        result
    });
    let mut progress = Progress::new(context);
    loop {
        tokio::select! {
            biased;
            () = context.ct.cancelled() => {
                is_stopped.store(true, Ordering::Relaxed);
                return Err(cancelled());
            }
            Some(step) = told.recv() => progress.tell(step).await,
            done = &mut thread => return done.map_err(broken),
        }
    }
}

/// No client sees it: a request that was cancelled has no response.
fn cancelled() -> ErrorData {
    ErrorData::internal_error("the call was cancelled", None)
}

fn broken(_: JoinError) -> ErrorData {
    ErrorData::internal_error("the call broke down; this is a fault of ecs-why", None)
}

fn result(work: &Work, watch: &Watch) -> CallToolResult {
    match work.tool.answer(&work.world, &work.arguments, watch) {
        Ok(Answer { view, most }) => CallToolResult::structured(fitted(view, most)),
        Err(error) => CallToolResult::error(vec![ContentBlock::text(told(&error))]),
    }
}

/// As the command line prints it.
fn told(error: &CliError) -> String {
    let what = format!("error: {}", line(&error.to_string()));
    match error {
        CliError::Input { hint, .. } if !hint.is_empty() => format!("{what}\nhint: {}", line(hint)),
        _ => what,
    }
}

/// What a client that asked for it is told of how far a call is.
struct Progress<'a> {
    context: &'a RequestContext<RoleServer>,
    token: Option<ProgressToken>,
    steps: u32,
}

impl<'a> Progress<'a> {
    fn new(context: &'a RequestContext<RoleServer>) -> Self {
        Self { context, token: context.meta.get_progress_token(), steps: 0 }
    }

    async fn tell(&mut self, step: String) {
        let Some(token) = self.token.clone() else { return };
        self.steps += 1;
        let told = ProgressNotificationParam::new(token, f64::from(self.steps)).with_message(step);
        // A client that has gone is noticed where its next request would be read.
        let _ = self.context.peer.notify_progress(told).await;
    }
}
