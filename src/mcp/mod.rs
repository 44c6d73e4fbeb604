//! `ecs-why` as a server of the Model Context Protocol on standard input and output.
//!
//! A front end beside `cli`, and as thin: arguments of a tool become a `Target` or a text, the engine answers, and
//! `report::agent` says what of the answer is ours. Standard output carries messages of the protocol alone. Revisions
//! 2026-07-28 (<https://modelcontextprotocol.io/specification/2026-07-28>) and those with `initialize` before it are
//! the matter of the crate `rmcp`.

mod arguments;
mod call;
mod resources;
mod schema;
mod server;
mod tools;
mod transport;
mod world;

use std::{io, sync::Arc};

use rmcp::service::{ServerInitializeError, ServiceExt};
use tokio::runtime::Builder;

use self::{server::Server, transport::Patient};

pub use self::world::{Source, World};

/// Calls that are worked on at once; more of them wait for their turn.
const CALLS_AT_ONCE: usize = 8;
/// Threads for these, and one each for standard input and output where they are no pipes.
const THREADS: usize = CALLS_AT_ONCE + 2;

/// The server could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("the runtime of the server cannot start: {0}")]
    Runtime(#[source] io::Error),
    #[error("the client cannot be served: {0}")]
    Client(#[source] Box<ServerInitializeError>),
}

/// Serves one client until standard input ends.
///
/// # Errors
/// The runtime cannot start, or the client's first request cannot be answered.
pub fn serve(world: World) -> Result<(), ServeError> {
    // Messages are few and small, so one thread reads and writes them; each call has a thread for itself.
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(THREADS)
        .build()
        .map_err(ServeError::Runtime)?;
    let served = runtime.block_on(session(Server::new(Arc::new(world))));
    // Nobody waits for the answer to a call that is still under way.
    runtime.shutdown_background();
    served
}

async fn session(server: Server) -> Result<(), ServeError> {
    match server.serve(Patient::stdio()).await {
        Ok(running) => {
            let _reason = running.waiting().await;
            Ok(())
        }
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(ServeError::Client(Box::new(error))),
    }
}
