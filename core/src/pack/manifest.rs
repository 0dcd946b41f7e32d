//! `pack.json`: what a pack is, where it comes from, and which files it has.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::Metric;
use crate::settings::Settings;

/// Version of the format this code reads and writes.
pub const VERSION: u32 = 1;
/// The manifest's own name.
pub const MANIFEST_FILE: &str = "pack.json";
/// A manifest larger than this is refused unread.
pub const MOST_MANIFEST_BYTES: usize = 1 << 20;
/// The files of a pack together unpack to no more in a browser: its worker must hold them and what is made of them.
pub const MOST_IN_BROWSER: u64 = 512 << 20;
/// The same on a workstation.
pub const MOST_ON_WORKSTATION: u64 = 64 << 30;
/// No file of a hosted pack is larger: GitHub refuses more.
pub const MOST_FILE_BYTES: u64 = 100 << 20;

/// The manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Always `lladr-pack`.
    pub format: String,
    /// See [`VERSION`].
    pub version: u32,
    /// Human title.
    pub title: String,
    /// One paragraph.
    pub description: String,
    /// Licence of the whole.
    pub licence: String,
    /// Where the facts come from.
    pub sources: Vec<Source>,
    /// How the pack was made, in a sentence.
    pub made_by: String,
    /// What the types and relations mean; absent in a graph of something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<RoleNames>,
    /// How triples were held out.
    pub split: SplitCard,
    /// The trained model, if one is shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelCard>,
    /// The map that was laid out beforehand, if one is shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<LayoutCard>,
    /// Descriptions and their vectors, if they are shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub texts: Option<TextCard>,
    /// Every file beside this one.
    pub files: Vec<FileEntry>,
}

/// What is looked at first: whether the rest can be understood.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    version: Option<u32>,
}

/// A source with its licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// Its licence as stated at the source.
    pub licence: String,
    /// What of it is used.
    pub used_for: String,
}

/// Names of the types and relations with a part to play.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleNames {
    /// Entity type of drugs.
    pub drug_type: String,
    /// Entity type of diseases.
    pub disease_type: String,
    /// Treatment relations, the most trusted first.
    pub treatments: Vec<String>,
    /// Identifier of the disease to show first.
    pub default_disease: String,
}

/// How triples were held out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitCard {
    /// The rule, in a sentence.
    pub rule: String,
    /// Its seed.
    pub seed: u32,
    /// Triples: train, valid, test.
    pub triples: [u32; 3],
}

/// The shipped model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// Settings it was trained with.
    pub settings: Settings,
    /// Epochs it was trained for.
    pub epochs: u32,
    /// Metrics, each with its protocol.
    pub metrics: Vec<MetricLine>,
    /// Where it comes from and what that means for its metrics, if it was not trained here.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub origin: String,
}

/// The map that was laid out beforehand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayoutCard {
    /// How it was made, in a few words.
    pub method: String,
    /// How well it keeps together what belongs together, each with its protocol.
    pub metrics: Vec<MetricLine>,
    /// How far it may be believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<LayoutQuality>,
    /// The same of a map by principal components, to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_of_pca: Option<LayoutQuality>,
}

impl LayoutCard {
    /// How it was made and how far it may be believed, beside a map by principal components, in a line.
    pub fn words(&self) -> String {
        let Some(own) = &self.quality else { return self.method.clone() };
        let beside = |words: &dyn Fn(&LayoutQuality) -> String| {
            let pca = self.quality_of_pca.as_ref().filter(|pca| (pca.metric, pca.k) == (own.metric, own.k));
            words(own) + &pca.map_or(String::new(), |pca| format!(" (PCA: {})", words(pca)))
        };
        format!(
            "{} · of each point’s {} nearest, {} are near on the map · trustworthiness {}",
            self.method,
            own.k,
            beside(&|quality| format!("{:.0} %", 100.0 * quality.knn_recall)),
            beside(&|quality| format!("{:.2}", quality.trustworthiness)),
        )
    }
}

/// How well a map keeps the neighbours that its rows have in their own space.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LayoutQuality {
    /// Distance in the space of the rows.
    pub metric: Metric,
    /// Nearest rows, and nearest points of the map, that are looked at.
    pub k: u32,
    /// Share of a row's `k` nearest that are among its `k` nearest on the map, mean over rows; 0 to 1.
    pub knn_recall: f32,
    /// Trustworthiness of Venna and Kaski (2001); 1 where no stranger is among the nearest on the map.
    pub trustworthiness: f32,
}

impl LayoutQuality {
    fn is_possible(&self) -> bool {
        self.k > 0 && [self.knn_recall, self.trustworthiness].iter().all(|share| (0.0..=1.0).contains(share))
    }
}

/// Descriptions and their vectors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextCard {
    /// Who wrote them; shown beside every one.
    pub written_by: String,
    /// When, as `2026-11-23`; empty where nobody said.
    pub date: String,
    /// The prompt of each template.
    pub templates: Vec<TemplateCard>,
    /// How much of the held-out answers each template gives away.
    pub leaks: Vec<LeakLine>,
    /// How the vectors were made; empty where there are none yet.
    pub vectors: String,
    /// How many entities of each type are described; the others stand under their bare name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coverage: Vec<CoverageLine>,
}

/// How many entities of a type have a description by a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageLine {
    /// Name of the template.
    pub template: String,
    /// Name of the type.
    pub kind: String,
    /// Entities of the type.
    pub entities: u32,
    /// Those that are described.
    pub described: u32,
}

/// A template of the descriptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateCard {
    /// Its name.
    pub name: String,
    /// The prompt, or how the text follows from another.
    pub prompt: String,
}

/// How often a template names the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeakLine {
    /// Name of the template.
    pub template: String,
    /// Held-out drug–disease pairs, valid and test.
    pub pairs: u32,
    /// Pairs of which one end's text names the other.
    pub named: u32,
}

/// A metric with the protocol it was measured under.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricLine {
    /// For example `MRR`.
    pub name: String,
    /// Its value.
    pub value: f32,
    /// Model, split, side, filter, candidates, ties, in words.
    pub protocol: String,
}

/// A file as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Name inside the pack's folder.
    pub name: String,
    /// Stored size.
    pub bytes: u64,
    /// Size after unpacking; equal to `bytes` for a file that is not compressed.
    pub unpacked_bytes: u64,
    /// SHA-256 of the stored bytes, hexadecimal.
    pub sha256: String,
}

impl FileEntry {
    /// The name without the ending that says how it is stored.
    pub(super) fn stem(&self) -> &str {
        self.name.strip_suffix(".gz").unwrap_or(&self.name)
    }
}

impl Manifest {
    /// Reads a manifest, refusing other formats and versions in words, and files that unpack to more than `most_bytes`.
    ///
    /// # Errors
    /// [`Error::Pack`] saying what is wrong.
    pub fn parse(bytes: &[u8], most_bytes: u64) -> Result<Self> {
        let wrong = |what: String| Error::pack(MANIFEST_FILE, what);
        if bytes.len() > MOST_MANIFEST_BYTES {
            return Err(wrong(format!("{} bytes is too large for a manifest", bytes.len())));
        }
        let head: Head =
            serde_json::from_slice(bytes).map_err(|error| wrong(format!("it is not readable as JSON: {error}")))?;
        if head.format.as_deref() != Some("lladr-pack") {
            return Err(wrong("this is not a LLaDR pack (no \"format\": \"lladr-pack\")".into()));
        }
        match head.version {
            Some(VERSION) => {}
            Some(version) => {
                return Err(wrong(format!("this pack has version {version}; this program reads version {VERSION}")));
            }
            None => return Err(wrong(format!("this pack has no version; this program reads version {VERSION}"))),
        }
        let manifest: Manifest =
            serde_json::from_slice(bytes).map_err(|error| wrong(format!("a field is wrong: {error}")))?;
        for file in &manifest.files {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            if file.name.is_empty() || file.name.starts_with('.') || !file.name.chars().all(plain) {
                return Err(wrong(format!("{:?} is not a plain file name", file.name)));
            }
            if !file.name.ends_with(".gz") && file.unpacked_bytes != file.bytes {
                return Err(wrong(format!("{} is not compressed, yet gives two sizes", file.name)));
            }
        }
        let mut stems: Vec<&str> = manifest.files.iter().map(FileEntry::stem).collect();
        stems.push(MANIFEST_FILE);
        stems.sort_unstable();
        if let Some(pair) = stems.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(wrong(format!("it lists {} twice", pair[0])));
        }
        let sum = |size: fn(&FileEntry) -> u64| manifest.files.iter().map(size).fold(0, u64::saturating_add);
        if sum(|file| file.unpacked_bytes).max(sum(|file| file.bytes)) > most_bytes {
            return Err(wrong(format!("its files claim to hold more than {} MiB", most_bytes >> 20)));
        }
        if let Some(model) = &manifest.model {
            model.settings.check().map_err(|error| wrong(format!("the model's settings: {error}")))?;
        }
        let layout = manifest.layout.iter().flat_map(|card| [card.quality, card.quality_of_pca]);
        if !layout.flatten().all(|quality| quality.is_possible()) {
            return Err(wrong("the layout's quality: shares are from 0 to 1, of at least one neighbour".into()));
        }
        Ok(manifest)
    }
}
