"""Live panels for the lessons, one class per file. They need ipywidgets; importing topk_lib alone does not."""

from .base import Panel
from .method_switch import MethodSwitch
from .training_monitor import TrainingMonitor

__all__ = ["MethodSwitch", "Panel", "TrainingMonitor"]
