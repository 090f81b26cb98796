//! Native modules that the core itself needs.
