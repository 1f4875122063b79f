/// Payloads: strict reading that names every wrong field at once, and the frame that all functions
/// share between the Lambda runtime's bytes and their JSON.
@NullMarked
package dev.longhaul.payload;

import org.jspecify.annotations.NullMarked;
