/// A labelling product's migrations, two million rows and a scenario with everything that goes
/// wrong in practice: what `longhaul demo` plays against the functions, and what the tests take as
/// real input. What it must end as is data too, so that both check the same.
@NullMarked
package dev.longhaul.cli.demo;

import org.jspecify.annotations.NullMarked;
