//! What a file is that is no table, told by its first bytes, and what to do about it.

/// What a table is.
const TABLE: &str = "a table is UTF-8 text with tabs between its columns";

/// First bytes of files that come in a table's place, what they are, and what to do.
const KINDS: [(&[u8], &str); 8] = [
    (b"\xff\xfe", "text in UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "text in UTF-16: save it as UTF-8"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet: unpack it, or save the sheet as text with tabs"),
    (b"BZh", "packed by bzip2: unpack it, or pack it with gzip"),
    (b"\xfd7zXZ\0", "packed by xz: unpack it, or pack it with gzip"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd: unpack it, or pack it with gzip"),
    (b"\x1f\x8b", "packed by gzip twice: unpack it once"),
    (b"%PDF", "a PDF document"),
];

/// Why a file that begins so is no table; `None` where it may be one.
pub fn refusal(start: &[u8]) -> Option<String> {
    if start.is_empty() {
        return Some(format!("it is empty; {TABLE}"));
    }
    if let Some((_, what)) = KINDS.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Some(format!("it is {what}; {TABLE}"));
    }
    let text = start.trim_ascii_start().to_ascii_lowercase();
    if text.starts_with(b"<!doctype") || text.starts_with(b"<html") {
        return Some(format!("it is a web page, such as a server sends instead of a file; {TABLE}"));
    }
    start.contains(&0).then(|| format!("it is no text, as it holds bytes of zero; {TABLE}"))
}

/// What may be wrong with a text that begins so and holds no triple.
pub fn hint(start: &[u8]) -> &'static str {
    let has = |byte: u8| start.contains(&byte);
    if has(b'\r') && !has(b'\n') {
        return "; its lines seem to end in CR alone: save it with line feeds";
    }
    match (has(b'\t'), has(b','), has(b' ')) {
        (false, true, _) => "; it seems to be separated by commas: save it with tabs",
        (false, false, true) => "; it seems to be separated by spaces: save it with tabs",
        _ => "; is it another table?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_table_is_told() {
        let said = |start: &[u8]| refusal(start).unwrap_or_default();
        assert!(said(b"").contains("empty"));
        assert!(said(b"\xff\xfea\0").contains("UTF-16"));
        assert!(said(b"\n<!DOCTYPE html>").contains("web page"));
        assert!(said(b"a\tr\tb\0").contains("no text"));
        for good in [&b"a\tr\tb\n"[..], b"PK\tr\tb\n", b"<a\tr\tb", "\u{feff}a\tr\tb".as_bytes(), b"\xe4\tr\tb"] {
            assert_eq!(refusal(good), None, "{good:?}");
        }
        assert!(hint(b"a\tr\tb\rc").contains("CR") && hint(b"a,r,b\n").contains("comma"));
    }
}
