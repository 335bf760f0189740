//! A stream that fails once it has been silent for too long.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// How many bytes a client has to send before HTTP/1 and HTTP/2 can be told apart.
const PREFACE_BYTES: usize = 24;

/// Watches a stream: its first bytes have to come within the header timeout, later ones within the idle timeout.
pub(super) struct IdleStream<S> {
    stream: S,
    idle: Duration,
    // Bytes still missing before the protocol is known; until then no byte moves the deadline, so dripping them is
    // no way to stay.
    preface_left: usize,
    deadline: Pin<Box<Sleep>>,
}

impl<S> IdleStream<S> {
    pub(super) fn new(stream: S, header: Duration, idle: Duration) -> Self {
        Self { stream, idle, preface_left: PREFACE_BYTES, deadline: Box::pin(sleep(header)) }
    }

    fn moved(&mut self) {
        if self.preface_left == 0 {
            self.deadline.as_mut().reset(Instant::now() + self.idle);
        }
    }

    /// Turns waiting into an error once the deadline has passed.
    fn waiting<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        match self.deadline.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for IdleStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(result) => {
                let read = buffer.filled().len() - before;
                self.preface_left = self.preface_left.saturating_sub(read);
                self.moved();
                Poll::Ready(result)
            }
            Poll::Pending => self.waiting(context),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for IdleStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(context, bytes) {
            Poll::Ready(result) => {
                self.moved();
                Poll::Ready(result)
            }
            Poll::Pending => self.waiting(context),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write_vectored(context, slices) {
            Poll::Ready(result) => {
                self.moved();
                Poll::Ready(result)
            }
            Poll::Pending => self.waiting(context),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_flush(context) {
            Poll::Ready(result) => Poll::Ready(result),
            Poll::Pending => self.waiting(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_shutdown(context) {
            Poll::Ready(result) => Poll::Ready(result),
            Poll::Pending => self.waiting(context),
        }
    }
}
