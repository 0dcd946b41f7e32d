// The marks of the map: six vertices per mark, shapes as signed distances in device pixels.
// A mark's paint word: bits 0-3 colour, 4-7 shape, 8-15 radius in eighths of a pixel, 16-23 opacity,
// 24 halo in the page's colour, 25 selection ring in the accent colour.

struct Frame {
    to_clip: vec4<f32>,
    pixels: vec2<f32>,
    size: f32,
    glide: f32,
    colours: array<vec4<f32>, 16>,
}

@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var<storage, read> places: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> paints: array<u32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;

struct Corner {
    @builtin(position) clip: vec4<f32>,
    // Offset from the middle of the mark, in device pixels, y down.
    @location(0) offset: vec2<f32>,
    @location(1) @interpolate(flat) paint: u32,
    @location(2) @interpolate(flat) radius: f32,
}

const ACCENT: u32 = 14u;
const PAPER: u32 = 15u;
// Width of the line of an outlined shape, in radii; as `Shape::LINE`.
const LINE: f32 = 0.42;

@vertex
fn place_corner(@builtin(vertex_index) vertex: u32, @builtin(instance_index) instance: u32) -> Corner {
    let entity = order[instance];
    let place = places[entity];
    let paint = paints[entity];
    let middle = mix(place.xy, place.zw, frame.glide) * frame.to_clip.xy + frame.to_clip.zw;
    let radius = f32(extractBits(paint, 8u, 8u)) / 8.0 * frame.size;
    // Corners of two triangles: 0 1 2 and 1 2 3.
    let corner = select(vertex, vertex - 2u, vertex > 2u);
    let side = vec2<f32>(f32(corner & 1u), f32(corner >> 1u)) * 2.0 - 1.0;
    let ring = f32(extractBits(paint, 25u, 1u)) * 5.0;
    let reach = radius * 1.5 + 3.0 + ring * frame.size;
    var out: Corner;
    out.offset = side * reach;
    out.clip = vec4<f32>(middle + out.offset * vec2<f32>(2.0, -2.0) / frame.pixels, 0.0, 1.0);
    out.paint = paint;
    out.radius = radius;
    return out;
}

fn box_distance(p: vec2<f32>, half_size: vec2<f32>) -> f32 {
    let d = abs(p) - half_size;
    return length(max(d, vec2<f32>(0.0))) + min(max(d.x, d.y), 0.0);
}

// Distance to the triangle of `Shape::Triangle`, in radii, y down, by its three edges.
fn triangle_distance(p: vec2<f32>) -> f32 {
    let side = vec2<f32>(abs(p.x), p.y);
    let slanted = dot(side - vec2<f32>(0.0, -1.2), normalize(vec2<f32>(2.0, -1.15)));
    return max(slanted, p.y - 0.8);
}

fn diamond_distance(p: vec2<f32>) -> f32 {
    return (abs(p.x) + abs(p.y) - 1.25) * 0.70710678;
}

fn hexagon_distance(p: vec2<f32>) -> f32 {
    let q = abs(p);
    return max(q.y - 0.95, dot(q - vec2<f32>(1.1, 0.0), normalize(vec2<f32>(0.95, 0.55))));
}

fn pentagon_distance(p: vec2<f32>) -> f32 {
    let q = vec2<f32>(abs(p.x), p.y);
    let upper = dot(q, vec2<f32>(0.58778525, -0.80901699));
    let side = dot(q, vec2<f32>(0.95105652, 0.30901699));
    return max(max(upper, side), q.y) - 0.906;
}

// Four points: the edge from one tip to the next notch, mirrored.
fn star_distance(p: vec2<f32>) -> f32 {
    let q = vec2<f32>(max(abs(p.x), abs(p.y)), min(abs(p.x), abs(p.y)));
    return dot(q - vec2<f32>(1.45, 0.0), vec2<f32>(0.41036467, 0.91192150));
}

fn cross_distance(p: vec2<f32>) -> f32 {
    return min(box_distance(p, vec2<f32>(0.42, 1.15)), box_distance(p, vec2<f32>(1.15, 0.42)));
}

// The outline of a filled shape, as a line.
fn line(distance: f32) -> f32 {
    return abs(distance + LINE / 2.0) - LINE / 2.0;
}

// Signed distance in radii: negative inside.
fn shape_distance(shape: u32, p: vec2<f32>) -> f32 {
    switch shape {
        case 1u: { return box_distance(p, vec2<f32>(0.88)); }
        case 2u: { return triangle_distance(p); }
        case 3u: { return diamond_distance(p); }
        case 4u: { return cross_distance(p); }
        case 5u: { return triangle_distance(vec2<f32>(p.x, -p.y)); }
        case 6u: { return hexagon_distance(p); }
        case 7u: { return min(line(length(p) - 1.0), length(p) - 0.34); }
        case 8u: { return line(diamond_distance(p)); }
        case 9u: { return line(length(p) - 1.0); }
        case 10u: { return cross_distance(vec2<f32>(p.x - p.y, p.x + p.y) * 0.70710678); }
        case 11u: { return pentagon_distance(p); }
        case 12u: { return star_distance(p); }
        case 13u: { return line(box_distance(p, vec2<f32>(0.88))); }
        default: { return length(p) - 1.0; }
    }
}

// The filled outline, for the halo behind an outlined shape.
fn outline_distance(shape: u32, p: vec2<f32>) -> f32 {
    switch shape {
        case 7u, 9u: { return length(p) - 1.0; }
        case 8u: { return diamond_distance(p); }
        case 13u: { return box_distance(p, vec2<f32>(0.88)); }
        default: { return shape_distance(shape, p); }
    }
}

fn coverage(distance: f32) -> f32 {
    return clamp(0.5 - distance, 0.0, 1.0);
}

// `over` on premultiplied colours.
fn lay(below: vec4<f32>, colour: vec3<f32>, alpha: f32) -> vec4<f32> {
    return below * (1.0 - alpha) + vec4<f32>(colour * alpha, alpha);
}

@fragment
fn paint_mark(in: Corner) -> @location(0) vec4<f32> {
    let shape = extractBits(in.paint, 4u, 4u);
    let radius = max(in.radius, 0.5);
    let p = in.offset / radius;
    let opacity = f32(extractBits(in.paint, 16u, 8u)) / 255.0;
    var out = vec4<f32>(0.0);
    if extractBits(in.paint, 25u, 1u) == 1u {
        let ring = abs(length(in.offset) - radius - 3.5 * frame.size) - 0.9 * frame.size;
        out = lay(out, frame.colours[ACCENT].rgb, coverage(ring));
    }
    if extractBits(in.paint, 24u, 1u) == 1u {
        out = lay(out, frame.colours[PAPER].rgb, coverage(outline_distance(shape, p) * radius - 1.5));
    }
    let colour = frame.colours[extractBits(in.paint, 0u, 4u)].rgb;
    return lay(out, colour, coverage(shape_distance(shape, p) * radius) * opacity);
}
