//! Sentence-BERT: a BERT, its last layer made one vector (the mean over the tokens, the first one, or the largest of
//! each number), length one (Reimers and Gurevych, 2019). The forward pass and the tokeniser are candle's and Hugging Face's.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow, bail, ensure};
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config, DTYPE};
use lladr_core::pack::sha256_hex;
use serde_json::Value;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::{PaddingParams, Tokenizer, TruncationParams};

use super::encoder::Pooling;

/// Tokens of a text that count, where the folder says nothing: MiniLM was trained with no more.
const MOST_TOKENS: usize = 256;
/// No BERT of the usual kind reads more.
const LONGEST: usize = 512;

/// Takes a batch of texts and their vectors.
type Taker<'a> = dyn Fn(&[&str], &[Vec<f32>]) -> Result<()> + Sync + 'a;

/// An encoder, ready to use.
pub struct Encoder {
    model: BertModel,
    tokenizer: Tokenizer,
    pooling: Pooling,
    width: usize,
    kind: String,
    words: String,
    identity: String,
}

impl Encoder {
    /// Loads an encoder from its folder; `pooling` is for folders that do not say how they pool.
    pub fn open(folder: &Path, pooling: Option<Pooling>) -> Result<Self> {
        let text = |name: &str| {
            let file = folder.join(name);
            std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
        };
        let config = text("config.json")?;
        let kind = serde_json::from_str::<Value>(&config).context("config.json is no JSON")?;
        let kind = kind["model_type"].as_str().unwrap_or("bert");
        // RoBERTa and others name their weights alike and count positions in another way.
        ensure!(kind == "bert", "{} holds a {kind}; only encoders of the kind bert can be used", folder.display());
        let config: Config = serde_json::from_str(&config).context("config.json does not describe a BERT")?;
        check_modules(folder)?;
        let pooling = pooling_of(folder, pooling)?;
        let (variables, weights) = weights(folder)?;
        let model = BertModel::load(variables, &config).context("the weights are no BERT of this configuration")?;
        let mut tokenizer = tokenizer(folder)?;
        tokenizer.with_padding(Some(PaddingParams::default()));
        let said = text("sentence_bert_config.json").ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let said = said.and_then(|said| said["max_seq_length"].as_u64()).map_or(MOST_TOKENS, |most| most as usize);
        let tokens = said.clamp(8, config.max_position_embeddings.clamp(8, LONGEST));
        let truncation = TruncationParams { max_length: tokens, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(|error| anyhow!("{error}"))?;
        let kind = format!("BERT, {} layers, {} wide", config.num_hidden_layers, config.hidden_size);
        let name =
            std::path::absolute(folder).ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        let pooled = match pooling {
            Pooling::Mean => "mean over tokens",
            Pooling::Cls => "the first token",
            Pooling::Max => "largest over tokens",
        };
        Ok(Encoder {
            words: format!("{} ({kind}), {pooled}, {tokens} tokens at most", name.unwrap_or_default()),
            identity: format!("{kind}, weights {weights}, {pooled}, {tokens} tokens"),
            width: config.hidden_size,
            model,
            tokenizer,
            pooling,
            kind,
        })
    }

    /// Length of a vector.
    pub fn width(&self) -> usize {
        self.width
    }

    /// What it is.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The same with its name and how it is used, for the pack's card.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// What vectors belong to: other weights give other vectors.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// One vector of length 1 per text.
    pub fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>> {
        let encodings =
            self.tokenizer.encode_batch(texts.to_vec(), true).map_err(|error| anyhow!("cannot tokenise: {error}"))?;
        let matrix = |of: fn(&tokenizers::Encoding) -> &[u32]| -> Result<Tensor> {
            let rows = encodings.iter().map(|encoding| Ok(Tensor::new(of(encoding), &Device::Cpu)?));
            Ok(Tensor::stack(&rows.collect::<Result<Vec<_>>>()?, 0)?)
        };
        let tokens = matrix(tokenizers::Encoding::get_ids)?;
        let mask = matrix(tokenizers::Encoding::get_attention_mask)?;
        let hidden = self.model.forward(&tokens, &tokens.zeros_like()?, Some(&mask))?;
        let weights = mask.to_dtype(DType::F32)?.unsqueeze(2)?;
        let one = match self.pooling {
            Pooling::Mean => hidden.broadcast_mul(&weights)?.sum(1)?.broadcast_div(&weights.sum(1)?)?,
            Pooling::Cls => hidden.narrow(1, 0, 1)?.squeeze(1)?,
            // Padding is put below everything.
            Pooling::Max => hidden.broadcast_add(&weights.affine(1e9, -1e9)?)?.max(1)?,
        };
        let unit = one.broadcast_div(&one.sqr()?.sum_keepdim(1)?.sqrt()?)?;
        Ok(unit.to_vec2()?)
    }

    /// Encodes batches on all cores, the order of their ends being whatever it is.
    pub fn encode_all(&self, batches: &[Vec<&str>], done: &Taker<'_>) -> Result<()> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(batches.len().max(1));
        let next = AtomicUsize::new(0);
        let worker = || -> Result<()> {
            while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                let worked = self.encode(batch).and_then(|vectors| done(batch, &vectors));
                if worked.is_err() {
                    next.store(batches.len(), Ordering::Relaxed);
                    return worked;
                }
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
            let join = |worker: std::thread::ScopedJoinHandle<'_, Result<()>>| {
                worker.join().unwrap_or_else(|_| Err(anyhow!("a thread of the encoder failed")))
            };
            workers.into_iter().map(join).fold(Ok(()), Result::and)
        })
    }
}

/// Refuses a folder whose `modules.json` of sentence-transformers asks for a step that is not taken here: a dense layer
/// above the pooling, for example.
fn check_modules(folder: &Path) -> Result<()> {
    let file = folder.join("modules.json");
    let Ok(text) = std::fs::read_to_string(&file) else { return Ok(()) };
    let modules: Value = serde_json::from_str(&text).with_context(|| format!("{} is no JSON", file.display()))?;
    let kinds = modules.as_array().into_iter().flatten().filter_map(|module| module["type"].as_str());
    let kinds = kinds.map(|kind| kind.rsplit('.').next().unwrap_or(kind));
    match kinds.into_iter().find(|kind| !matches!(*kind, "Transformer" | "Pooling" | "Normalize")) {
        Some(other) => bail!("{} asks for a step that lladr does not take: {other}", file.display()),
        None => Ok(()),
    }
}

/// How a folder pools: as `1_Pooling/config.json` of sentence-transformers says, else as asked, else by the mean.
fn pooling_of(folder: &Path, asked: Option<Pooling>) -> Result<Pooling> {
    let file = folder.join("1_Pooling/config.json");
    let Ok(text) = std::fs::read_to_string(&file) else { return Ok(asked.unwrap_or(Pooling::Mean)) };
    let config: Value = serde_json::from_str(&text).with_context(|| format!("{} is no JSON", file.display()))?;
    let mut modes: Vec<String> = match &config["pooling_mode"] {
        Value::String(mode) => vec![mode.clone()],
        Value::Array(modes) => modes.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let flags = config.as_object().into_iter().flatten().filter(|(_, value)| **value == Value::Bool(true));
    modes.extend(flags.filter_map(|(name, _)| name.strip_prefix("pooling_mode_").map(str::to_owned)));
    let said = match modes.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["mean_tokens" | "mean"] => Pooling::Mean,
        ["cls_token" | "cls"] => Pooling::Cls,
        ["max_tokens" | "max"] => Pooling::Max,
        _ => bail!("{} asks for the pooling {modes:?}; mean, cls and max are known", file.display()),
    };
    match asked {
        Some(other) if other != said => bail!("{} says that the encoder pools by {modes:?}", file.display()),
        _ => Ok(said),
    }
}

/// The weights, and the beginning of their SHA-256.
fn weights(folder: &Path) -> Result<(VarBuilder<'static>, String)> {
    let read = |name: &str| {
        let file = folder.join(name);
        std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))
    };
    let short = |bytes: &[u8]| sha256_hex(bytes).chars().take(12).collect::<String>();
    let (safe, pickled) = (folder.join("model.safetensors"), folder.join("pytorch_model.bin"));
    if !safe.exists() && pickled.exists() {
        let hash = short(&read("pytorch_model.bin")?);
        return Ok((VarBuilder::from_pth(pickled, DTYPE, &Device::Cpu)?, hash));
    }
    let bytes = read("model.safetensors")?;
    let hash = short(&bytes);
    let variables = VarBuilder::from_buffered_safetensors(bytes, DTYPE, &Device::Cpu);
    Ok((variables.with_context(|| format!("{} is not readable", safe.display()))?, hash))
}

/// The tokeniser of a folder: `tokenizer.json`, or BERT's own of `vocab.txt`.
fn tokenizer(folder: &Path) -> Result<Tokenizer> {
    let (file, words) = (folder.join("tokenizer.json"), folder.join("vocab.txt"));
    if file.exists() || !words.exists() {
        return Tokenizer::from_file(&file).map_err(|error| anyhow!("cannot read {}: {error}", file.display()));
    }
    let wrong = |error| anyhow!("{} is no vocabulary of a BERT: {error}", words.display());
    let model = WordPiece::from_file(&words.to_string_lossy()).build().map_err(wrong)?;
    let settings = std::fs::read_to_string(folder.join("tokenizer_config.json")).unwrap_or_default();
    let settings: Value = serde_json::from_str(&settings).unwrap_or_default();
    let is_lower = settings["do_lower_case"].as_bool().unwrap_or(true);
    let mut tokenizer = Tokenizer::new(model);
    let special = |name: &str| {
        let row = tokenizer.token_to_id(name).with_context(|| format!("{} lacks {name}", words.display()))?;
        Ok::<_, anyhow::Error>((name.to_owned(), row))
    };
    let around = BertProcessing::new(special("[SEP]")?, special("[CLS]")?);
    tokenizer
        .with_normalizer(Some(BertNormalizer::new(true, true, None, is_lower)))
        .with_pre_tokenizer(Some(BertPreTokenizer))
        .with_post_processor(Some(around));
    Ok(tokenizer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[ignore = "needs the encoder: LLADR_ENCODER=DIR cargo test --release -p lladr-cli --features encode -- --ignored"]
    fn vectors_agree_with_the_reference_implementation() -> Result<()> {
        #[derive(serde::Deserialize)]
        struct Golden {
            texts: Vec<String>,
            vectors: Vec<Vec<f32>>,
        }
        let golden: Golden = serde_json::from_str(include_str!("../../../tests/golden/encoder.json"))?;
        let folder = std::env::var("LLADR_ENCODER").context("LLADR_ENCODER names no folder")?;
        let texts: Vec<&str> = golden.texts.iter().map(String::as_str).collect();
        let vectors = Encoder::open(Path::new(&folder), None)?.encode(&texts)?;
        for ((text, ours), theirs) in texts.iter().zip(&vectors).zip(&golden.vectors) {
            // Both have length one.
            let cosine: f32 = ours.iter().zip(theirs).map(|(a, b)| a * b).sum();
            assert!(cosine > 0.999, "{text:?}: {cosine}");
        }
        Ok(())
    }

    #[test]
    #[ignore = "needs the encoder: LLADR_ENCODER=DIR cargo test --release -p lladr-cli --features encode -- --ignored"]
    fn a_vocabulary_alone_splits_texts_as_its_tokeniser_does() -> Result<()> {
        let folder = std::env::var("LLADR_ENCODER").context("LLADR_ENCODER names no folder")?;
        let alone = tempfile::tempdir()?;
        std::fs::copy(Path::new(&folder).join("vocab.txt"), alone.path().join("vocab.txt"))?;
        let ids = |folder: &Path, text: &str| -> Result<Vec<u32>> {
            let mut tokenizer = tokenizer(folder)?;
            tokenizer.with_padding(None).with_truncation(None).map_err(|error| anyhow!("{error}"))?;
            Ok(tokenizer.encode(text, true).map_err(|error| anyhow!("{error}"))?.get_ids().to_vec())
        };
        for text in ["Sjögren's syndrome is an auto-immune disease.", "β-D-glucan (1→3)", ""] {
            assert_eq!(ids(alone.path(), text)?, ids(Path::new(&folder), text)?, "{text}");
        }
        Ok(())
    }

    /// A BERT of two layers with weights from a counter, and eight words.
    fn small(folder: &Path) -> Result<()> {
        let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "drug", "for", "pain"];
        std::fs::write(folder.join("vocab.txt"), words.join("\n"))?;
        let (wide, inner) = (8, 16);
        let config = serde_json::json!({
            "model_type": "bert", "vocab_size": words.len(), "hidden_size": wide, "num_hidden_layers": 2,
            "num_attention_heads": 2, "intermediate_size": inner, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
            "max_position_embeddings": 16, "type_vocab_size": 2, "initializer_range": 0.02, "layer_norm_eps": 1e-12,
            "pad_token_id": 0,
        });
        std::fs::write(folder.join("config.json"), config.to_string())?;
        let mut shapes = vec![
            ("embeddings.word_embeddings.weight".to_owned(), vec![words.len(), wide]),
            ("embeddings.position_embeddings.weight".to_owned(), vec![16, wide]),
            ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, wide]),
        ];
        let mut linear = |name: String, shape: Vec<usize>| {
            shapes.push((format!("{name}.bias"), shape[..1].to_vec()));
            shapes.push((format!("{name}.weight"), shape));
        };
        linear("embeddings.LayerNorm".into(), vec![wide]);
        for layer in 0..2 {
            let layer = format!("encoder.layer.{layer}");
            for part in ["self.query", "self.key", "self.value", "output.dense"] {
                linear(format!("{layer}.attention.{part}"), vec![wide, wide]);
            }
            linear(format!("{layer}.attention.output.LayerNorm"), vec![wide]);
            linear(format!("{layer}.intermediate.dense"), vec![inner, wide]);
            linear(format!("{layer}.output.dense"), vec![wide, inner]);
            linear(format!("{layer}.output.LayerNorm"), vec![wide]);
        }
        let mut at = 0;
        let mut tensors = std::collections::HashMap::new();
        for (name, shape) in shapes {
            let numbers: Vec<f32> = (0..shape.iter().product::<usize>())
                .map(|_| {
                    at += 1;
                    ((at * 7919) % 1000) as f32 / 500.0 - 1.0
                })
                .collect();
            tensors.insert(name, Tensor::from_vec(numbers, shape, &Device::Cpu)?);
        }
        Ok(candle_core::safetensors::save(&tensors, folder.join("model.safetensors"))?)
    }

    #[test]
    fn a_batch_of_texts_gives_the_vectors_of_each() -> Result<()> {
        let home = tempfile::tempdir()?;
        small(home.path())?;
        let texts = ["a drug for pain", "a", "", "pain for a drug for pain for a drug for pain for a drug for pain"];
        let mut all = Vec::new();
        for pooling in [Pooling::Mean, Pooling::Cls, Pooling::Max] {
            let encoder = Encoder::open(home.path(), Some(pooling))?;
            assert_eq!(encoder.width(), 8);
            let together = encoder.encode(&texts)?;
            for (text, vector) in texts.iter().zip(&together) {
                let alone = encoder.encode(&[text])?.concat();
                let cosine: f32 = alone.iter().zip(vector).map(|(a, b)| a * b).sum();
                assert!((cosine - 1.0).abs() < 1e-5, "{pooling:?}, {text:?}: padding counts, {cosine}");
            }
            assert_ne!(together[0], together[1]);
            all.push(together[0].clone());
        }
        assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
        Ok(())
    }

    #[test]
    fn encoders_of_other_kinds_are_refused() -> Result<()> {
        let home = tempfile::tempdir()?;
        small(home.path())?;
        let said = || Encoder::open(home.path(), None).err().map(|error| format!("{error:#}")).unwrap_or_default();
        assert_eq!(said(), "");
        let modules = home.path().join("modules.json");
        std::fs::write(&modules, r#"[{"type": "sentence_transformers.models.Dense"}]"#)?;
        assert!(said().contains("a step that lladr does not take: Dense"), "{}", said());
        std::fs::write(&modules, r#"[{"type": "sentence_transformers.models.Normalize"}]"#)?;
        assert_eq!(said(), "");
        std::fs::write(home.path().join("model.safetensors"), "no weights")?;
        assert!(said().contains("model.safetensors is not readable"), "{}", said());
        std::fs::write(home.path().join("config.json"), r#"{"model_type": "roberta"}"#)?;
        assert!(said().contains("holds a roberta"), "{}", said());
        Ok(())
    }

    #[test]
    fn a_folder_says_how_it_pools() -> Result<()> {
        let home = tempfile::tempdir()?;
        assert_eq!(pooling_of(home.path(), None)?, Pooling::Mean);
        assert_eq!(pooling_of(home.path(), Some(Pooling::Cls))?, Pooling::Cls);
        std::fs::create_dir(home.path().join("1_Pooling"))?;
        let file = home.path().join("1_Pooling/config.json");
        for (text, expected) in [
            ("{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": false}", Some(Pooling::Cls)),
            ("{\"pooling_mode\": \"mean\", \"include_prompt\": true}", Some(Pooling::Mean)),
            ("{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": true}", None),
            ("{\"pooling_mode_lasttoken\": true}", None),
            ("no JSON", None),
        ] {
            std::fs::write(&file, text)?;
            assert_eq!(pooling_of(home.path(), None).ok(), expected, "{text}");
        }
        std::fs::write(&file, "{\"pooling_mode_cls_token\": true}")?;
        assert!(pooling_of(home.path(), Some(Pooling::Mean)).is_err(), "the folder knows better");
        Ok(())
    }
}
