//! `lladr`: see the library of this crate, which holds the commands.

fn main() -> std::process::ExitCode {
    lladr_cli::run()
}
