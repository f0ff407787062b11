"""The learner's wing: checks and hints, predictions, progress, figures and views."""

from inference_lab.lab.check import check
from inference_lab.lab.figure import show
from inference_lab.lab.hints import hint
from inference_lab.lab.notice import NotAttempted, NotYet
from inference_lab.lab.predictions import predict, reveal
from inference_lab.lab.progress import progress

__all__ = ["NotAttempted", "NotYet", "check", "hint", "predict", "progress", "reveal", "show"]
