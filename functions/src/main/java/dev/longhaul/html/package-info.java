/// A small writer of HTML: names and errors are other people's texts, and none of them reaches a
/// page unescaped, because there is no way to write one so. [WidgetCall] answers a button.
@NullMarked
package dev.longhaul.html;

import org.jspecify.annotations.NullMarked;
