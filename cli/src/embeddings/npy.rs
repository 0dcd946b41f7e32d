//! Arrays as numpy stores them: `\x93NUMPY`, a version, the length of a header, the header, the numbers.
//!
//! The header is a Python dictionary: `{'descr': '<f4', 'fortran_order': False, 'shape': (97238, 400), }`. Read are
//! tables of two dimensions in half, single or double precision, real or complex, of either byte order, by rows or by
//! columns; numbers become `f32`, and a complex one becomes two, real and imaginary part side by side. A file is a
//! stranger's: its size is compared with what its header claims before anything is set aside for it.
//! Format: numpy.lib.format in NumPy's reference.

use std::io::Read;

use anyhow::{Context, Result, bail, ensure};
use half::f16;

/// No header of a table is longer.
const MOST_HEADER_BYTES: usize = 1 << 16;
/// Numbers are read so many bytes at a time, a multiple of the size of any.
const BLOCK_BYTES: usize = 1 << 16;

/// A table of numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// Number of rows.
    pub rows: usize,
    /// Numbers in a row; a complex number is two.
    pub width: usize,
    /// By rows, `[rows, width]`.
    pub numbers: Vec<f32>,
    /// Whether neighbours are real and imaginary part.
    pub is_complex: bool,
}

/// What a header says.
struct Header {
    number: Number,
    is_big_endian: bool,
    is_complex: bool,
    by_columns: bool,
    shape: [usize; 2],
}

/// Precision of a number.
#[derive(Clone, Copy)]
enum Number {
    Half,
    Single,
    Double,
}

impl Number {
    fn bytes(self) -> usize {
        match self {
            Number::Half => 2,
            Number::Single => 4,
            Number::Double => 8,
        }
    }

    /// From as many little-endian bytes as it has.
    fn value(self, bytes: &[u8]) -> f32 {
        match (self, bytes) {
            (Number::Half, &[a, b]) => f16::from_le_bytes([a, b]).to_f32(),
            (Number::Single, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
            (Number::Double, _) => bytes.try_into().map_or(f32::NAN, |bytes| f64::from_le_bytes(bytes) as f32),
            _ => f32::NAN,
        }
    }
}

/// Reads a table of `size` bytes.
///
/// # Errors
/// When it is no `.npy` file, holds something else than a table of such numbers, or is not as long as it says.
pub fn read(mut reader: impl Read, size: u64) -> Result<Array> {
    let mut start = [0; 8];
    reader.read_exact(&mut start).context("it is too short for a .npy file")?;
    ensure!(start.starts_with(b"\x93NUMPY"), "it is no .npy file (it does not begin with \\x93NUMPY)");
    let mut length = [0; 4];
    let length_bytes = match start[6] {
        1 => 2,
        2 | 3 => 4,
        version => bail!("it is a .npy file of version {version}; 1, 2 and 3 are read"),
    };
    reader.read_exact(&mut length[..length_bytes]).context("its header is cut")?;
    let length = u32::from_le_bytes(length) as usize;
    ensure!(length <= MOST_HEADER_BYTES, "its header claims {length} bytes, more than a table's has");
    let mut text = vec![0; length];
    reader.read_exact(&mut text).context("its header is cut")?;
    let header = Header::parse(str::from_utf8(&text).context("its header is not UTF-8 text")?)?;

    let [rows, columns] = header.shape;
    let parts = if header.is_complex { 2 } else { 1 };
    let count = rows.checked_mul(columns).and_then(|count| count.checked_mul(parts));
    let claimed = count.and_then(|count| count.checked_mul(header.number.bytes()));
    let there = size.saturating_sub((8 + length_bytes + length) as u64);
    let (Some(count), Some(claimed)) = (count, claimed.filter(|claimed| *claimed as u64 == there)) else {
        bail!("{there} bytes of numbers are there, which is not what its header says: a table of {rows} × {columns}");
    };

    let mut numbers = vec![0.0; count];
    let (mut block, item) = ([0; BLOCK_BYTES], header.number.bytes());
    let mut done = 0;
    while done < count {
        let bytes = &mut block[..BLOCK_BYTES.min(claimed - done * item)];
        reader.read_exact(bytes).context("it is cut")?;
        for number in bytes.chunks_exact_mut(item) {
            if header.is_big_endian {
                number.reverse();
            }
            let place = if header.by_columns {
                // Number `done` is part `done % parts` of element `done / parts`, which lies in column order.
                let (element, part) = (done / parts, done % parts);
                ((element % rows) * columns + element / rows) * parts + part
            } else {
                done
            };
            numbers[place] = header.number.value(number);
            done += 1;
        }
    }
    Ok(Array { rows, width: columns * parts, numbers, is_complex: header.is_complex })
}

/// As bytes: `<f4`, by rows.
pub fn write(numbers: &[f32], width: usize) -> Vec<u8> {
    let rows = numbers.len().checked_div(width).unwrap_or(0);
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {width}), }}");
    // Numbers start at a multiple of 64 bytes, after a line's end.
    let padded = (10 + header.len() + 1).next_multiple_of(64) - 10;
    header += &" ".repeat(padded - 1 - header.len());
    header.push('\n');
    let mut bytes = Vec::with_capacity(10 + padded + 4 * numbers.len());
    bytes.extend_from_slice(b"\x93NUMPY\x01\x00");
    bytes.extend_from_slice(&(padded as u16).to_le_bytes());
    bytes.extend_from_slice(header.as_bytes());
    for number in numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes
}

impl Header {
    fn parse(text: &str) -> Result<Header> {
        let descr = quoted(after(text, "descr")?).context("its header does not say what numbers it holds")?;
        let (order, kind) = descr.split_at_checked(1).unwrap_or(("", descr));
        let is_big_endian = match order {
            "<" | "=" | "|" => false,
            ">" => true,
            _ => bail!("it holds numbers of the kind {descr:?}, which has no byte order"),
        };
        let (number, is_complex) = match kind {
            "f2" => (Number::Half, false),
            "f4" => (Number::Single, false),
            "f8" => (Number::Double, false),
            "c8" => (Number::Single, true),
            "c16" => (Number::Double, true),
            _ => bail!("it holds numbers of the kind {descr:?}; f2, f4, f8, c8 and c16 are read"),
        };
        let order = after(text, "fortran_order")?;
        let by_columns = if order.starts_with("True") {
            true
        } else if order.starts_with("False") {
            false
        } else {
            bail!("its header does not say in which order its numbers lie");
        };
        let shape = after(text, "shape")?.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        let (shape, _) = shape.context("its header does not say its shape")?;
        let sizes = shape.split(',').map(str::trim).filter(|size| !size.is_empty());
        let sizes = sizes.map(str::parse).collect::<Result<Vec<usize>, _>>();
        let Ok(&[rows, columns]) = sizes.as_deref() else {
            bail!("its shape is ({shape}); a table with rows and columns was expected");
        };
        ensure!(rows > 0 && columns > 0, "its shape is ({shape}): it is empty");
        Ok(Header { number, is_big_endian, is_complex, by_columns, shape: [rows, columns] })
    }
}

/// What stands behind `'key':`.
fn after<'a>(text: &'a str, key: &str) -> Result<&'a str> {
    let found = ['\'', '"'].into_iter().find_map(|quote| text.split_once(&format!("{quote}{key}{quote}")));
    let rest = found.and_then(|(_, rest)| rest.trim_start().strip_prefix(':'));
    Ok(rest.with_context(|| format!("its header has no {key}"))?.trim_start())
}

/// The text in quotes that comes next.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    text[1..].split_once(quote).map(|(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(version: u8, header: &str, numbers: &[u8]) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        match version {
            1 => bytes.extend((header.len() as u16).to_le_bytes()),
            _ => bytes.extend((header.len() as u32).to_le_bytes()),
        }
        bytes.extend(header.bytes());
        bytes.extend(numbers);
        bytes
    }

    fn array(descr: &str, fortran: &str, shape: &str, numbers: &[u8]) -> Result<Array> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
        let bytes = file(1, &header, numbers);
        read(bytes.as_slice(), bytes.len() as u64)
    }

    #[test]
    fn what_is_written_is_read() -> Result<()> {
        let numbers: Vec<f32> = (0..12).map(|at| at as f32 / 7.0).collect();
        let bytes = write(&numbers, 4);
        let start = bytes.len() - 4 * numbers.len();
        assert!(start.is_multiple_of(64) && bytes[start - 1] == b'\n');
        let array = read(bytes.as_slice(), bytes.len() as u64)?;
        assert_eq!(array, Array { rows: 3, width: 4, numbers, is_complex: false });
        Ok(())
    }

    #[test]
    fn every_precision_order_and_version_gives_the_same_table() -> Result<()> {
        let numbers = [0.5f64, -1.0, 2.0, 3.0, 4.0, -6.0];
        let expected: Vec<f32> = numbers.iter().map(|x| *x as f32).collect();
        let swapped = |bytes: Vec<u8>, item: usize| -> Vec<u8> {
            bytes.chunks(item).flat_map(|number| number.iter().rev().copied().collect::<Vec<_>>()).collect()
        };
        let doubles: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        let singles: Vec<u8> = expected.iter().flat_map(|x| x.to_le_bytes()).collect();
        let halves: Vec<u8> = expected.iter().flat_map(|x| f16::from_f32(*x).to_le_bytes()).collect();
        for (kind, item, bytes) in [("f2", 2, halves), ("f4", 4, singles.clone()), ("f8", 8, doubles)] {
            assert_eq!(array(&format!("<{kind}"), "False", "(2, 3)", &bytes)?.numbers, expected);
            assert_eq!(array(&format!(">{kind}"), "False", "(2, 3)", &swapped(bytes, item))?.numbers, expected);
        }
        let columns: Vec<u8> = [0.5f32, 3.0, -1.0, 4.0, 2.0, -6.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        assert_eq!(array("<f4", "True", "(2, 3)", &columns)?.numbers, expected);
        let complex = array("<c8", "False", "(1, 3)", &singles)?;
        assert_eq!((complex.width, complex.is_complex, complex.numbers), (6, true, expected.clone()));
        let by_columns = array("<c8", "True", "(3, 1)", &singles)?;
        assert_eq!((by_columns.rows, by_columns.width, by_columns.numbers), (3, 2, expected.clone()));
        for version in [2, 3] {
            let header = "{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (2, 3)}";
            let bytes = file(version, header, &singles);
            assert_eq!(read(bytes.as_slice(), bytes.len() as u64)?.numbers, expected);
        }
        Ok(())
    }

    #[test]
    fn a_malformed_file_is_an_error() {
        let says = |result: Result<Array>, what: &str| {
            let error = format!("{:#}", result.expect_err(what));
            assert!(error.contains(what), "{error}");
        };
        says(read(&b"\x93NUM"[..], 5), "too short");
        says(read(&b"PK\x03\x04 a zip file"[..], 18), "no .npy file");
        says(array("<f4", "False", "(2, 3)", &[0; 20]), "20 bytes of numbers are there");
        says(array("<f4", "False", "(9999999999, 9999999999)", &[0; 20]), "9999999999");
        says(array("<f4", "False", "(99999999999999999999, 1)", &[]), "rows and columns");
        says(array("<f4", "False", "(6,)", &[0; 24]), "rows and columns");
        says(array("<f4", "False", "(0, 3)", &[]), "empty");
        says(array("<i8", "False", "(1, 1)", &[0; 8]), "\"<i8\"");
        says(array("é", "False", "(1, 1)", &[0; 8]), "byte order");
        says(array("<f4", "Maybe", "(1, 1)", &[0; 4]), "order");
        let endless = [b"\x93NUMPY\x02\x00".as_slice(), &u32::MAX.to_le_bytes()].concat();
        says(read(endless.as_slice(), 1 << 40), "claims");
        let bytes = file(9, "{}", &[]);
        says(read(bytes.as_slice(), bytes.len() as u64), "version 9");
        let bytes = file(1, "{'fortran_order': False}", &[]);
        says(read(bytes.as_slice(), bytes.len() as u64), "descr");
    }

    #[test]
    fn no_changed_byte_makes_it_panic() {
        let whole = write(&[0.25; 6], 2);
        for at in 0..whole.len() {
            for byte in [0, b'0', b'9', b',', b'(', b'\'', 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = byte;
                if let Ok(array) = read(bytes.as_slice(), bytes.len() as u64) {
                    assert_eq!(array.numbers.len(), array.rows * array.width);
                }
            }
            assert!(read(&whole[..at], at as u64).is_err());
        }
    }
}
