"""Training in front of one's eyes: start, watch, stop, change a setting, compare."""

from __future__ import annotations

import html
import time

import ipywidgets as widgets
from matplotlib.figure import Figure

from ...experiments import Config
from ...experiments.data import ImageData, load
from ...experiments.drawing import style
from ..figures.training_progress import Curve, training_progress
from .background import BackgroundRun
from .base import Panel, State
from .controls import button, dropdown, knob, row

P_KS = {
    "uniform on 1 … 5": (0.2, 0.2, 0.2, 0.2, 0.2),
    "all on 5": (0.0, 0.0, 0.0, 0.0, 1.0),
    "½ on 1, ½ on 5": (0.5, 0.0, 0.0, 0.0, 0.5),
    "¼ on 1, ¾ on 5": (0.25, 0.0, 0.0, 0.0, 0.75),
    "0.1 on 1, 0.9 on 5": (0.1, 0.0, 0.0, 0.0, 0.9),
}
LOSSES = {style.in_words(key): key for key in ("ce", "topk")}
REDRAW_SECONDS = 0.5
MOST_OF_THE_TIME = 0.1  # drawing may take this part of a run's time


class TrainingMonitor(Panel):
    """Trains a small network again and again, each time as the controls say, and keeps all curves.

    A run goes on in a thread of its own: cells and sliders stay usable, and sliders set up the next run. All runs
    have the same seed, hence the same first weights and the same batches. Without a page:
    ``monitor.start(); monitor.wait()``.

    Args:
        data: what to train on; by default 100 classes of synthetic100.
        train_size, test_size: how many of its images are used, as evenly over the classes as they allow.
        batch_size: images per batch; the batches of a run are whole passes over the training images.
        seed: of weights, batches and subset.
        model: the network, as `topk_lib.experiments.models.make_model` names it.
        theme: "light" or "dark".

    Attributes:
        loss, p_k: which loss, and its P_K.
        lr, steepness, batches: a `Knob` each.
        runs: `BackgroundRun` objects in the order of their start, with ``record`` and ``error``.
    """

    name, title = "training-monitor", "Live training monitor"

    def __init__(
        self,
        data: ImageData | None = None,
        train_size: int = 2560,
        test_size: int = 1000,
        batch_size: int = 64,
        seed: int = 0,
        model: str = "small_cnn",
        theme: str = "light",
    ) -> None:
        super().__init__(theme)
        if data is None:
            data = load("synthetic100", seed=seed, train_size=train_size, test_size=test_size)
        train_size, test_size = min(train_size, len(data.train)), min(test_size, len(data.test))
        self.data = data.subset(train_size, test_size, seed)
        self._config = Config(data.name, model=model, batch_size=batch_size, seed=seed)
        self._per_epoch = max(1, train_size // batch_size)
        self.runs: list[BackgroundRun] = []
        self._news, self._drawn_at, self._drawing_took = 0, 0.0, 0.0
        self._make_controls()
        self._status = widgets.HTML()
        presets = {
            "top-k loss, steepness 4": {"loss": "topk", "steepness": 4.0},
            "top-k loss, nearly hard": {"loss": "topk", "steepness": 64.0},
        }
        self.assemble(
            row(self.loss, self.p_k, self.steepness),
            row(self.lr, self.batches),
            row(self.start_button, self.stop_button, self._status),
            self.preset_row(presets),
        )

    @property
    def running(self) -> bool:
        """Whether a run is going on."""
        return bool(self.runs) and self.runs[-1].running

    def start(self) -> bool:
        """Starts a run with the present settings; False, and nothing happens, while one is going on."""
        with style.LOCK:
            if self.running:
                return False
            self.trouble = None
            config = self.config()
            curve = Curve(f"{len(self.runs) + 1}: {self._describe(config)}", self.batches.value, config.loss)
            run = BackgroundRun(config, self.data, curve, self._on_news)
            self.runs.append(run)
            run.start()
        self._redraw()
        return True

    def stop(self) -> None:
        """Ends the run after its present batch; its curve stays."""
        if self.running:
            self.runs[-1].stop()

    def wait(self, seconds: float | None = None) -> bool:
        """Waits for the end of the run, at most so long; whether no run is going on any more.

        Raises:
            Exception: whatever ended the run, where the panel is strict.
        """
        ended = not self.runs or self.runs[-1].wait(seconds)
        if ended and self.strict and self.trouble is not None:
            raise self.trouble
        return ended

    def config(self) -> Config:
        """What the next run would train."""
        epochs = max(1, self.batches.value // self._per_epoch)
        config = self._config.replace(loss=self.loss.value, lr=self.lr.value, epochs=epochs)
        if config.loss == "ce":
            return config
        return config.replace(p_k=self.p_k.value, steepness=self.steepness.value)

    def read(self) -> State:
        """The settings of the next run and how often a run has told news; also greys out what has no effect."""
        self.p_k.disabled = self.steepness.disabled = self.loss.value != "topk"
        self.start_button.disabled, self.stop_button.disabled = self.running, not self.running
        self._say()
        return super().read(next_run=self._describe(self.config()), news=self._news)

    def draw(self, state: State) -> tuple[Figure, str]:
        """The figure of `topk_lib.course.figures.training_progress` for all runs so far."""
        train, test = len(self.data.train), len(self.data.test)
        empty = f"No run yet. Start trains on {train:,} images of {self.data.name} and tests on {test:,}."
        return training_progress([run.curve for run in self.runs], empty, state.theme)

    def _on_news(self) -> None:
        """Called in the training thread: redraws now and then, and always at the end."""
        run = self.runs[-1]
        if run.error is not None:
            self.trouble = run.error
        pause = max(REDRAW_SECONDS, self._drawing_took / MOST_OF_THE_TIME)
        now = time.perf_counter()
        if not run.running or now - self._drawn_at > pause:
            self._redraw()
        elif now - self._said_at > REDRAW_SECONDS:
            self._say()

    def _redraw(self) -> None:
        started = time.perf_counter()
        with style.LOCK:
            self._news += 1
            self.update()
        self._drawn_at = time.perf_counter()
        self._drawing_took = self._drawn_at - started

    def _say(self) -> None:
        self._said_at = time.perf_counter()
        if self.running:
            curve, left = self.runs[-1].curve, self.runs[-1].seconds_left()
            when = "starting" if left is None else f"about {left:.0f} s left"
            said = f"Run {len(self.runs)}: batch {len(curve.losses)} of {curve.steps}, {when}."
        else:
            settings = self._describe(self.config()).replace("\n", ", ")
            said = f"Ready: {settings}, {self.batches.value} batches."
        self._status.value = f'<span aria-live="polite">{html.escape(said)}</span>'

    def _describe(self, config: Config) -> str:
        rate = f"learning rate {config.lr:.3g}"
        if config.loss == "ce":
            return f"{self.loss.label}\n{rate}"
        return f"{self.loss.label}, β = {config.steepness:.3g}\n{rate}\nK {self.p_k.label}"

    def _make_controls(self) -> None:
        self.loss = dropdown("loss", LOSSES, about="what the next run minimizes", width="190px")
        self.p_k = dropdown("P_K: K is", P_KS, about="how much each of top-1 … top-5 counts", width="240px")
        self.lr = knob("learning rate", "size of the optimizer's steps", 0.1, -2.5, 0.5, base=10, step=0.1)
        about = "of the top-k loss's comparators; larger is harder"
        self.steepness = knob("steepness β", about, 1.0, -3, 7, 0.5, base=2)
        step = self._per_epoch
        about = f"length of the run; {step} batches see each image once"
        self.batches = knob("batches", about, 4 * step, step, 20 * step, step)
        for each in (self.lr, self.steepness, self.batches):
            each.slider.add_class("topk-no-redraw")  # they prepare the next run
        self.start_button = button("Start", self.start, "train with these settings", "play")
        self.stop_button = button("Stop", self.stop, "end the run after the present batch", "stop")
