"""The comparison of counts with their limits finds a slip."""

import importlib.util
import json
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def work():
    loader = SourceFileLoader("count_work", str(PROJECT / "scripts/count-work"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("count_work", loader))
    remembered, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(module)
    sys.dont_write_bytecode = remembered
    return module


FIGURES = {"send": {"instructions": 1_000, "allocations": 100, "allocated_bytes": 5_000}}


def dump(trigger, instructions):
    return f"# callgrind format\nversion: 1\ndesc: Trigger: --dump-before={trigger}\n\nevents: Ir\n" \
           f"fn=(1) x\n1 5\n\ntotals: {instructions}\n"


def test_figures_at_their_limits_pass(work):
    rows, faults = work.comparison(FIGURES, FIGURES)
    assert faults == []
    assert len(rows) == 4 and "100%" in rows[1]


@pytest.mark.parametrize("measure", ["instructions", "allocations", "allocated_bytes"])
def test_a_figure_above_its_limit_is_named_with_both_numbers(work, measure):
    limits = {"send": FIGURES["send"] | {measure: FIGURES["send"][measure] - 1}}
    rows, faults = work.comparison(FIGURES, limits)
    assert faults == [f"send: {measure}: {FIGURES['send'][measure]:,} counted, {limits['send'][measure]:,} allowed"]
    assert [row for row in rows if "above its limit" in row and measure in row]


def test_scenarios_and_limits_belong_together(work):
    assert work.comparison(FIGURES, {})[1]
    assert work.comparison({}, FIGURES)[1] == ["send: has a limit but was not counted"]
    assert len(work.comparison(FIGURES, {"send": {"instructions": 1_000}})[1]) == 2


def test_a_limit_far_away_is_noted_but_no_fault(work):
    rows, faults = work.comparison(FIGURES, {"send": FIGURES["send"] | {"allocations": 200}})
    assert faults == []
    assert [row for row in rows if "lower the limit" in row and "allocations" in row]


def test_new_limits_are_above_what_was_counted(work):
    limits = work.limits_above(FIGURES)
    assert limits["send"] == {"instructions": 1_100, "allocations": 110, "allocated_bytes": 5_500}
    assert work.comparison(FIGURES, limits)[1] == []


def test_only_what_stands_between_the_marks_is_counted(work):
    dumps = [dump(work.BEGIN, 900), dump(work.END, 40), dump(work.BEGIN, 7), dump(work.END, 60), "totals: 3\n"]
    regions = work.counted_regions(dumps)
    assert regions == [40, 60]
    scenario = {"name": "send", "operations": 4, "regions": 2, "allocations": 8, "allocated_bytes": 80}
    assert work.figures([scenario], regions) == {
        "send": {"instructions": 25, "allocations": 2, "allocated_bytes": 20}}


def test_a_lost_region_ends_the_run(work):
    scenario = {"name": "send", "operations": 4, "regions": 2, "allocations": 8, "allocated_bytes": 80}
    with pytest.raises(SystemExit, match="1 counted regions, the program 2"):
        work.figures([scenario], [40])


def test_the_limits_in_the_repository_are_whole(work):
    limits = json.loads((PROJECT / "Tests/WorkCounts/limits.json").read_text())
    assert len(limits) >= 5
    for measures in limits.values():
        assert sorted(measures) == sorted(work.MEASURES) and all(limit > 0 for limit in measures.values())


@pytest.mark.parametrize("allowed, status", [(25, 0), (24, 1)])
def test_the_command_fails_when_a_figure_is_above_its_limit(tmp_path, allowed, status):
    scenario = {"name": "send", "operations": 4, "regions": 1, "allocations": 100, "allocated_bytes": 400}
    program, limits = tmp_path / "program", tmp_path / "limits.json"
    program.write_text(f"#!/bin/sh\necho '{json.dumps({'scenarios': [scenario]})}'\n")
    program.chmod(0o755)
    limits.write_text(json.dumps({"send": {"allocations": allowed, "allocated_bytes": 100}}))
    run = subprocess.run([PROJECT / "scripts/count-work", program, "--only-allocations", "--limits", limits],
                         capture_output=True, text=True)
    assert run.returncode == status
    assert ("send: allocations: 25 counted, 24 allowed" in run.stderr) == (status == 1)


def test_the_command_fails_when_the_program_does(tmp_path):
    failing = tmp_path / "failing"
    failing.write_bytes(Path("/bin/false").read_bytes())
    failing.chmod(0o755)
    run = subprocess.run([PROJECT / "scripts/count-work", failing], capture_output=True, text=True)
    assert run.returncode == 1
    assert "the program failed under valgrind with 1" in run.stderr
