// Anchor by the Kullback-Leibler divergence of soft-maxes, p = softmax(t), q = softmax(e). Twin of Distance::Kl.

fn bounded_exp(x: vec2<f32>) -> vec2<f32> {
    return exp(clamp(x, vec2<f32>(-87.0), vec2<f32>(87.0)));
}

// Sums over a row from which the distance follows: of e^t (t - e), e^e and e^t; w is never zero where there is text.
// An odd row's last pair has a second number beyond its end, which must not count.
fn anchor_terms(e: vec2<f32>, t: vec2<f32>) -> vec4<f32> {
    let own = bounded_exp(e);
    let other = bounded_exp(t);
    return vec4<f32>(dot(other, t - e), own.x + own.y, other.x + other.y, dot(t, t));
}

// Distance, and the two numbers of its gradient.
fn anchor_pull(sums: vec4<f32>) -> vec3<f32> {
    let beyond = f32(2u * half() - job.dim);
    let own = sums.y - beyond;
    let other = sums.z - beyond;
    return vec3<f32>(sums.x / other - log(other) + log(own), 1.0 / own, 1.0 / other);
}

fn anchor_gradient(e: vec2<f32>, t: vec2<f32>, a: f32, b: f32) -> vec2<f32> {
    return a * bounded_exp(e) - b * bounded_exp(t);
}
