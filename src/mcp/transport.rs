//! The lines of standard input and output, for a server that outlives a client's mistakes.
//!
//! What is no JSON, or no message, is answered or passed over by `rmcp`. Before its first request a client may send
//! nothing else; `rmcp` ends a session that begins with a notification or a response, and here they are passed over.

use std::io;

use rmcp::{
    RoleServer,
    service::{RxJsonRpcMessage, TxJsonRpcMessage},
    transport::{
        Transport,
        async_rw::AsyncRwTransport,
        io::{StdioReader, StdioWriter, stdio_pipes},
    },
};

/// Longest line that is read: a text to explain and what goes with it.
const LONGEST_LINE: usize = 4 << 20;

pub struct Patient {
    lines: AsyncRwTransport<RoleServer, StdioReader, StdioWriter>,
    has_begun: bool,
}

impl Patient {
    pub fn stdio() -> Self {
        let (input, output) = stdio_pipes();
        let lines = AsyncRwTransport::new_server(input, output).with_max_line_length(LONGEST_LINE);
        Self { lines, has_begun: false }
    }
}

impl Transport<RoleServer> for Patient {
    type Error = io::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.lines.send(item)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            let message = self.lines.receive().await?;
            self.has_begun |= matches!(message, RxJsonRpcMessage::<RoleServer>::Request(_));
            if self.has_begun {
                return Some(message);
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.lines.close().await
    }
}
