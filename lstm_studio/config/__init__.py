"""What a run is: one declaration, used by the form, the command line and the saved run."""

from lstm_studio.config.data import ClassificationData, DataConfig
from lstm_studio.config.files import dumps, load, save
from lstm_studio.config.model import ModelConfig
from lstm_studio.config.run import SCHEMA_VERSION, RunConfig, assign_text, field_errors, parse
from lstm_studio.config.training import TrainingConfig

__all__ = [
    "SCHEMA_VERSION",
    "ClassificationData",
    "DataConfig",
    "ModelConfig",
    "RunConfig",
    "TrainingConfig",
    "assign_text",
    "dumps",
    "field_errors",
    "load",
    "parse",
    "save",
]
