/// DashboardFunction: migrations as HTML, for a CloudWatch custom widget and for the local stack's
/// page
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html>).
/// It only reads. Its buttons are calls that the viewer's own rights allow or not.
@NullMarked
package dev.longhaul.dashboard;

import org.jspecify.annotations.NullMarked;
