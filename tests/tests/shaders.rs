//! Every composition of WGSL is valid, and the host's structs lie where the shaders expect them, without a GPU.
#![allow(clippy::panic, reason = "a helper of tests fails as a test does")]

use lladr_core::anchor::Distance;
use lladr_core::backend::gpu::{JOB_STRIDE, Job, Stage, compose};
use lladr_core::loss::Loss;
use lladr_core::model::Interaction;
use lladr_core::optimizer::Optimizer;
use lladr_core::plan::CHUNK;
use lladr_core::settings::{Recipe, Settings, TextSettings};
use naga::valid::{Capabilities, ValidationFlags, Validator};

fn module(stage: Stage, settings: &Settings) -> naga::Module {
    let source = compose(stage, settings);
    let interaction = settings.interaction;
    let module = naga::front::wgsl::parse_str(&source)
        .unwrap_or_else(|error| panic!("{} {}: {}", stage.name(), interaction.name(), error.emit_to_string(&source)));
    Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(&module)
        .unwrap_or_else(|error| panic!("{} {}: {}", stage.name(), interaction.name(), error.emit_to_string(&source)));
    module
}

#[test]
fn every_composition_is_valid_without_extensions() {
    for stage in Stage::ALL {
        for interaction in Interaction::ALL {
            let plain = Settings::for_interaction(interaction);
            for loss in Loss::ALL {
                module(stage, &Settings { recipe: Recipe { loss, ..plain.recipe }, ..plain });
            }
            for optimizer in Optimizer::ALL {
                module(stage, &Settings { recipe: Recipe { optimizer, ..plain.recipe }, ..plain });
            }
            for distance in Distance::ALL {
                module(stage, &Settings { text: TextSettings { distance, ..plain.text }, ..plain });
            }
        }
    }
}

#[test]
fn the_map_shader_is_valid_too() {
    let module = naga::front::wgsl::parse_str(lladr_core::scatter::POINTS_WGSL).expect("the map's shader parses");
    Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module).expect("the map's shader is valid");
}

#[test]
fn job_fields_lie_at_the_same_offsets_on_host_and_device() {
    let module = module(Stage::Score, &Settings::default());
    let members = module
        .types
        .iter()
        .find_map(|(_, ty)| match (&ty.name, &ty.inner) {
            (Some(name), naga::TypeInner::Struct { members, .. }) if name == "Job" => Some(members.clone()),
            _ => None,
        })
        .expect("the shader declares Job");
    macro_rules! offsets {
        ($($field:ident),* $(,)?) => { [$((stringify!($field), std::mem::offset_of!(Job, $field) as u32)),*] };
    }
    let host = offsets!(
        batch,
        chunk,
        negatives,
        dim,
        entities,
        side,
        loss_slot,
        row_count,
        entity_rows,
        gamma,
        alpha,
        margin,
        share,
        zeta_link,
        anchor_text,
        anchor_second,
        learning_rate,
        entity_scale,
        relation_scale,
        entity_norm,
        relation_norm,
        power,
        at_positives,
        at_negatives,
        at_false_starts,
        at_false_items,
        at_piece_starts,
        at_piece_items,
        at_rows,
        at_segment_starts,
        at_segment_items,
        first_piece,
        first_total,
        groups_across,
        at_losses,
        at_anchor_losses,
        at_pulls,
        at_loss_ring,
        at_weights,
        at_kinds,
        at_text,
        at_second,
        first_map_row,
        at_free,
    );
    let device: Vec<_> =
        members.iter().map(|member| (member.name.clone().unwrap_or_default(), member.offset)).collect();
    assert_eq!(device.len(), host.len());
    for ((name, offset), (device_name, device_offset)) in host.iter().zip(&device) {
        assert_eq!((*name, *offset), (device_name.as_str(), *device_offset));
    }
    assert!(size_of::<Job>() as u64 <= JOB_STRIDE);
    assert_eq!(CHUNK % 16, 0, "score.wgsl cuts chunks into blocks of 16 rows");
}
