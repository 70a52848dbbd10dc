"""Live panels for the lessons, one class per file. They need ipywidgets; importing topk_lib alone does not."""

from .base import Panel
from .loss_inspector import LossInspector
from .method_switch import MethodSwitch
from .network_stepper import NetworkStepper
from .pk_mixer import PKMixer
from .steepness_explorer import SteepnessExplorer
from .training_monitor import TrainingMonitor

__all__ = [
    "LossInspector",
    "MethodSwitch",
    "NetworkStepper",
    "PKMixer",
    "Panel",
    "SteepnessExplorer",
    "TrainingMonitor",
]
