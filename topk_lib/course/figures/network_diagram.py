"""A comparator network drawn as wires: what meets what, in which layer, and how far each pair was swapped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.lettering import fitting_size
from ...experiments.drawing.sheet import Sheet
from ...sigmoids import Comparator
from .given import as_scores, count, number_label
from .heat_map import heat_scale
from .network_layout import BOTTOM, DISC, DOT, GAP, HEIGHT, LEFT, MARGIN, RIGHT, WIDTH, Layout, lay_out
from .network_run import Run, caption, make_run

SHADE = {"light": "#f3f3f3", "dark": "#1e1e1e"}  # behind a layer
SHADE_NOW = {"light": "#dbe5f1", "dark": "#2b3b4d"}  # behind the layer that was done last
LEVELS = 20  # of colour: few enough that comparators share artists


@style.locked
def network_diagram(
    kind: str,
    scores: Sequence[float],
    names: Sequence[str],
    k: int | None = None,
    steepness: float | None = None,
    distribution: str = "cauchy",
    step: int | None = None,
    show_pruned: bool = True,
    theme: str = "light",
) -> tuple[Figure, str]:
    """A network with the scores on its wires, time from left to right, best lane on top.

    Each comparator is an arrow to the lane that receives the larger value. Its mark is a circle where it kept its
    pair (α >= 1/2) and a square where it swapped, in the colour of α, and holds α where there is room. Layers that
    are still to come are grey; comparators that the top k do not need are dashed. The panel `NetworkStepper`
    draws itself with this function, so the figure always has the same size.

    Args:
        kind: "odd_even", "bitonic" or "splitter_selection".
        scores: 2 to 16 numbers, the first for lane 0.
        names: their class names.
        k: number of top ranks that are wanted; all by default.
        steepness: β of soft comparators; None for hard ones.
        distribution: how soft comparators soften.
        step: number of layers done; all by default.
        show_pruned: whether comparators that the top k do not need are drawn at all.

    Returns:
        The figure, and a caption with the network's size, the numbers on the wires and what the layer did.

    Raises:
        ValueError: naming the argument.

    Source: the drawing is Knuth's (TAOCP 3, 5.3.4) turned upside down.
    """
    comparator = None if steepness is None else Comparator(distribution, steepness)
    run = make_run(kind, as_scores(scores, names), names, k, comparator, step, show_pruned)
    layout = lay_out(run.network.layers, run.stages[0].values, run.names, comparator is None, run.step)
    return Painter(layout, run, theme).paint(), caption(run)


class Painter:
    """Draws one run of a network."""

    def __init__(self, layout: Layout, run: Run, theme: str) -> None:
        self.sheet = Sheet(WIDTH, HEIGHT, theme)
        self.layout, self.run = layout, run
        self.depth, self.n = run.network.depth, run.network.n
        self.colors = self.sheet.colors
        self.dots: dict[tuple[str, str, float], list[tuple[float, float]]] = defaultdict(list)

    def paint(self) -> Figure:
        """The finished figure."""
        self._write_titles()
        for t in range(self.depth):
            self._draw_band(t)
        for lane in range(self.n):
            self._draw_wire(lane)
            self._write_input(lane)
            if self.n - lane <= self.run.k:
                self._write_output(lane)
        for t, layer in enumerate(self.run.network.layers):
            for i, (low, high) in enumerate(layer.tolist()):
                self._draw_comparator(t, i, low, high)
        self._draw_legend()
        for (color, marker, size), points in self.dots.items():
            self.sheet.dots(*np.transpose(points), color, marker, size)
        return self.sheet.figure()

    def _write_titles(self) -> None:
        run = self.run
        needed, pruned = run.comparators
        size, depth = count(run.network.size, "comparator"), count(self.depth, "layer")
        title = f"{style.in_words(run.network.kind)} network: {size} in {depth}"
        self.sheet.text(MARGIN, 20, title, style.LARGE, align="left", bold=True)
        wanted = f"  ·  top {run.k} of {self.n} wanted: {needed} comparators needed, {pruned} pruned"
        line = f"{run.settings}{wanted * (run.k < self.n)}  ·  {run.step} of {depth} done"
        self.sheet.note(MARGIN, 43, line)
        heads = self.layout.y(self.n - 0.5) - 11
        self.sheet.note(self.layout.starts[0] - 5, heads, "layer", "right")
        self.sheet.note(MARGIN, heads, "lane")
        if run.comparator is not None and run.step == self.depth:
            self.sheet.note(WIDTH - RIGHT + 66, heads, "mostly")

    def _draw_band(self, t: int) -> None:
        (left, right), top = self.layout.band(t), self.layout.y(self.n - 0.5)
        done, now = t < self.run.step, t == self.run.step - 1
        shade = (SHADE_NOW if now else SHADE)[self.sheet.theme]
        self.sheet.box(left, top, right - left, self.n * self.layout.pitch, shade)
        color = self.colors.ink if done else self.colors.muted
        self.sheet.text((left + right) / 2, top - 11, f"{t + 1}", style.SMALL, color, bold=now)

    def _draw_wire(self, lane: int) -> None:
        """Piece by piece, with gaps for its numbers; dotted where no wanted output depends on it."""
        y, x, layout, run = self.layout.y(lane), LEFT, self.layout, self.run
        for t in range(self.depth + 1):
            stop = WIDTH - RIGHT if t == self.depth else layout.band(t)[1]
            done, live = run.step > min(t, self.depth - 1), run.live[t, lane]
            color = self.colors.ink if done and live else self.colors.muted
            self.sheet.line((x, y), (stop, y), color, 1.4 if done and live else 1.0, "-" if live else ":")
            x = stop
            if t < run.step and layout.rooms[t] > GAP and run.live[t + 1, lane]:
                stage, x = run.stages[t + 1], layout.starts[t + 1]
                text = layout.tag.write(stage.values[lane], run.names[stage.shares[lane].argmax()])
                self.sheet.text(layout.tag_x(t), y, text, layout.tag.size)

    def _draw_comparator(self, t: int, i: int, low: int, high: int) -> None:
        x, start, end = self.layout.x(t, i), self.layout.y(low), self.layout.y(high)
        if not self.run.needed[t][i]:
            self.sheet.line((x, start), (x, end), self.colors.muted, 1.2, "--")
            return
        done, marker = t < self.run.step, "^" if high > low else "v"
        color = self.colors.ink if done else self.colors.muted
        self.sheet.line((x, start), (x, end), color, 5 if done else 1.5)
        self.dots[color, "o", 6].append((x, start))
        self.dots[color, marker, 10].append((x, end))
        if done:
            self._draw_alpha(x, low, high, self.run.stages[t + 1].alpha[i])

    def _draw_alpha(self, x: float, low: int, high: int, alpha: float) -> None:
        """The bar in the colour of α, and a mark in the lowest gap that it crosses: a circle kept, a square swapped."""
        (color, letters), y = _color(round(alpha * LEVELS)), self.layout.y(min(low, high) + 0.5)
        self.sheet.line((x, self.layout.y(low)), (x, self.layout.y(high)), color, 3)
        numbered = self.layout.marks_hold_numbers
        self._mark(x, y, alpha, DISC if numbered else DOT)
        if numbered:
            words = {0.0: "swap", 1.0: "keep"} if self.run.comparator is None else {}
            text = words.get(alpha, f"{alpha:.2f}".removeprefix("0"))
            self.sheet.text(x, y, text, 9 if words else 10.5, letters)

    def _mark(self, x: float, y: float, alpha: float, size: float) -> None:
        self.dots[_color(round(alpha * LEVELS))[0], "o" if alpha >= 0.5 else "s", size].append((x, y))

    def _write_input(self, lane: int) -> None:
        y, value, names = self.layout.y(lane), self.run.stages[0].values[lane], self.run.names
        self.sheet.note(MARGIN + 14, y, f"{lane}", "right")
        size = min(fitting_size(names, 56, style.NORMAL), 0.62 * self.layout.pitch)
        self.sheet.text(MARGIN + 24, y, names[lane], size, align="left", bold=True)
        self.sheet.text(LEFT - 6, y, number_label(value, None), min(size, style.NORMAL), align="right")

    def _write_output(self, lane: int) -> None:
        rank, y, left = self.n - lane, self.layout.y(lane), WIDTH - RIGHT + 8
        size = min(style.NORMAL, 0.62 * self.layout.pitch)
        done = self.run.step == self.depth
        self.sheet.text(left, y, f"rank {rank}", size, None if done else self.colors.muted, "left", bold=True)
        if done:
            owner = self.run.owners[lane]
            text, share = self.run.names[owner], self.run.stages[-1].shares[lane, owner]
            if self.run.comparator is not None:
                text += f" {share:.2f}".replace("0.", ".")
            self.sheet.text(left + 58, y, text, fitting_size([text], RIGHT - 72, size), align="left")

    def _draw_legend(self) -> None:
        y = HEIGHT - BOTTOM + 34
        heat_scale(self.sheet, MARGIN + 180, y - 5, 80, 10, "in order to the degree α = 0", "1")
        for x, alpha, text in ((310, 0.1, "swaps (α < ½)"), (430, 0.9, "keeps (α ≥ ½)")):
            self._mark(MARGIN + x, y, alpha, DOT)
            self.sheet.note(MARGIN + x + 12, y, text)
        self.dots[self.colors.ink, "^", 10].append((MARGIN + 555, y))
        self.sheet.note(MARGIN + 565, y, "the larger goes here")
        if self.run.comparators[1]:
            self.sheet.line((MARGIN + 715, y), (MARGIN + 745, y), self.colors.muted, 1.2, "--")
            self.sheet.note(MARGIN + 752, y, f"not needed for the top {self.run.k}")
        above = f"Lane {self.n - 1} is drawn on top. Outputs ascend with the lane number"
        self.sheet.note(MARGIN, y + 24, f"{above}, so the best leaves on top, as rank 1.")


@lru_cache(maxsize=LEVELS + 1)
def _color(level: int) -> tuple[str, str]:
    """One of the colours of α, and that of letters on it."""
    shade = style.heat(np.array([level / LEVELS]))
    return to_hex(shade[0]), style.on(shade)[0]
