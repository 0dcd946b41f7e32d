//! Small pieces without knowledge of the subject: glyphs, icons, dialogs, and which panels are open.

pub mod dialog;
pub mod glyph;
pub mod icon;
pub mod panels;
