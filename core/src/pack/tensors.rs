//! Arrays in safetensors: triples as `u32 [n, 3]`, rows as `f32` or `f16` `[n, dim]`, little-endian.

use bytemuck::cast_slice;
use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::error::{Error, Result};
use crate::graph::Triple;

/// A file of tensors, parsed but not yet read.
pub struct Tensors<'a> {
    file: &'a str,
    tensors: SafeTensors<'a>,
}

impl<'a> Tensors<'a> {
    /// Checks the header: names, shapes and offsets within the file.
    ///
    /// # Errors
    /// [`Error::Pack`] naming the file.
    pub fn parse(file: &'a str, bytes: &'a [u8]) -> Result<Self> {
        let tensors = SafeTensors::deserialize(bytes)
            .map_err(|error| Error::pack(file, format!("not a valid safetensors file: {error}")))?;
        Ok(Tensors { file, tensors })
    }

    /// Rows, their length, and their bytes.
    fn table(&self, name: &str, dtypes: &[Dtype]) -> Result<(usize, usize, Dtype, &[u8])> {
        let wrong = |what: String| Error::pack(self.file, format!("tensor {name:?}: {what}"));
        let tensor = self.tensors.tensor(name).map_err(|_| wrong("it is missing".into()))?;
        let &[rows, width] = tensor.shape() else {
            return Err(wrong(format!("its shape is {:?}, two dimensions were expected", tensor.shape())));
        };
        if !dtypes.contains(&tensor.dtype()) {
            return Err(wrong(format!("it holds {:?}, {dtypes:?} was expected", tensor.dtype())));
        }
        Ok((rows, width, tensor.dtype(), tensor.data()))
    }

    /// Triples `[n, 3]`.
    ///
    /// # Errors
    /// [`Error::Pack`] for a missing tensor or another type or shape.
    pub fn triples(&self, name: &str) -> Result<Vec<Triple>> {
        let (_, width, _, bytes) = self.table(name, &[Dtype::U32])?;
        if width != 3 {
            return Err(Error::pack(self.file, format!("tensor {name:?}: rows of {width} numbers are no triples")));
        }
        let (words, _) = bytes.as_chunks::<4>();
        let (rows, _) = words.as_chunks::<3>();
        Ok(rows
            .iter()
            .map(|row| {
                let [head, relation, tail] = row.map(u32::from_le_bytes);
                Triple { head, relation, tail }
            })
            .collect())
    }

    /// Rows `[n, dim]`: their number, their length, the numbers.
    ///
    /// # Errors
    /// [`Error::Pack`] for a missing tensor or another type or shape.
    pub fn rows(&self, name: &str) -> Result<(usize, usize, Vec<f32>)> {
        let (rows, width, dtype, bytes) = self.table(name, &[Dtype::F32, Dtype::F16])?;
        let numbers = if dtype == Dtype::F16 {
            bytes.as_chunks::<2>().0.iter().map(|word| f16::from_le_bytes(*word).to_f32()).collect()
        } else {
            bytes.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word)).collect()
        };
        Ok((rows, width, numbers))
    }
}

/// A tensor to be written.
pub struct Tensor<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its numbers.
    pub data: TensorData<'a>,
}

/// Numbers of a tensor.
pub enum TensorData<'a> {
    /// `u32 [n, 3]`.
    Triples(&'a [Triple]),
    /// `f16 [n, dim]`: rounded, for numbers that may lose three quarters of their digits.
    Rows {
        /// Numbers, row after row.
        rows: &'a [f32],
        /// Length of a row.
        dim: usize,
    },
}

/// Writes tensors to bytes; the order in the file is safetensors' own.
///
/// # Errors
/// [`Error::Pack`] when a shape does not fit its data.
pub fn write_tensors(file: &str, tensors: &[Tensor<'_>]) -> Result<Vec<u8>> {
    let failed = |error: safetensors::SafeTensorError| Error::pack(file, error.to_string());
    let halves: Vec<Vec<u8>> = tensors
        .iter()
        .map(|tensor| match &tensor.data {
            TensorData::Triples(_) => Vec::new(),
            TensorData::Rows { rows, .. } => rows.iter().flat_map(|x| f16::from_f32(*x).to_le_bytes()).collect(),
        })
        .collect();
    let views = tensors.iter().zip(&halves).map(|(tensor, halves)| {
        let (dtype, shape, bytes): (_, _, &[u8]) = match &tensor.data {
            TensorData::Triples(triples) => (Dtype::U32, vec![triples.len(), 3], cast_slice(triples)),
            TensorData::Rows { rows, dim } => (Dtype::F16, vec![rows.len() / (*dim).max(1), *dim], halves),
        };
        TensorView::new(dtype, shape, bytes).map(|view| (tensor.name, view)).map_err(failed)
    });
    let views = views.collect::<Result<Vec<_>>>()?;
    safetensors::serialize(views, None).map_err(failed)
}
