"""Still pictures of the lessons, each with its reading: ``show(*timeline(result))``."""

from inference_lab.lab.plots.goodput import goodput_picture
from inference_lab.lab.plots.network import network_shares
from inference_lab.lab.plots.roofline import roofline_picture
from inference_lab.lab.plots.shares import queue_share
from inference_lab.lab.plots.timeline import pieces_ms, timeline

__all__ = [
    "goodput_picture",
    "network_shares",
    "pieces_ms",
    "queue_share",
    "roofline_picture",
    "timeline",
]
