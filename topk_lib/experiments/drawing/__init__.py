"""One way to draw, and the figures of measurements.

style says how things look: two themes, one colour, line and marker for every method and loss. A Sheet (sheet) takes
boxes, lines, dots, images and letters (lettering) in pixels; a Plane (plane) is a pair of scales on it, with curves,
names at their ends and a legend; intervals has the forest plot and its marks. png_file writes pictures, quantities
writes times and bytes. The figures: comparison, gains, grid_figure, bench_times, growth_curves.
"""
