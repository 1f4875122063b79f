/// DashboardFunction as a widget sees it: events in, HTML out.
@NullMarked
package dev.longhaul.dashboard;

import org.jspecify.annotations.NullMarked;
