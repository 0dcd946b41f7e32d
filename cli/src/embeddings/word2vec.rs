//! Vectors by name as word2vec writes them, which graph and text embedders copied: a first line `count length`, then
//! for each name the name, a space, and its numbers: as text in a line, or as little-endian `f32`.
//!
//! Which of the two a file is shows its first vector: it is text if it reads as text. In text a name may hold spaces,
//! as the numbers are counted from the line's end. The count is compared, never trusted. Format: word2vec.c.

use std::io::{BufRead, ErrorKind, Read};

use anyhow::{Context, Result, bail, ensure};

use super::foreign::Rows;
use crate::import::lines;

/// No first line is longer.
const MOST_FIRST_LINE: u64 = 64;
/// No name is longer.
const MOST_NAME_BYTES: usize = 1 << 16;
/// No vector is longer.
const MOST_WIDTH: usize = 1 << 16;

/// Reads vectors, text or binary.
///
/// # Errors
/// When the first line is another, a vector is shorter than it says, a name comes twice, or there are more or fewer
/// vectors than it says.
pub fn read(mut reader: impl BufRead) -> Result<Rows> {
    let mut first = Vec::new();
    reader.by_ref().take(MOST_FIRST_LINE).read_until(b'\n', &mut first)?;
    let words = str::from_utf8(&first).ok().filter(|line| line.ends_with('\n')).map(str::split_whitespace);
    let sizes: Option<Vec<usize>> = words.map(|words| words.map_while(|word| word.parse().ok()).collect());
    let Some(&[count, width]) = sizes.as_deref() else {
        bail!("its first line is not that of word2vec's format: how many vectors, and how long they are");
    };
    ensure!((1..=MOST_WIDTH).contains(&width), "its first line claims vectors of {width} numbers");
    let mut rows = Rows { names: Vec::new(), width, numbers: Vec::new(), is_complex: false };
    if is_text(reader.fill_buf()?, width) {
        text(reader, &mut rows)?
    } else {
        binary(reader, count, &mut rows)?
    }
    let found = rows.names.len();
    ensure!(found == count, "its first line claims {count} vectors, {found} are there");
    let mut names: Vec<&str> = rows.names.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        bail!("it has two vectors for {}", pair[0]);
    }
    Ok(rows)
}

fn is_text(start: &[u8], width: usize) -> bool {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    // A vector longer than the buffer is judged by what of it is there.
    str::from_utf8(line)
        .is_ok_and(|line| row(line, width).is_some() || line.len() == start.len() && !line.contains('\0'))
}

/// A line's name and numbers.
fn row(line: &str, width: usize) -> Option<(&str, Vec<f32>)> {
    let mut rest = line.trim_end();
    let mut numbers = Vec::new();
    for _ in 0..width {
        let (before, number) = rest.rsplit_once([' ', '\t'])?;
        numbers.push(number.parse().ok()?);
        rest = before;
    }
    numbers.reverse();
    (!rest.is_empty()).then_some((rest, numbers))
}

fn text(reader: impl BufRead, rows: &mut Rows) -> Result<()> {
    let (mut line_number, mut wrong) = (1u64, None);
    lines::each(reader, |line| {
        line_number += 1;
        match line.map(|line| (line, row(line, rows.width))) {
            _ if wrong.is_some() => {}
            Some((_, Some((name, numbers)))) => {
                rows.names.push((name.to_owned(), rows.names.len()));
                rows.numbers.extend(numbers);
            }
            Some((line, None)) if line.trim().is_empty() => {}
            _ => wrong = Some(line_number),
        }
    })?;
    match wrong {
        Some(line) => bail!("line {line} is not a name with {} numbers", rows.width),
        None => Ok(()),
    }
}

fn binary(mut reader: impl BufRead, count: usize, rows: &mut Rows) -> Result<()> {
    let mut bytes = vec![0; 4 * rows.width];
    let mut name = Vec::new();
    for at in 0..count {
        name.clear();
        reader.by_ref().take(MOST_NAME_BYTES as u64).read_until(b' ', &mut name)?;
        if name.iter().all(u8::is_ascii_whitespace) {
            break;
        }
        ensure!(name.pop() == Some(b' '), "vector {at} has no name that ends");
        // Some programs write a line's end after a vector.
        let own = name.strip_prefix(b"\n").unwrap_or(&name);
        let own = str::from_utf8(own).with_context(|| format!("the name of vector {at} is not UTF-8 text"))?;
        reader.read_exact(&mut bytes).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => anyhow::anyhow!("it ends within the vector of {own}"),
            _ => error.into(),
        })?;
        rows.names.push((own.to_owned(), rows.names.len()));
        rows.numbers.extend(bytes.as_chunks::<4>().0.iter().map(|number| f32::from_le_bytes(*number)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binary_file(end: &[u8]) -> Vec<u8> {
        let mut bytes = b"2 3\n".to_vec();
        for (name, row) in [("Gene::1", [0.5f32, -1.0, 2.0]), ("Compound::DB1", [3.0, 4.0, -5.0])] {
            bytes.extend(name.bytes());
            bytes.push(b' ');
            row.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
            bytes.extend(end);
        }
        bytes
    }

    #[test]
    fn text_and_binary_are_the_same_vectors() -> Result<()> {
        let text = "2 3\nGene::1 0.5 -1 2.0\nCompound::DB1 3 4e0 -5 \n";
        let rows = read(text.as_bytes())?;
        assert_eq!(rows.names, [("Gene::1".to_owned(), 0), ("Compound::DB1".to_owned(), 1)]);
        assert_eq!(rows.numbers, [0.5, -1.0, 2.0, 3.0, 4.0, -5.0]);
        for end in [&b""[..], b"\n"] {
            assert_eq!(read(binary_file(end).as_slice())?, rows);
        }
        let spaced = read("1 2\nBiological Process::GO:1 1 2\n".as_bytes())?;
        assert_eq!(spaced.names[0].0, "Biological Process::GO:1");
        Ok(())
    }

    #[test]
    fn a_malformed_file_is_an_error() {
        let says = |bytes: &[u8], what: &str| {
            let error = format!("{:#}", read(bytes).expect_err(what));
            assert!(error.contains(what), "{error}");
        };
        says(b"", "first line");
        says(b"Gene::1 0.5 -1\n", "first line");
        says(b"9 99999999999\n", "claims vectors");
        says(b"3 1\na 1\nb 2\n", "3 vectors, 2 are there");
        says(b"99999999999 1\na 1\nb 2\n", "2 are there");
        says(b"2 1\na 1\na 2\n", "two vectors for a");
        says(b"2 1\na 1\nb x\n", "line 3");
        let whole = binary_file(b"");
        says(&whole[..whole.len() - 1], "ends within the vector of Compound::DB1");
        says(&whole[..24], "1 are there");
        says(&[b"1 1\n".as_slice(), &[0xff; 100_000]].concat(), "no name that ends");
    }

    #[test]
    fn no_changed_byte_makes_it_panic() {
        for whole in [binary_file(b"\n"), b"2 3\nGene::1 0.5 -1 2.0\nCompound::DB1 3 4e0 -5\n".to_vec()] {
            for at in 0..whole.len() {
                for byte in [0, b' ', b'\n', b'9', 0xff] {
                    let mut bytes = whole.clone();
                    bytes[at] = byte;
                    if let Ok(rows) = read(bytes.as_slice()) {
                        assert_eq!(rows.numbers.len(), rows.names.len() * rows.width);
                    }
                }
                let cut = read(&whole[..at]);
                assert!(cut.is_err() || at >= whole.len() - 2, "cut at {at}");
            }
        }
    }
}
