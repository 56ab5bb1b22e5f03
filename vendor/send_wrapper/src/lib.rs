//! A value that may be sent to other threads, where there are no others: as much of `send_wrapper`
//! as Leptos names.
//!
//! The whole crate compares the thread at every use with the one that made the value. In a program
//! of one thread that comparison cannot fail, and it brings the standard library's threads along with
//! an allocator of their own: two kilobytes of the page's download for a check of nothing.

#[cfg(not(all(target_family = "wasm", not(target_feature = "atomics"))))]
compile_error!("this crate is sound only where a program has one thread");

use futures_core::Stream;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll};

/// A value of the one thread.
#[derive(Clone, Debug)]
pub struct SendWrapper<T>(T);

// SAFETY: there is one thread, or this would not have compiled: nothing is ever sent.
unsafe impl<T> Send for SendWrapper<T> {}
// SAFETY: as above, nothing is ever shared with another thread.
unsafe impl<T> Sync for SendWrapper<T> {}

impl<T> SendWrapper<T> {
    /// Wraps a value.
    pub fn new(value: T) -> SendWrapper<T> {
        SendWrapper(value)
    }

    /// Gives the value back.
    pub fn take(self) -> T {
        self.0
    }
}

impl<T> Deref for SendWrapper<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for SendWrapper<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<F: Future> Future for SendWrapper<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: the future is a part of what is pinned and is never moved out of it: `take` needs the
        // wrapper itself.
        unsafe { self.map_unchecked_mut(|wrapper| &mut wrapper.0) }.poll(context)
    }
}

impl<S: Stream> Stream for SendWrapper<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        // SAFETY: as for a future.
        unsafe { self.map_unchecked_mut(|wrapper| &mut wrapper.0) }.poll_next(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}
