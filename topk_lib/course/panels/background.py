"""One training run in a thread of its own, told to a `Curve` while it goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextvars import copy_context

import torch

from ...experiments import BatchInfo, Config, run
from ...experiments.data import ImageData
from ..figures.training_progress import Curve

WARM_UP = 3  # batches that are slow because they are the first


class BackgroundRun:
    """Trains one network, appends losses and accuracies to its curve, and can be stopped after any batch.

    Args:
        config: what to train.
        data: what to train it on.
        curve: written to from the thread.
        on_news: called in the thread after every batch, after every epoch and at the end.

    Attributes:
        record: as `topk_lib.experiments.fit` makes it; None until the end.
        error: what ended the run, if anything did.
    """

    def __init__(self, config: Config, data: ImageData, curve: Curve, on_news: Callable[[], None]) -> None:
        self.config, self.data, self.curve = config, data, curve
        self.record: dict[str, object] | None = None
        self.error: Exception | None = None
        self._on_news = on_news
        self._torch_threads = torch.get_num_threads()
        self._stop = threading.Event()
        self._batch_times: list[float] = []
        # In a kernel, messages to the page are sent in the context of the cell or click that began the run.
        train = copy_context().run
        self._thread = threading.Thread(target=train, args=(self._train,), name="training", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Asks for the end after the present batch, and returns at once."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Waits for the end, at most so long; whether it has come."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        """Whether the network is still being trained or evaluated."""
        return self.curve.status == "running"

    def seconds_left(self) -> float | None:
        """Of training, by the batches so far without the first, slow ones; None while there are too few."""
        times = self._batch_times[WARM_UP:]
        if len(times) < 2:
            return None
        return (times[-1] - times[0]) / (len(times) - 1) * (self.curve.steps - len(self.curve.losses))

    def _train(self) -> None:
        # A new thread takes over the number that was set last anywhere, which a panel may just have changed.
        torch.set_num_threads(self._torch_threads)
        try:
            self.record = run(self.config, self.data, on_batch=self._on_batch, on_epoch=self._on_epoch).record
            self.curve.status = "stopped" if self.record["stopped_early"] else "finished"
        except Exception as error:  # a thread has nobody above it: the panel shows it, wait() tells
            self.error, self.curve.status = error, "failed"
        self._on_news()

    def _on_batch(self, step: int, info: BatchInfo) -> bool:
        self.curve.steps = info.steps
        self.curve.losses.append(float(info.loss))
        self._batch_times.append(time.perf_counter())
        self._on_news()
        return not self._stop.is_set()

    def _on_epoch(self, row: dict[str, float]) -> bool:
        accuracies = {key: value for key, value in row.items() if key.startswith("top")}
        self.curve.accuracies.append((len(self.curve.losses), accuracies))
        self._on_news()
        return not self._stop.is_set()
