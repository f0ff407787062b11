"""Names of schedulers: one list, known to stacks, clusters and both engines."""

from dataclasses import replace

import pytest

import inference_lab as il
from inference_lab.physics.costs import SCHEDULERS
from inference_lab.serving import scheduler
from inference_lab.serving.macro import schedulers


def test_each_engine_has_each():
    assert tuple(scheduler.BY_NAME) == tuple(schedulers.BY_NAME) == SCHEDULERS


def test_a_stack_with_another_one_is_refused():
    stack = il.Stack.named("vllm-2025", il.GPU.named("H100-SXM5-80GB"))
    with pytest.raises(ValueError, match=r"scheduler='magic'.*continuous, chunked, static"):
        replace(stack, scheduler="magic")
