//! Maps: scikit-learn's neighbours and measures, the layout loop of the GPU against the CPU's, its shader without a GPU.
#![allow(clippy::panic, reason = "a helper of tests fails as a test does")]

use lladr_core::backend::cpu::CpuUmap;
use lladr_core::backend::gpu::{GpuUmap, UMAP_WGSL};
use lladr_core::backend::umap::{UmapEpoch, UmapPlan};
use lladr_core::model::{Arithmetic, Metric};
use lladr_core::project::{UmapSettings, map_quality, nearest, umap_plan};
use lladr_core::rng::{Stream, hash, unit};
use lladr_tests::{assert_close, gpu};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use ndarray::{Array2, ArrayView2};
use pollster::block_on;
use serde_json::Value;

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn table(value: &Value) -> Vec<f32> {
    list(value).iter().flat_map(list).map(|x| number(x) as f32).collect()
}

#[test]
fn neighbours_recall_and_trustworthiness_are_scikit_learns() {
    let path = format!("{}/golden/projection.json", env!("CARGO_MANIFEST_DIR"));
    let golden: Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("the golden is there")).expect("the golden is JSON");
    let (rows, positions) = (table(&golden["rows"]), table(&golden["positions"]));
    let rows = ArrayView2::from_shape((positions.len() / 2, 7), &rows).expect("seven numbers per row");
    for case in list(&golden["cases"]) {
        let k = number(&case["k"]) as usize;
        let metric = if case["metric"] == "cosine" { Metric::Cosine } else { Metric::Euclidean };
        for arithmetic in [Arithmetic::Fast, Arithmetic::Portable] {
            let found = nearest(rows, k, metric, arithmetic);
            let space = &golden["spaces"][case["metric"].as_str().unwrap_or_default()];
            let first_k = |value: &Value| table(value).chunks(15).flat_map(|all| all[..k].to_vec()).collect::<Vec<_>>();
            let as_f32: Vec<f32> = found.rows.iter().map(|row| *row as f32).collect();
            assert_eq!(as_f32, first_k(&space["neighbours"]), "{metric:?} {k}");
            assert_close(metric.name(), &found.distances, &first_k(&space["distances"]), 1e-6);
            let quality = map_quality(rows, &positions, k, metric, arithmetic).expect("it is defined");
            assert!((quality.recall - number(&case["recall"])).abs() < 1e-12, "{quality} {case}");
            assert!((quality.trustworthiness - number(&case["trustworthiness"])).abs() < 1e-12, "{quality} {case}");
        }
    }
}

fn plan(count: usize) -> UmapPlan {
    let draw = |row: usize, k: usize| unit(hash(4, Stream::Init, row as u32, k as u32));
    let rows = Array2::from_shape_fn((count, 6), |(row, k)| draw(row, k) + if k == row % 4 { 2.0 } else { 0.0 });
    let first: Vec<f32> = rows.rows().into_iter().flat_map(|row| [row[0] - row[1], row[2] - row[3]]).collect();
    let settings = UmapSettings { neighbours: 7, epochs: 150, ..UmapSettings::default() };
    umap_plan(rows.view(), &first, Metric::Euclidean, Arithmetic::Portable, &settings)
}

#[test]
#[cfg_attr(not(has_gpu), ignore = "set LLADR_TEST_GPU=yes on a machine with an adapter")]
fn gpu_epochs_agree_with_the_cpu() {
    let context = gpu();
    // Fewer than a group, a group and one more, several groups; three points is the least that is laid out.
    for count in [3, 5, 63, 65, 257, 1001] {
        for (epochs, tolerance) in [(1, 2e-5), (2, 1e-4), (7, 2e-3)] {
            let mut cpu = CpuUmap::new(plan(count));
            let mut gpu = GpuUmap::new(&context, plan(count)).expect("the tables fit");
            assert_eq!(gpu.advance(epochs).expect("the GPU works"), cpu.advance(epochs));
            let ours = block_on(gpu.read_positions()).expect("the GPU works");
            assert!(ours != plan(count).first, "{count} points moved");
            assert_close(&format!("{count} points, {epochs} epochs"), &ours, cpu.positions(), tolerance);
        }
    }
}

#[test]
#[cfg_attr(not(has_gpu), ignore = "set LLADR_TEST_GPU=yes on a machine with an adapter")]
fn gpu_layouts_end_where_they_should_and_repeat_bit_for_bit() {
    let context = gpu();
    // More epochs than one submission holds, in one call or in many; more are asked for than there are.
    let lay_out = |slice: u32| {
        let mut gpu = GpuUmap::new(&context, plan(301)).expect("the tables fit");
        while gpu.advance(slice).expect("the GPU works") > 0 {}
        block_on(gpu.read_positions()).expect("the GPU works")
    };
    let positions = lay_out(1000);
    assert_eq!(positions, lay_out(13));
    let mut cpu = CpuUmap::new(plan(301));
    cpu.advance(1000);
    let draw = |row: usize, k: usize| unit(hash(4, Stream::Init, row as u32, k as u32));
    let rows = Array2::from_shape_fn((301, 6), |(row, k)| draw(row, k) + if k == row % 4 { 2.0 } else { 0.0 });
    let judge = |positions: &[f32]| {
        map_quality(rows.view(), positions, 7, Metric::Euclidean, Arithmetic::Portable).expect("it is defined")
    };
    let (ours, theirs) = (judge(&positions), judge(cpu.positions()));
    assert!(theirs.trustworthiness > 0.85, "{theirs}");
    assert!((ours.trustworthiness - theirs.trustworthiness).abs() < 0.02, "{ours}, on the CPU {theirs}");
    assert!((ours.recall - theirs.recall).abs() < 0.05, "{ours}, on the CPU {theirs}");
}

#[test]
fn the_layout_shader_is_valid_without_extensions_and_reads_the_epoch_where_it_lies() {
    let module = naga::front::wgsl::parse_str(UMAP_WGSL)
        .unwrap_or_else(|error| panic!("umap.wgsl: {}", error.emit_to_string(UMAP_WGSL)));
    Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(&module)
        .unwrap_or_else(|error| panic!("umap.wgsl: {}", error.emit_to_string(UMAP_WGSL)));
    let device: Vec<(String, u32)> = (module.types.iter())
        .find_map(|(_, ty)| match (&ty.name, &ty.inner) {
            (Some(name), naga::TypeInner::Struct { members, .. }) if name == "Epoch" => {
                Some(members.iter().map(|member| (member.name.clone().unwrap_or_default(), member.offset)).collect())
            }
            _ => None,
        })
        .expect("the shader declares Epoch");
    macro_rules! offsets {
        ($($field:ident),* $(,)?) => { vec![$((stringify!($field).into(), std::mem::offset_of!(UmapEpoch, $field) as u32)),*] };
    }
    assert_eq!(device, offsets!(count, number, seed, rate, draws, weight));
}
