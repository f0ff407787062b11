"""Still pictures of the lessons, each with its reading: ``show(*timeline(result))``."""

from .roofline import roofline_picture
from .shares import queue_share
from .timeline import timeline

__all__ = ["queue_share", "roofline_picture", "timeline"]
