//! Elementary functions from additions and multiplications alone.
//!
//! Every operation is rounded as IEEE 754 says and none is fused, so the same input gives the same
//! bits natively and in wasm, whatever the vector width; and the loops around them vectorise, which
//! calls into a system's maths library would prevent. Polynomials: Cephes (Moshier, 1989).

const LOG2_E: f32 = std::f32::consts::LOG2_E;
/// `ln 2` in two parts, so that `x − n·ln 2` keeps its low bits.
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;
/// Adding and subtracting 1.5 · 2²³ rounds to the nearest whole number.
const ROUND: f32 = 12_582_912.0;

/// `e^x`, relative error below 2e-7; `x` is clamped to ±87.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // Comparisons, not `clamp`: their handling of NaN costs nothing.
    let x = if x > -87.0 { x } else { -87.0 };
    let x = if x < 87.0 { x } else { 87.0 };
    let rounded = x * LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = x - n * LN2_HIGH - n * LN2_LOW;
    let mut p = 1.987_569_1e-4;
    p = p * r + 1.398_199_9e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 1.666_666_5e-1;
    p = p * r + 0.5;
    // The low bits of `rounded` are the whole number itself: no conversion is needed.
    let exponent = rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127);
    let scale = f32::from_bits(exponent << 23);
    (p * r * r + r + 1.0) * scale
}

/// `ln y` for `y` in `[1, 2]`, absolute error below 2e-7.
#[inline(always)]
fn ln_1_to_2(y: f32) -> f32 {
    let upper = y > std::f32::consts::SQRT_2;
    let z = if upper { y * 0.5 - 1.0 } else { y - 1.0 };
    let offset = if upper { std::f32::consts::LN_2 } else { 0.0 };
    let mut p = 7.037_683_6e-2;
    p = p * z - 1.151_461e-1;
    p = p * z + 1.167_699_84e-1;
    p = p * z - 1.242_014_1e-1;
    p = p * z + 1.424_932_3e-1;
    p = p * z - 1.666_805_7e-1;
    p = p * z + 2.000_071_5e-1;
    p = p * z - 2.499_999_4e-1;
    p = p * z + 3.333_333e-1;
    let zz = z * z;
    offset + (z - 0.5 * zz + p * z * zz)
}

/// `ln x` for positive normal `x`, absolute error below 1e-6.
pub fn ln(x: f32) -> f32 {
    let bits = x.to_bits();
    let exponent = (bits >> 23) as i32 - 127;
    let mantissa = f32::from_bits((bits & 0x7f_ffff) | 0x3f80_0000);
    exponent as f32 * std::f32::consts::LN_2 + ln_1_to_2(mantissa)
}

/// `(softplus(x), sigmoid(x))` = `(ln(1 + e^x), 1 / (1 + e^-x))`: the loss of a score and its slope.
#[inline(always)]
pub fn softplus_sigmoid(x: f32) -> (f32, f32) {
    let e = exp(-x.abs());
    let inverse = 1.0 / (1.0 + e);
    // Written so that a score that is no number gives a loss that is none.
    let positive = if x < 0.0 { 0.0 } else { x };
    (positive + ln_1_to_2(1.0 + e), if x >= 0.0 { inverse } else { e * inverse })
}

/// `(sin x, cos x)`, absolute error below 1e-6 for `|x| ≤ 1000`; a number that is far larger loses its digits.
#[inline(always)]
pub fn sin_cos(x: f32) -> (f32, f32) {
    // The nearest multiple of π/2 is taken off in three parts; its number chooses the quadrant.
    let rounded = x * std::f32::consts::FRAC_2_PI + ROUND;
    let n = rounded - ROUND;
    let r = ((x - n * 1.570_312_5) - n * 4.837_513e-4) - n * 7.549_79e-8;
    let z = r * r;
    let sin = ((-1.951_529_6e-4 * z + 8.332_161e-3) * z - 1.666_665_5e-1) * z * r + r;
    let cos = ((2.443_315_7e-5 * z - 1.388_731_6e-3) * z + 4.166_664_6e-2) * z * z - 0.5 * z + 1.0;
    let quadrant = rounded.to_bits();
    let (a, b) = if quadrant & 1 == 0 { (sin, cos) } else { (cos, sin) };
    let negate = |value: f32, is: u32| f32::from_bits(value.to_bits() ^ (is << 31));
    (negate(a, (quadrant >> 1) & 1), negate(b, ((quadrant + 1) >> 1) & 1))
}

/// `Σ a_k b_k` with eight running sums, in a fixed order.
#[inline(always)]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    fold(a, b, |x, y| x * y)
}

/// `Σ f(a_k, b_k)` with eight running sums, in a fixed order.
#[inline(always)]
pub fn fold(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0f32; 8];
    let (a_chunks, a_rest) = a.as_chunks::<8>();
    let (b_chunks, b_rest) = b.as_chunks::<8>();
    for (x, y) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..8 {
            lanes[lane] += f(x[lane], y[lane]);
        }
    }
    let mut sum = ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
    for (x, y) in a_rest.iter().zip(b_rest) {
        sum += f(*x, *y);
    }
    sum
}

/// `Σ a_k` with eight running sums, in a fixed order.
#[inline(always)]
pub fn sum(a: &[f32]) -> f32 {
    fold(a, a, |x, _| x)
}

/// The largest number; `f32::MIN` of none.
#[inline(always)]
pub fn maximum(a: &[f32]) -> f32 {
    let larger = |x: f32, y: f32| if y > x { y } else { x };
    let mut lanes = [f32::MIN; 8];
    let (chunks, rest) = a.as_chunks::<8>();
    for chunk in chunks {
        for lane in 0..8 {
            lanes[lane] = larger(lanes[lane], chunk[lane]);
        }
    }
    lanes.into_iter().chain(rest.iter().copied()).fold(f32::MIN, larger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_close() {
        for i in -8000..=8000 {
            let x = i as f32 * 0.01;
            let (ours, exact) = (f64::from(exp(x)), f64::from(x).exp());
            assert!((ours / exact - 1.0).abs() < 3e-7, "exp({x}) = {ours}, not {exact}");
        }
        assert!(exp(1e30).is_finite() && exp(-1e30) >= 0.0);
    }

    #[test]
    fn sin_cos_is_close() {
        for i in -20_000..=20_000 {
            let x = i as f32 * 0.05;
            let (sin, cos) = sin_cos(x);
            assert!((f64::from(sin) - f64::from(x).sin()).abs() < 1e-6, "sin({x}) = {sin}");
            assert!((f64::from(cos) - f64::from(x).cos()).abs() < 1e-6, "cos({x}) = {cos}");
        }
    }

    #[test]
    fn ln_is_close() {
        for i in 1..=4000 {
            for x in [i as f32 * 0.01, i as f32 * 1e-5, i as f32 * 100.0] {
                assert!((f64::from(ln(x)) - f64::from(x).ln()).abs() < 2e-6, "ln({x}) = {}", ln(x));
            }
        }
    }

    #[test]
    fn softplus_and_sigmoid_are_close() {
        for i in -4000..=4000 {
            let x = i as f32 * 0.01;
            let (softplus, sigmoid) = softplus_sigmoid(x);
            let exact = f64::from(x);
            assert!((f64::from(softplus) - exact.exp().ln_1p()).abs() < 3e-6, "softplus({x}) = {softplus}");
            assert!((f64::from(sigmoid) - 1.0 / (1.0 + (-exact).exp())).abs() < 2e-7, "sigmoid({x}) = {sigmoid}");
        }
    }
}
