/// Looks whether a deployment can do its work, as seen from inside of a function: its databases,
/// their settings and rights, and the services that it calls. It changes nothing.
@NullMarked
package dev.longhaul.doctor;

import org.jspecify.annotations.NullMarked;
