//! Lines of a stranger's file: bounded in length, whatever the file claims.

use std::io::BufRead;

/// No line of a graph is longer; what is, is passed over and counted.
const MOST_LINE_BYTES: usize = 1 << 20;

/// Hands each line to `take`, without its end of line, with a space for a carriage return inside, and, for the first,
/// without a byte order mark. A line that is too long or no UTF-8 comes as `None`.
///
/// # Errors
/// When the reader fails: a gzip stream that is cut or damaged, for example.
pub fn each(mut reader: impl BufRead, mut take: impl FnMut(Option<&str>)) -> std::io::Result<()> {
    let mut line = Vec::new();
    let (mut is_too_long, mut is_first) = (false, true);
    loop {
        let bytes = reader.fill_buf()?;
        let is_end = bytes.is_empty();
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let part = &bytes[..end.unwrap_or(bytes.len())];
        is_too_long |= line.len() + part.len() > MOST_LINE_BYTES;
        if is_too_long {
            line.clear();
        } else {
            line.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_none() && !is_end {
            continue;
        }
        if is_end && line.is_empty() && !is_too_long {
            return Ok(());
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        // Half an end of line inside a cell: a pack's tables could not hold it.
        line.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b' ');
        let text = if is_too_long { None } else { str::from_utf8(&line).ok() };
        take(text.map(|text| if is_first { text.trim_start_matches('\u{feff}') } else { text }));
        (is_too_long, is_first) = (false, false);
        line.clear();
        if is_end {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn lines(bytes: &[u8], buffer: usize) -> Vec<Option<String>> {
        let mut found = Vec::new();
        each(BufReader::with_capacity(buffer, bytes), |line| found.push(line.map(str::to_owned)))
            .expect("memory can be read");
        found
    }

    #[test]
    fn lines_come_whole_whatever_the_buffer() {
        for buffer in [1, 3, 4096] {
            assert_eq!(
                lines("\u{feff}a\tb\r\nc\n\nd".as_bytes(), buffer),
                [Some("a\tb".into()), Some("c".into()), Some(String::new()), Some("d".into())]
            );
            assert_eq!(lines(b"a\xff\nb\n", buffer), [None, Some("b".into())]);
            assert_eq!(lines(b"a\rb\r\r\n", buffer), [Some("a b ".into())]);
            assert!(lines(b"", buffer).is_empty());
        }
    }

    #[test]
    fn a_giant_line_takes_no_memory() {
        let giant = [vec![b'x'; 3 * MOST_LINE_BYTES], b"\nafter\n".to_vec()].concat();
        assert_eq!(lines(&giant, 4096), [None, Some("after".into())]);
    }
}
