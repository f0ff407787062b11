"""`inference-lab list`: everything that has a name, once."""

import json

import pytest

import inference_lab as il
from inference_lab.cli.main import main
from inference_lab.serving.router import ROUTERS

NAMES = {
    "models": il.LLM.names(),
    "gpus": il.GPU.names(),
    "stacks": il.Stack.names(),
    "links": il.Link.names(),
    "routers": ROUTERS,
}


@pytest.mark.parametrize("kind", NAMES)
def test_every_name_once_in_the_table_and_in_json(kind, capsys):
    assert main(["list", kind]) == 0
    _, *lines = capsys.readouterr().out.splitlines()
    assert [name for name, line in zip(NAMES[kind], lines, strict=True) if name in line] == [
        *NAMES[kind]
    ]
    assert main(["list", kind, "--json"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == [*NAMES[kind]]


def test_a_stack_is_fitted_where_its_source_says_so(capsys):
    main(["list", "stacks", "--json"])
    for row in json.loads(capsys.readouterr().out)[1:]:
        for gpu in map(il.GPU.named, il.GPU.names()):
            fitted = "host times fitted on" in il.Stack.named(row["name"], gpu).source
            assert fitted == (gpu.name in row["fitted_on"])
