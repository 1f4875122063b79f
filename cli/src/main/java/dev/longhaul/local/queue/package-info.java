/// SQS: an in-process ElasticMQ with the template's queues, and the poller that gives their
/// messages to functions as Lambda's event source mapping does.
@NullMarked
package dev.longhaul.local.queue;

import org.jspecify.annotations.NullMarked;
