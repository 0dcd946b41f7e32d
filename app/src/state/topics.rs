//! What a part of the page watches: a set of topics.

use std::ops::BitOr;

/// A set of topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topics(u32);

impl Topics {
    /// Nothing.
    pub const NONE: Topics = Topics(0);
    /// How far the page is.
    pub const PHASE: Topics = Topics(1);
    /// Which backend runs.
    pub const BACKEND: Topics = Topics(1 << 1);
    /// The open pack.
    pub const PACK: Topics = Topics(1 << 2);
    /// Packs that are offered.
    pub const PACKS: Topics = Topics(1 << 3);
    /// The chosen disease.
    pub const DISEASE: Topics = Topics(1 << 4);
    /// Its drugs.
    pub const RANKING: Topics = Topics(1 << 5);
    /// The selected entity.
    pub const SELECTED: Topics = Topics(1 << 6);
    /// Its description.
    pub const CARD: Topics = Topics(1 << 7);
    /// What was typed into the search, what was found, which hit is active.
    pub const SEARCH: Topics = Topics(1 << 8);
    /// What is under the pointer, and names.
    pub const HOVER: Topics = Topics(1 << 9);
    /// The live run and its settings.
    pub const RUN: Topics = Topics(1 << 10);
    /// Its last slice and loss curve.
    pub const PROGRESS: Topics = Topics(1 << 11);
    /// The map's layout.
    pub const LAYOUT: Topics = Topics(1 << 12);
    /// Hidden types.
    pub const HIDDEN: Topics = Topics(1 << 13);
    /// What went wrong.
    pub const PROBLEM: Topics = Topics(1 << 14);
    /// The status line.
    pub const STATUS: Topics = Topics(1 << 15);
    /// Tabs, panels and dialogs.
    pub const PANELS: Topics = Topics(1 << 16);
    /// Light or dark.
    pub const THEME: Topics = Topics(1 << 17);
    /// The row of the ranking that Tab reaches.
    pub const STOP: Topics = Topics(1 << 18);
    /// The open case.
    pub const CASE: Topics = Topics(1 << 19);
    /// What stands for and against the selected drug.
    pub const WHY: Topics = Topics(1 << 20);
    /// The experiment.
    pub const TRIAL: Topics = Topics(1 << 21);
    /// How many topics there are.
    pub const COUNT: usize = 22;

    /// The topics' numbers.
    pub fn rows(self) -> impl Iterator<Item = usize> {
        (0..Self::COUNT).filter(move |row| self.0 >> row & 1 == 1)
    }
}

impl BitOr for Topics {
    type Output = Topics;
    fn bitor(self, other: Topics) -> Topics {
        Topics(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_list_their_topics() {
        assert_eq!(Topics::NONE.rows().count(), 0);
        let both = Topics::CASE | Topics::PHASE;
        assert_eq!(both.rows().collect::<Vec<_>>(), [0, 19]);
    }
}
