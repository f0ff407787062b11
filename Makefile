# Everything is in lab.py, which also runs where there is no make. `make lab PYTHON=python3.12`
# names another Python; `make test ARGS="-x tests/setup"` hands arguments to pytest.
PYTHON ?= python3
ARGS ?=

.PHONY: lab test test-all bench lock
lab:
	@$(PYTHON) lab.py
test test-all bench:
	@$(PYTHON) lab.py $@ $(ARGS)

# After a change of the dependencies in pyproject.toml: hashes, and no address of any index.
LOCK = .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url
lock:
	$(LOCK) --group setup --output-file requirements-setup.lock
	$(LOCK) pyproject.toml --extra lab --extra grade --extra scale --extra test \
		--output-file requirements.lock
	$(LOCK) pyproject.toml --extra browser --constraints requirements.lock \
		--output-file requirements-browser.lock
