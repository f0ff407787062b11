"""Tests of the lessons draw pictures; none stays open."""

import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def no_picture_stays_open():
    """Close what a test has drawn."""
    yield
    plt.close("all")
