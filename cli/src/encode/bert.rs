//! Sentence-BERT: a BERT, the mean of its last layer over the tokens, length one
//! (Reimers and Gurevych, 2019). The forward pass and the tokeniser are candle's and Hugging Face's.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config, DTYPE};
use tokenizers::{PaddingParams, Tokenizer, TruncationParams};

/// Tokens of a text that count; the encoder was trained with no more.
const MOST_TOKENS: usize = 256;

/// An encoder, ready to use.
pub struct Encoder {
    model: BertModel,
    tokenizer: Tokenizer,
    width: usize,
    name: String,
}

impl Encoder {
    /// Loads an encoder from its folder.
    pub fn open(folder: &Path) -> Result<Self> {
        let config = folder.join("config.json");
        let text = std::fs::read_to_string(&config).with_context(|| format!("cannot read {}", config.display()))?;
        let config: Config = serde_json::from_str(&text).context("config.json does not describe a BERT")?;
        let weights = folder.join("model.safetensors");
        let bytes = std::fs::read(&weights).with_context(|| format!("cannot read {}", weights.display()))?;
        let variables = VarBuilder::from_buffered_safetensors(bytes, DTYPE, &Device::Cpu)?;
        let model =
            BertModel::load(variables, &config).context("model.safetensors is no BERT of this configuration")?;
        let file = folder.join("tokenizer.json");
        let mut tokenizer =
            Tokenizer::from_file(&file).map_err(|error| anyhow!("cannot read {}: {error}", file.display()))?;
        tokenizer.with_padding(Some(PaddingParams::default()));
        let truncation = TruncationParams { max_length: MOST_TOKENS, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(|error| anyhow!("{error}"))?;
        let name = format!("BERT, {} layers, {} wide", config.num_hidden_layers, config.hidden_size);
        Ok(Encoder { model, tokenizer, width: config.hidden_size, name })
    }

    /// Length of a vector.
    pub fn width(&self) -> usize {
        self.width
    }

    /// What it is, for the pack's card.
    pub fn name(&self) -> &str {
        &self.name
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
        let mean = hidden.broadcast_mul(&weights)?.sum(1)?.broadcast_div(&weights.sum(1)?)?;
        let unit = mean.broadcast_div(&mean.sqr()?.sum_keepdim(1)?.sqrt()?)?;
        Ok(unit.to_vec2()?)
    }
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
        let vectors = Encoder::open(Path::new(&folder))?.encode(&texts)?;
        for ((text, ours), theirs) in texts.iter().zip(&vectors).zip(&golden.vectors) {
            // Both have length one.
            let cosine: f32 = ours.iter().zip(theirs).map(|(a, b)| a * b).sum();
            assert!(cosine > 0.999, "{text:?}: {cosine}");
        }
        Ok(())
    }
}
