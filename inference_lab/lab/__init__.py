"""The learner's wing: checks and hints, predictions, progress, figures and views."""

from .check import check
from .figure import show
from .hints import hint
from .notice import NotAttempted, NotYet
from .predictions import predict, reveal
from .progress import progress

__all__ = ["NotAttempted", "NotYet", "check", "hint", "predict", "progress", "reveal", "show"]
