// Sum over the 64 threads of a group, by halving, so always in the same order. A stage that uses it says what it
// sums: `alias Summand = f32;` or `alias Summand = vec4<f32>;`. Every thread of the group must call it.

const LANES = 64u;
var<workgroup> partial: array<Summand, LANES>;

fn group_sum(lane: u32, value: Summand) -> Summand {
    workgroupBarrier();
    partial[lane] = value;
    workgroupBarrier();
    for (var width = LANES / 2u; width > 0u; width /= 2u) {
        if lane < width {
            partial[lane] += partial[lane + width];
        }
        workgroupBarrier();
    }
    return partial[0];
}

