/// RegistrationFunction: validates migrations, records them, and hands to the queue what may run at
/// once.
@NullMarked
package dev.longhaul.registration;

import org.jspecify.annotations.NullMarked;
