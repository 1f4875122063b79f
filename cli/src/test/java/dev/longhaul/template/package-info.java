/// What template.yaml promises: that the parts it describes fit each other and the code, and that
/// no role may do more than its function does.
@NullMarked
package dev.longhaul.template;

import org.jspecify.annotations.NullMarked;
