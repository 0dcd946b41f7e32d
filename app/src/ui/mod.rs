//! Small pieces without knowledge of the subject: what changes, glyphs, icons, dialogs.

pub mod dialog;
pub mod glyph;
pub mod icon;
pub mod live;
