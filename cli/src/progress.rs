//! Progress bars: what is done, how fast, and how long it will take. They show on a terminal only.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over `count` things called `unit`, such as `texts`.
pub fn bar(doing: &str, count: u64, unit: &str) -> ProgressBar {
    styled(
        ProgressBar::new(count),
        doing,
        &format!("{{bar:30}} {{human_pos}}/{{human_len}} {unit}  {{per_sec}}  {{eta}} left"),
    )
}

/// A bar over bytes.
pub fn bytes(doing: &str, count: u64) -> ProgressBar {
    styled(ProgressBar::new(count), doing, "{bar:30} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left")
}

fn styled(bar: ProgressBar, doing: &str, template: &str) -> ProgressBar {
    // A template that does not parse would leave the library's own style.
    if let Ok(style) = ProgressStyle::with_template(&format!("{{msg}} {template}")) {
        bar.set_style(style);
    }
    bar.with_message(doing.to_owned())
}
