/// Custom resources: what CloudFormation asks about a migration that stands in a stack, and how it
/// is answered, directly or by way of CDK's provider framework.
@NullMarked
package dev.longhaul.cloudformation;

import org.jspecify.annotations.NullMarked;
