//! Numbers for people: at most three significant digits, thousands grouped, no float formatting machinery.

/// `1234567` → `1,234,567`.
pub fn count(value: u32) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `1` → `1 drug`, `2` → `2 drugs`.
pub fn plural(value: u32, one: &str, many: &str) -> String {
    count(value) + " " + if value == 1 { one } else { many }
}

/// Three significant digits: `0.693`, `12.3`, `1240`; very small numbers as `1.2e-5`; `–` where not finite.
pub fn sig3(value: f32) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    let size = f64::from(value.abs());
    let sign = if value < 0.0 { "−" } else { "" };
    if size == 0.0 {
        return "0".into();
    }
    let mut exponent = size.log10().floor() as i32;
    // What rounds up to the next power of ten is written like it: 0.9996 is 1.00.
    if (size / 10f64.powi(exponent - 2)).round() >= 1000.0 {
        exponent += 1;
    }
    if exponent < -3 {
        let mantissa = fixed(size / 10f64.powi(exponent), 1);
        return sign.to_owned() + &mantissa + "e−" + &(-exponent).to_string();
    }
    let decimals = (2 - exponent).clamp(0, 5) as u32;
    sign.to_owned() + &fixed(size, decimals)
}

/// A number from 0 up with so many decimals.
pub fn fixed(value: f64, decimals: u32) -> String {
    let unit = 10u64.pow(decimals);
    let scaled = (value.max(0.0) * unit as f64).round() as u64;
    let whole = scaled / unit;
    if decimals == 0 {
        return whole.to_string();
    }
    let fraction = (scaled % unit).to_string();
    let zeros = "0".repeat(decimals as usize - fraction.len());
    whole.to_string() + "." + &zeros + &fraction
}

/// A setting as it is typed: `0.05`, `12`; with as many decimals as [`read`] needs to give it back, up to 12.
pub fn plain(value: f32) -> String {
    let exact = (0..12).map(|decimals| fixed(f64::from(value), decimals)).find(|text| read(text) == Some(value));
    exact.unwrap_or_else(|| fixed(f64::from(value), 12))
}

/// A number as it is typed, without exponent: digits, at most one point. `None` for anything else.
pub fn read(text: &str) -> Option<f32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut value = 0u64;
    for digit in whole.bytes().chain(fraction.bytes()) {
        if !digit.is_ascii_digit() || value > u64::MAX / 16 {
            return None;
        }
        value = value * 10 + u64::from(digit - b'0');
    }
    let unit = 10f64.powi(fraction.len() as i32);
    (text.len() > text.contains('.') as usize).then_some((value as f64 / unit) as f32)
}

/// `1.24 M`, `12.3 k`, `845`: a rate or a large count.
pub fn rate(value: f32) -> String {
    match value {
        v if !v.is_finite() => "–".into(),
        v if v >= 999_500.0 => sig3(v / 1e6) + " M",
        v if v >= 999.5 => sig3(v / 1e3) + " k",
        v => sig3(v),
    }
}

/// `512 B`, `43 kB`, `1.2 MB`.
pub fn bytes(value: f64) -> String {
    match value {
        v if v < 1000.0 => fixed(v, 0) + " B",
        v if v < 999_500.0 => fixed(v / 1e3, 0) + " kB",
        v => fixed(v / 1e6, 1) + " MB",
    }
}

/// A rank: whole, or with a half where drugs tie.
pub fn rank(value: f32) -> String {
    if value.fract() == 0.0 { count(value as u32) } else { fixed(f64::from(value), 1) }
}

/// A percentile, 0 to 100, one decimal; never rounded up to 100.
pub fn percentile(value: f32) -> String {
    if value >= 100.0 { "100".into() } else { fixed(f64::from(value).min(99.9), 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(97_238), "97,238");
        assert_eq!(count(5_874_261), "5,874,261");
        assert_eq!(plural(1, "drug", "drugs"), "1 drug");
    }

    #[test]
    fn three_significant_digits() {
        assert_eq!(sig3(0.592_147), "0.592");
        assert_eq!(sig3(12.345), "12.3");
        assert_eq!(sig3(1239.6), "1240");
        assert_eq!(sig3(0.001_234), "0.00123");
        assert_eq!(sig3(0.000_012_34), "1.2e−5");
        assert_eq!(sig3(0.9999), "1.00");
        assert_eq!(sig3(99.96), "100");
        assert_eq!(sig3(-2.5), "−2.50");
        assert_eq!(sig3(0.0), "0");
        assert_eq!(sig3(f32::NAN), "–");
    }

    #[test]
    fn rates_bytes_ranks() {
        assert_eq!(rate(1_240_000.0), "1.24 M");
        assert_eq!(rate(12_340.0), "12.3 k");
        assert_eq!(rate(845.2), "845");
        assert_eq!(rate(999_900.0), "1.00 M");
        assert_eq!(bytes(512.0), "512 B");
        assert_eq!(bytes(43_210.0), "43 kB");
        assert_eq!(bytes(1_234_567.0), "1.2 MB");
        assert_eq!(rank(3.0), "3");
        assert_eq!(rank(3.5), "3.5");
        assert_eq!(percentile(99.97), "99.9");
        assert_eq!(percentile(100.0), "100");
    }

    #[test]
    fn settings_read_as_typed() {
        assert_eq!(plain(0.05), "0.05");
        assert_eq!(plain(12.0), "12");
        assert_eq!(plain(0.1), "0.1");
        for value in [0.05, 12.0, 0.1, 0.0003, 0.123_45, 0.000_01, 1.0 / 3.0] {
            assert_eq!(read(&plain(value)), Some(value));
        }
        for bad in ["", ".", "1e5", "-1", "0x1", "NaN", "1.2.3", "99999999999999999999999"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
