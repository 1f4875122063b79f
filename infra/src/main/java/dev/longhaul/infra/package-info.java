/// CDK constructs: [Longhaul] is what `template.yaml` deploys, in a stack of your own;
/// [SqlMigration] is a migration that a stack registers when it is deployed. A test holds the first
/// to the template, resource by resource, so neither has what the other lacks.
@NullMarked
package dev.longhaul.infra;

import org.jspecify.annotations.NullMarked;
