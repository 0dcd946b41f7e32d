//! What a pack says beside its triples, each table optional: how well a treatment is supported, what
//! speaks against it, stories to replay, and descriptions.
//!
//! Entities are named by identifier; a name that the pack lacks is an error, as is a strange word.

use serde::{Deserialize, Serialize};

use super::tables::read_rows;
use crate::error::{Error, Result};
use crate::graph::Vocabulary;
use crate::ids::EntityId;

/// Support of a treatment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Approved, or established standard use.
    Approved,
    /// Supported by guidelines, outside the label.
    OffLabel,
    /// Tried in serious trials, not established.
    Investigational,
    /// Eases symptoms.
    Symptomatic,
}

impl Grade {
    const ALL: [Grade; 4] = [Grade::Approved, Grade::OffLabel, Grade::Investigational, Grade::Symptomatic];

    /// Its word in tables and on the page.
    pub fn word(self) -> &'static str {
        match self {
            Grade::Approved => "approved",
            Grade::OffLabel => "off-label",
            Grade::Investigational => "investigational",
            Grade::Symptomatic => "symptomatic",
        }
    }
}

/// What speaks against a drug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CautionKind {
    /// The label rules it out, or warns strongly, in this disease.
    Contraindicated,
    /// It can cause this disease, or make it worse.
    Worsens,
    /// A serious side effect.
    Serious,
}

impl CautionKind {
    const ALL: [CautionKind; 3] = [CautionKind::Contraindicated, CautionKind::Worsens, CautionKind::Serious];

    /// Its word in tables and on the page.
    pub fn word(self) -> &'static str {
        match self {
            CautionKind::Contraindicated => "contraindicated",
            CautionKind::Worsens => "worsens",
            CautionKind::Serious => "serious",
        }
    }
}

/// How well a treatment is supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// The drug.
    pub drug: EntityId,
    /// The disease.
    pub disease: EntityId,
    /// Its support.
    pub grade: Grade,
}

/// Something that speaks against a drug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caution {
    /// The drug.
    pub drug: EntityId,
    /// A disease or a side effect.
    pub about: EntityId,
    /// Which of the two, and how.
    pub kind: CautionKind,
}

/// A repurposing story whose pair can be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Short name, for addresses.
    pub id: String,
    /// Title.
    pub title: String,
    /// The drug.
    pub drug: EntityId,
    /// The disease it turned out to help with.
    pub disease: EntityId,
    /// What happened, in a paragraph.
    pub story: String,
    /// What to look for on the page.
    pub look_for: String,
}

/// Texts about an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The entity.
    pub entity: EntityId,
    /// LLaDR's template "original": background and uses.
    pub original: String,
    /// LLaDR's template "good": a structured record.
    pub good: String,
    /// The structured record without the names of held-out partners; empty where it is the same.
    pub masked: String,
}

/// All notes of a pack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// Support of treatments, by drug and disease.
    pub evidence: Vec<Evidence>,
    /// What speaks against drugs, by drug.
    pub cautions: Vec<Caution>,
    /// Stories.
    pub cases: Vec<Case>,
    /// Descriptions, by entity.
    pub descriptions: Vec<Description>,
}

/// File of [`Notes::evidence`].
pub const EVIDENCE: &str = "evidence.tsv";
/// File of [`Notes::cautions`].
pub const CAUTIONS: &str = "cautions.tsv";
/// File of [`Notes::cases`].
pub const CASES: &str = "cases.tsv";
/// File of [`Notes::descriptions`].
pub const DESCRIPTIONS: &str = "descriptions.tsv";

const EVIDENCE_COLUMNS: [&str; 3] = ["drug", "disease", "grade"];
const CAUTION_COLUMNS: [&str; 3] = ["drug", "about", "kind"];
const CASE_COLUMNS: [&str; 6] = ["id", "title", "drug", "disease", "story", "look_for"];
const DESCRIPTION_COLUMNS: [&str; 4] = ["id", "original", "good", "masked"];

impl Notes {
    /// Reads the tables that `unpacked` has.
    ///
    /// # Errors
    /// [`Error::Pack`] with the line of the first bad row.
    pub fn read(vocabulary: &Vocabulary, mut unpacked: impl FnMut(&str) -> Result<Option<Vec<u8>>>) -> Result<Self> {
        let mut notes = Notes::default();
        let row = |id: &str| {
            vocabulary.entity_row(id).ok_or_else(|| Error::NotFound(format!("the pack has no entity {id:?}")))
        };
        if let Some(bytes) = unpacked(EVIDENCE)? {
            read_rows(EVIDENCE, &bytes, EVIDENCE_COLUMNS, |[drug, disease, word]| {
                let grade = known(Grade::ALL, word, Grade::word)?;
                notes.evidence.push(Evidence { drug: row(drug)?, disease: row(disease)?, grade });
                Ok(())
            })?;
        }
        if let Some(bytes) = unpacked(CAUTIONS)? {
            read_rows(CAUTIONS, &bytes, CAUTION_COLUMNS, |[drug, about, word]| {
                let kind = known(CautionKind::ALL, word, CautionKind::word)?;
                notes.cautions.push(Caution { drug: row(drug)?, about: row(about)?, kind });
                Ok(())
            })?;
        }
        if let Some(bytes) = unpacked(CASES)? {
            read_rows(CASES, &bytes, CASE_COLUMNS, |[id, title, drug, disease, story, look_for]| {
                let (drug, disease) = (row(drug)?, row(disease)?);
                let [id, title, story, look_for] = [id, title, story, look_for].map(str::to_owned);
                notes.cases.push(Case { id, title, drug, disease, story, look_for });
                Ok(())
            })?;
        }
        if let Some(bytes) = unpacked(DESCRIPTIONS)? {
            read_rows(DESCRIPTIONS, &bytes, DESCRIPTION_COLUMNS, |[id, original, good, masked]| {
                let [original, good, masked] = [original, good, masked].map(str::to_owned);
                notes.descriptions.push(Description { entity: row(id)?, original, good, masked });
                Ok(())
            })?;
        }
        notes.sort();
        Ok(notes)
    }

    /// Brings the tables into the order that the look-ups below rely on.
    pub fn sort(&mut self) {
        self.evidence.sort_unstable_by_key(|known| (known.drug, known.disease));
        self.cautions.sort_unstable_by_key(|known| (known.drug, known.kind, known.about));
        self.descriptions.sort_unstable_by_key(|known| known.entity);
    }

    /// The tables as files; empty ones are left out.
    pub fn write(&self, vocabulary: &Vocabulary) -> Vec<(&'static str, Vec<u8>)> {
        let id = |row: EntityId| vocabulary.entity(row).map_or(String::new(), |entity| entity.id.clone());
        let mut files = Vec::new();
        let mut add = |name, columns: &[&str], rows: Vec<Vec<String>>| {
            if rows.is_empty() {
                return;
            }
            // A cell cannot hold the characters that separate cells and rows.
            let clean = |cell: String| cell.replace(['\t', '\n', '\r'], " ");
            let lines = rows.into_iter().map(|row| row.into_iter().map(clean).collect::<Vec<_>>().join("\t") + "\n");
            files.push((name, (columns.join("\t") + "\n" + &lines.collect::<String>()).into_bytes()));
        };
        let rows = self.evidence.iter().map(|e| vec![id(e.drug), id(e.disease), e.grade.word().to_owned()]);
        add(EVIDENCE, &EVIDENCE_COLUMNS, rows.collect());
        let rows = self.cautions.iter().map(|c| vec![id(c.drug), id(c.about), c.kind.word().to_owned()]);
        add(CAUTIONS, &CAUTION_COLUMNS, rows.collect());
        let rows = self.cases.iter().map(|c| {
            vec![c.id.clone(), c.title.clone(), id(c.drug), id(c.disease), c.story.clone(), c.look_for.clone()]
        });
        add(CASES, &CASE_COLUMNS, rows.collect());
        let rows =
            self.descriptions.iter().map(|d| vec![id(d.entity), d.original.clone(), d.good.clone(), d.masked.clone()]);
        add(DESCRIPTIONS, &DESCRIPTION_COLUMNS, rows.collect());
        files
    }

    /// Support of a treatment.
    pub fn grade(&self, drug: EntityId, disease: EntityId) -> Option<Grade> {
        let at = self.evidence.binary_search_by_key(&(drug, disease), |known| (known.drug, known.disease)).ok()?;
        Some(self.evidence[at].grade)
    }

    /// What speaks against a drug.
    pub fn cautions(&self, drug: EntityId) -> &[Caution] {
        let from = self.cautions.partition_point(|known| known.drug < drug);
        let to = self.cautions.partition_point(|known| known.drug <= drug);
        &self.cautions[from..to]
    }

    /// Texts about an entity.
    pub fn description(&self, entity: EntityId) -> Option<&Description> {
        let at = self.descriptions.binary_search_by_key(&entity, |known| known.entity).ok()?;
        Some(&self.descriptions[at])
    }
}

fn known<T: Copy, const N: usize>(all: [T; N], word: &str, word_of: fn(T) -> &'static str) -> Result<T> {
    let found = all.into_iter().find(|one| word_of(*one) == word);
    found.ok_or_else(|| {
        let words = all.map(word_of).join(", ");
        Error::Settings(format!("{word:?} is none of {words}"))
    })
}
