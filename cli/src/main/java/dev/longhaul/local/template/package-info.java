/// Reads template.yaml as CloudFormation would: the short intrinsic tags, parameters and conditions
/// are resolved, and what the local stack needs of functions, queues and rules comes out as
/// records.
@NullMarked
package dev.longhaul.local.template;

import org.jspecify.annotations.NullMarked;
