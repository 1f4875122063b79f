/// The model of the protocol, `docs/model/Longhaul.tla`, and what checks it: TLC, in a process of
/// its own.
@NullMarked
package dev.longhaul.model;

import org.jspecify.annotations.NullMarked;
