//! Turns what the machine has into what shows as ignored.
//!
//! `LLADR_TEST_GPU=yes` runs the tests of the GPU (without an adapter they fail); otherwise they show
//! as ignored. `LLADR_DATA=<folder>` runs those that read real data, `LLADR_PACK=<folder>` those that
//! open a pack of one's own in the page.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(has_gpu, has_data, has_pack)");
    println!("cargo::rerun-if-env-changed=LLADR_TEST_GPU");
    println!("cargo::rerun-if-env-changed=LLADR_DATA");
    println!("cargo::rerun-if-env-changed=LLADR_PACK");
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("LLADR_PACK").is_some_and(|value| !value.is_empty()) {
        println!("cargo::rustc-cfg=has_pack");
    }
    if std::env::var("LLADR_TEST_GPU").is_ok_and(|value| value == "yes") {
        println!("cargo::rustc-cfg=has_gpu");
    }
    if std::env::var_os("LLADR_DATA").is_some_and(|value| !value.is_empty()) {
        println!("cargo::rustc-cfg=has_data");
    }
}
