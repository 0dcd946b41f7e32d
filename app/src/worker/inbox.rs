//! Waiting commands, in order, without those that a newer one has overtaken.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::mem::{Discriminant, discriminant};
use std::rc::Rc;
use std::task::{Poll, Waker};

use lladr_core::session::{Command, Envelope};

/// A queue of commands.
#[derive(Default)]
pub struct Inbox {
    waiting: VecDeque<Envelope<Command>>,
    waker: Option<Waker>,
}

impl Inbox {
    /// Add a command; of questions, only the latest of a kind stays.
    pub fn push(&mut self, command: Envelope<Command>) {
        if let Some(kind) = question(&command.body) {
            self.waiting.retain(|other| question(&other.body) != Some(kind));
        }
        self.waiting.push_back(command);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// The oldest command.
    pub fn pop(&mut self) -> Option<Envelope<Command>> {
        self.waiting.pop_front()
    }
}

/// Until there is a command.
pub async fn wait(inbox: &Rc<RefCell<Inbox>>) {
    poll_fn(|context| {
        let mut inbox = inbox.borrow_mut();
        if inbox.waiting.is_empty() {
            inbox.waker = Some(context.waker().clone());
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

/// The kind of a command that only asks; `None` for one that changes something.
fn question(command: &Command) -> Option<Discriminant<Command>> {
    matches!(
        command,
        Command::RankDrugs { .. } | Command::Search { .. } | Command::Name { .. } | Command::Describe { .. }
    )
    .then(|| discriminant(command))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lladr_core::ids::EntityId;

    fn search(text: &str) -> Envelope<Command> {
        Command::Search { text: text.into(), limit: 5 }.into()
    }

    #[test]
    fn only_the_latest_question_of_a_kind_stays() {
        let mut inbox = Inbox::default();
        let name: Envelope<Command> = Command::Name { entity: EntityId(3) }.into();
        for command in [search("a"), Command::Play.into(), search("as"), name.clone(), search("asp")] {
            inbox.push(command);
        }
        let kept: Vec<_> = std::iter::from_fn(|| inbox.pop()).collect();
        assert_eq!(kept, [Command::Play.into(), name, search("asp")]);
    }

    #[test]
    fn changes_are_all_kept_in_order() {
        let mut inbox = Inbox::default();
        for command in [Command::Step, Command::Step, Command::Pause] {
            inbox.push(command.into());
        }
        assert_eq!(inbox.pop(), Some(Command::Step.into()));
        assert_eq!(inbox.pop(), Some(Command::Step.into()));
        assert_eq!(inbox.pop(), Some(Command::Pause.into()));
    }
}
