"""What a run is: one declaration, used by the form, the command line and the saved run."""

from lstm_studio.config.data import ClassificationData, DataConfig, GenerationData, TaggingData, TranslationData
from lstm_studio.config.files import dumps, load, save
from lstm_studio.config.model import ModelConfig
from lstm_studio.config.run import FILES, SCHEMA_VERSION, RunConfig, assign_text, field_errors, parse
from lstm_studio.config.training import TrainingConfig

__all__ = [
    "FILES",
    "SCHEMA_VERSION",
    "ClassificationData",
    "DataConfig",
    "GenerationData",
    "ModelConfig",
    "RunConfig",
    "TaggingData",
    "TrainingConfig",
    "TranslationData",
    "assign_text",
    "dumps",
    "field_errors",
    "load",
    "parse",
    "save",
]
