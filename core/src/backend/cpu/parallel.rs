//! Independent parts of a job, on all cores under feature `parallel`, one after another without it.

/// Runs `f` on each part. Parts own what they write, so the result does not depend on the number of cores.
pub(crate) fn for_each<T: Send>(parts: Vec<T>, f: impl Fn(T) + Sync + Send) {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        parts.into_par_iter().for_each(f);
    }
    #[cfg(not(feature = "parallel"))]
    parts.into_iter().for_each(f);
}
