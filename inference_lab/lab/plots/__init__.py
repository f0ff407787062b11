"""Still pictures of the lessons, each with its reading: ``show(*timeline(result))``."""

from .goodput import goodput_picture
from .network import network_shares
from .roofline import roofline_picture
from .shares import queue_share
from .timeline import timeline

__all__ = ["goodput_picture", "network_shares", "queue_share", "roofline_picture", "timeline"]
