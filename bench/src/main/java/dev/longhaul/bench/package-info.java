/// Measures what is claimed about speed and memory: each benchmark is one command, compares side by
/// side in one run, takes medians of interleaved rounds, and writes one Markdown page.
@NullMarked
package dev.longhaul.bench;

import org.jspecify.annotations.NullMarked;
