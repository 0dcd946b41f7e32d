mod mask;

pub use mask::HeldOut;
