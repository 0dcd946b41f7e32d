//! Row numbers as types, so that an entity is never mistaken for a relation.
//!
//! All are `u32`: the same word travels to the GPU, into safetensors and over `postMessage`.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[repr(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The row as an index into a table.
            #[inline]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// Row of an entity in the vocabulary and in the entity table.
    EntityId
);
id!(
    /// Row of a relation in the vocabulary and in the relation table.
    RelationId
);
id!(
    /// Row of an entity type (`Compound`, `Disease`, `Gene`, …) in the vocabulary.
    TypeId
);
