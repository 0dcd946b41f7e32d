//! Arrays in safetensors: triples as `u32 [n, 3]`, rows as `f32`, `f16` or `i8` `[n, dim]`, little-endian.
//!
//! Rows of bytes come with a tensor `<name>.scale`, `f32 [n, 1]`: a number is its byte times its row's scale, and the
//! scale is the row's largest number over 127.

use std::borrow::Cow;

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

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        self.tensors.tensor(name).is_ok()
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
        let (rows, width, dtype, bytes) = self.table(name, &[Dtype::F32, Dtype::F16, Dtype::I8])?;
        let numbers = match dtype {
            Dtype::F16 => bytes.as_chunks::<2>().0.iter().map(|word| f16::from_le_bytes(*word).to_f32()).collect(),
            Dtype::I8 => {
                let (scales, one, _, scale_bytes) = self.table(&scale_of(name), &[Dtype::F32])?;
                if (scales, one) != (rows, 1) {
                    let what = format!("tensor {name:?}: {scales} × {one} scales do not fit {rows} rows");
                    return Err(Error::pack(self.file, what));
                }
                let scales = scale_bytes.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word));
                if let Some((row, scale)) =
                    scales.clone().enumerate().find(|(_, scale)| !(0.0..f32::MAX).contains(scale))
                {
                    let what = format!("tensor {name:?}: row {row} has the scale {scale}, which is none");
                    return Err(Error::pack(self.file, what));
                }
                let rows = bytes.chunks_exact(width.max(1)).zip(scales);
                rows.flat_map(|(row, scale)| row.iter().map(move |x| f32::from(x.cast_signed()) * scale)).collect()
            }
            _ => bytes.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word)).collect(),
        };
        Ok((rows, width, numbers))
    }
}

fn scale_of(name: &str) -> String {
    format!("{name}.scale")
}

/// How exactly rows are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// As they are.
    F32,
    /// Rounded to half precision.
    F16,
    /// One byte a number, one scale a row.
    Int8,
}

impl Precision {
    /// All of them.
    pub const ALL: [Precision; 3] = [Precision::F32, Precision::F16, Precision::Int8];

    /// Name in cards and command lines.
    pub fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::F16 => "f16",
            Precision::Int8 => "int8",
        }
    }

    /// Bytes of a row of `dim` numbers.
    pub fn row_bytes(self, dim: usize) -> usize {
        match self {
            Precision::F32 => 4 * dim,
            Precision::F16 => 2 * dim,
            Precision::Int8 => dim + 4,
        }
    }

    /// Rows `[n, dim]` as they come back from a file of this precision: what is measured is what is shipped.
    pub fn rounded(self, rows: &[f32], dim: usize) -> Vec<f32> {
        match self {
            Precision::F32 => rows.to_vec(),
            Precision::F16 => rows.iter().map(|x| f16::from_f32(*x).to_f32()).collect(),
            Precision::Int8 => rows
                .chunks_exact(dim.max(1))
                .flat_map(|row| {
                    let scale = scale(row);
                    row.iter().map(move |x| f32::from(quantized(*x, scale)) * scale)
                })
                .collect(),
        }
    }
}

/// Scale of a row: its largest number over 127; 0 for a row of zeros.
fn scale(row: &[f32]) -> f32 {
    row.iter().fold(0.0f32, |most, x| most.max(x.abs())) / 127.0
}

fn quantized(x: f32, scale: f32) -> i8 {
    if scale == 0.0 { 0 } else { (x / scale).round().clamp(-127.0, 127.0) as i8 }
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
    /// Rows `[n, dim]`.
    Rows(Rows<'a>),
}

/// Rows, and how exactly they are to be stored.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// Numbers, row after row.
    pub rows: &'a [f32],
    /// Length of a row.
    pub dim: usize,
    /// Their precision.
    pub precision: Precision,
}

impl<'a> Rows<'a> {
    /// Type and bytes, and the scales of rows of bytes.
    fn stored(self) -> (Dtype, Cow<'a, [u8]>, Option<Vec<u8>>) {
        let Rows { rows, dim, precision } = self;
        match precision {
            Precision::F32 => (Dtype::F32, Cow::Borrowed(cast_slice(rows)), None),
            Precision::F16 => (Dtype::F16, rows.iter().flat_map(|x| f16::from_f32(*x).to_le_bytes()).collect(), None),
            Precision::Int8 => {
                let scales: Vec<f32> = rows.chunks_exact(dim.max(1)).map(scale).collect();
                let bytes = rows.chunks_exact(dim.max(1)).zip(&scales);
                let bytes = bytes.flat_map(|(row, s)| row.iter().map(|x| quantized(*x, *s).cast_unsigned()));
                let bytes = bytes.collect();
                (Dtype::I8, bytes, Some(scales.iter().flat_map(|scale| scale.to_le_bytes()).collect()))
            }
        }
    }
}

/// Name, type, shape and bytes of a tensor.
type Stored<'a> = (String, Dtype, Vec<usize>, Cow<'a, [u8]>);

/// Writes tensors to bytes; the order in the file is safetensors' own.
///
/// # Errors
/// [`Error::Pack`] when a shape does not fit its data.
pub fn write_tensors(file: &str, tensors: &[Tensor<'_>]) -> Result<Vec<u8>> {
    let failed = |error: safetensors::SafeTensorError| Error::pack(file, error.to_string());
    let mut stored: Vec<Stored<'_>> = Vec::new();
    for tensor in tensors {
        let name = tensor.name.to_owned();
        match &tensor.data {
            TensorData::Triples(triples) => {
                stored.push((name, Dtype::U32, vec![triples.len(), 3], Cow::Borrowed(cast_slice(triples))));
            }
            TensorData::Rows(rows) => {
                let (count, (dtype, bytes, scales)) = (rows.rows.len() / rows.dim.max(1), rows.stored());
                if let Some(scales) = scales {
                    stored.push((scale_of(&name), Dtype::F32, vec![count, 1], scales.into()));
                }
                stored.push((name, dtype, vec![count, rows.dim], bytes));
            }
        }
    }
    let views = stored.iter().map(|(name, dtype, shape, bytes)| {
        TensorView::new(*dtype, shape.clone(), bytes).map(|view| (name.as_str(), view)).map_err(failed)
    });
    let views = views.collect::<Result<Vec<_>>>()?;
    safetensors::serialize(views, None).map_err(failed)
}
