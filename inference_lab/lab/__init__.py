"""The learner's wing: checks and hints, predictions and verdicts, progress, figures and views."""

from inference_lab.lab.check import check
from inference_lab.lab.figure import show
from inference_lab.lab.hints import hint
from inference_lab.lab.memo import memo
from inference_lab.lab.notice import NotAttempted, NotYet
from inference_lab.lab.predictions import predict
from inference_lab.lab.progress import progress
from inference_lab.lab.reveal import reveal
from inference_lab.lab.verdicts import verdict

__all__ = [
    "NotAttempted",
    "NotYet",
    "check",
    "hint",
    "memo",
    "predict",
    "progress",
    "reveal",
    "show",
    "verdict",
]
