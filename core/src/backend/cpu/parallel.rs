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

/// Does two jobs, at the same time where there are cores. One thread goes no way through a pool.
pub(crate) fn join(first: impl FnOnce() + Send, second: impl FnOnce() + Send) {
    #[cfg(feature = "parallel")]
    if rayon::current_num_threads() > 1 {
        rayon::join(first, second);
        return;
    }
    first();
    second();
}
