// An epoch of UMAP's layout: each thread moves one point, reading the positions of the epoch before and writing its
// own new one. Twin of backend/cpu/umap.rs; formulas in backend/umap.rs.
// The hash and the draws are those of rng.rs, bit by bit.

struct Epoch {
    count: u32,
    number: u32,
    seed: u32,
    rate: f32,
    draws: u32,
    weight: f32,
}

@group(0) @binding(0) var<uniform> epoch: Epoch;
@group(0) @binding(1) var<storage, read> starts: array<u32>;
// Other end, odds << 16 | phase.
@group(0) @binding(2) var<storage, read> edges: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read> positions: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> moved: array<vec2<f32>>;

const A: f32 = 1.5769435;
const B: f32 = 0.8950609;
const MOST: f32 = 4.0;
// Stream::Projection.
const STREAM: u32 = 5u;

fn mix_bits(bits: u32) -> u32 {
    var x = bits;
    x ^= x >> 16u;
    x *= 0x21f0aaadu;
    x ^= x >> 15u;
    x *= 0xd35a2d97u;
    return x ^ (x >> 15u);
}

fn hash(seed: u32, a: u32, b: u32) -> u32 {
    var h = mix_bits(seed ^ 0x9e3779b9u);
    h = mix_bits(h + STREAM);
    h = mix_bits(h + a);
    return mix_bits(h + b);
}

// The upper 32 bits of the product of two 32-bit numbers.
fn below(bits: u32, n: u32) -> u32 {
    let low = (bits & 0xffffu) * (n & 0xffffu);
    let cross = (bits >> 16u) * (n & 0xffffu) + (low >> 16u);
    let other = (bits & 0xffffu) * (n >> 16u) + (cross & 0xffffu);
    return (bits >> 16u) * (n >> 16u) + (cross >> 16u) + (other >> 16u);
}

fn is_due(schedule: u32) -> bool {
    let odds = schedule >> 16u;
    let before = odds * epoch.number + (schedule & 0xffffu);
    return (before >> 16u) != ((before + odds) >> 16u);
}

fn power_of(d2: f32) -> f32 {
    return pow(max(d2, 1e-12), B);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>) {
    let point = invocation.x;
    if point >= epoch.count {
        return;
    }
    let own = positions[point];
    var pulls = vec2<f32>(0.0);
    var stiffness = 0.0;
    var due = 0u;
    let end = starts[point + 1u];
    for (var at = starts[point]; at < end; at++) {
        let edge = edges[at];
        if is_due(edge.y) {
            due += 1u;
            let apart = own - positions[edge.x];
            let d2 = dot(apart, apart);
            if d2 > 1e-12 {
                let power = power_of(d2);
                let slope = 4.0 * A * B * power / (d2 * (1.0 + A * power));
                pulls -= slope * apart;
                stiffness += slope;
            }
        }
    }
    var pushes = vec2<f32>(0.0);
    if due > 0u {
        for (var draw = 0u; draw < epoch.draws; draw++) {
            let apart = own - positions[below(hash(epoch.seed, point, draw), epoch.count)];
            let d2 = dot(apart, apart);
            let slope = 2.0 * B / ((0.001 + d2) * (1.0 + A * power_of(d2)));
            pushes += clamp(slope * apart, vec2<f32>(-MOST), vec2<f32>(MOST));
        }
    }
    let force = pulls + epoch.weight * f32(due) * pushes;
    let damping = 1.0 + epoch.rate * stiffness;
    moved[point] = own + clamp(epoch.rate * force / damping, vec2<f32>(-MOST), vec2<f32>(MOST));
}
