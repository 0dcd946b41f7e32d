//! What the figures were measured on.

use serde_json::{Value, json};

/// Vector instructions that matter to a matrix product, by their names in /proc/cpuinfo.
const VECTORS: [&str; 7] = ["avx", "avx2", "fma", "avx512f", "avx512vl", "asimd", "sve"];

/// The processor, as the system names it.
pub struct Machine {
    model: String,
    features: Vec<&'static str>,
    cores: usize,
}

impl Machine {
    /// Reads /proc/cpuinfo where there is one.
    pub fn look() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Machine::parse(&std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default(), cores)
    }

    fn parse(text: &str, cores: usize) -> Self {
        let field = |names: [&str; 2]| {
            let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
            pairs.find(|(name, _)| names.contains(&name.trim())).map(|(_, value)| value.trim())
        };
        let flags: Vec<&str> = field(["flags", "Features"]).unwrap_or_default().split_whitespace().collect();
        Machine {
            model: super::peer::plain(field(["model name", "Model"]).unwrap_or(std::env::consts::ARCH)),
            features: VECTORS.into_iter().filter(|name| flags.contains(name)).collect(),
            cores,
        }
    }

    /// The kernel that an older OpenBLAS should take: it reads a processor it does not know as one without AVX.
    pub fn openblas_core(&self) -> Option<&'static str> {
        let has = |name| self.features.contains(&name);
        match (has("avx512vl"), has("avx2")) {
            (true, _) => Some("SkylakeX"),
            (_, true) => Some("Haswell"),
            _ => None,
        }
    }

    /// In a line, with how busy it is now.
    pub fn words(&self) -> String {
        let load = load().map(|load| format!("; load average {load:.1}")).unwrap_or_default();
        format!("{} ({}), {} cores, one thread on each side{load}", self.model, self.features.join(" "), self.cores)
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        json!({ "model": self.model, "features": self.features, "cores": self.cores, "load": load() })
    }
}

/// Load average of the last minute.
fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::Machine;

    #[test]
    fn reads_what_there_is() {
        let text = "processor\t: 0\nmodel name\t: Some | CPU\nflags\t\t: fpu avx avx2 fma avx512f avx512vl\n";
        let machine = Machine::parse(text, 2);
        assert_eq!(machine.features, ["avx", "avx2", "fma", "avx512f", "avx512vl"]);
        assert_eq!(machine.openblas_core(), Some("SkylakeX"));
        assert!(machine.words().starts_with("Some / CPU (avx avx2"), "{}", machine.words());
        let nothing = Machine::parse("", 1);
        assert_eq!((nothing.model.as_str(), nothing.openblas_core()), (std::env::consts::ARCH, None));
    }
}
