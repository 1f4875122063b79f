/// The command line: every command is a call of one of the functions, by the AWS SDK's own Lambda
/// client, so that the same command works against AWS and against the local stack. Also the format
/// of migration files, which only the command line knows: the functions see payloads.
@NullMarked
package dev.longhaul.cli;

import org.jspecify.annotations.NullMarked;
