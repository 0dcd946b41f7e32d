//! The knowledge graph: names, triples by split, and what is known to be true.

mod adjacency;
mod known;
mod merge;
mod neighbourhood;
mod select;
mod split;
mod treatments;
mod triple;
mod vocabulary;
mod words;

pub use adjacency::{Adjacency, Run};
pub use known::KnownTriples;
pub use merge::{MergeCount, merged_rows};
pub use neighbourhood::{Around, HeldOutCount, Neighbourhood};
pub use select::{Renumbering, Selection};
pub use split::{SplitRule, SplitTriples, split_by_pair};
pub use treatments::{Treatment, Treatments};
pub use triple::{Side, Split, Triple};
pub use vocabulary::{Entity, Relation, Vocabulary};
pub use words::relation_words;

use crate::error::{Error, Result};
use crate::ids::{EntityId, RelationId, TypeId};

/// Which types are drugs and diseases, and which relations state that one treats the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// Type of drugs, `Compound` in DRKG.
    pub drug: TypeId,
    /// Type of diseases, `Disease` in DRKG.
    pub disease: TypeId,
    /// Relations from drug to disease that count as a treatment, the most trusted first.
    pub treatments: Vec<RelationId>,
}

/// A graph ready to train on: all rows of all triples are within the vocabulary.
#[derive(Debug, Clone)]
pub struct KnowledgeGraph {
    /// Names.
    pub vocabulary: Vocabulary,
    /// Drugs, diseases, treatments; `None` for a graph of something else.
    pub roles: Option<Roles>,
    /// All triples, known to be true.
    pub known: KnownTriples,
    /// Which drug treats which disease, and what the model was told of it.
    pub treatments: Treatments,
    splits: SplitTriples,
    degrees: Vec<u32>,
}

impl KnowledgeGraph {
    /// Checks and indexes a graph.
    ///
    /// # Errors
    /// [`Error::Pack`] when a triple names a row that the vocabulary lacks, or nothing is left to train on.
    pub fn new(vocabulary: Vocabulary, splits: SplitTriples, roles: Option<Roles>) -> Result<Self> {
        let (entities, relations) = (vocabulary.entities().len() as u32, vocabulary.relations().len() as u32);
        for (name, triples) in [("train", &splits.train), ("valid", &splits.valid), ("test", &splits.test)] {
            if let Some(at) =
                triples.iter().position(|t| t.head >= entities || t.tail >= entities || t.relation >= relations)
            {
                return Err(Error::pack(
                    name,
                    format!(
                        "triple {at} names a row that does not exist (the graph has {entities} entities and {relations} relations)"
                    ),
                ));
            }
        }
        if splits.train.is_empty() {
            return Err(Error::pack("train", "there is no training triple"));
        }
        let all = splits.train.iter().chain(&splits.valid).chain(&splits.test);
        let known = KnownTriples::new(all);
        let mut degrees = vec![0; entities as usize];
        for triple in &splits.train {
            degrees[triple.head as usize] += 1;
            // A self-loop is one triple.
            degrees[triple.tail as usize] += u32::from(triple.head != triple.tail);
        }
        let treatments = Treatments::new(&splits, roles.as_ref());
        Ok(KnowledgeGraph { vocabulary, roles, known, treatments, splits, degrees })
    }

    /// The triples of a split.
    pub fn triples(&self, split: Split) -> &[Triple] {
        match split {
            Split::Train => &self.splits.train,
            Split::Valid => &self.splits.valid,
            Split::Test => &self.splits.test,
        }
    }

    /// Number of training triples an entity takes part in.
    pub fn degree(&self, entity: EntityId) -> u32 {
        self.degrees.get(entity.index()).copied().unwrap_or(0)
    }

    /// Number of entities.
    pub fn entity_count(&self) -> usize {
        self.vocabulary.entities().len()
    }

    /// Number of relations.
    pub fn relation_count(&self) -> usize {
        self.vocabulary.relations().len()
    }
}
