"""One way to draw: sheets, colours, planes, and the figures of measurements."""
