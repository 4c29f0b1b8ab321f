"""Grouping, runs that break, and the conditions that a run takes place under."""

from __future__ import annotations

import gc
import random
import subprocess
import sys

import pytest
import torch

from quizgen import family as families
from quizgen.code import make
from quizgen.draw import draw
from quizgen.errors import Unavailable, UsageError, VerifyError
from quizgen.verify import devices, run, verified
from quizgen.verify.provenance import Provenance
from quizgen.verify.report import report

# --- groups ----------------------------------------------------------------------------------------------------------


def test_questions_that_share_a_key_run_together(asks):
    questions = [asks(n, "0.5", f"s{n}") for n in (1, 2, 3, 4, 5)]
    found = run.groups(questions)
    assert [group.places for group in found] == [[0, 2, 4], [1, 3]]
    assert [[source.n for source in group.batch] for group in found] == [[1, 3, 5], [2, 4]]
    assert run.check(questions).batches == 2


def test_families_do_not_mix(asks):
    adam = draw(make(families.find("optim.adam"), 1, "a"))
    found = run.groups([asks(), adam, asks()])
    assert [(group.family, group.places) for group in found] == [("tests.everything", [0, 2]), ("optim.adam", [1])]


def test_a_batch_has_an_end(asks, monkeypatch):
    monkeypatch.setattr(run, "MOST", 2)
    assert [group.places for group in run.groups([asks()] * 5)] == [[0, 1], [2, 3], [4]]


def test_progress_counts_to_the_end(asks):
    told = []
    verified([asks(n, "0.5", f"s{n}") for n in (1, 2, 3)], progress=told.append)
    assert told == [2, 3]


def test_nothing_to_check_is_no_work():
    assert verified([]) == []


# --- runs that break -------------------------------------------------------------------------------------------------


def test_too_few_entries(asks, run_is):
    run_is(lambda batch, device: ([q.n + 1 for q in batch],))
    with pytest.raises(
        VerifyError, match=r"PyTorch run of tests.everything/1/k7q3m9 fails \(it returned 1 entries for 8"
    ):
        verified([asks()])


def test_no_entries_at_all(asks, run_is):
    run_is(lambda batch, device: None)
    with pytest.raises(VerifyError, match="it returned a NoneType, not one entry for each part"):
        verified([asks()])


def test_a_batch_axis_of_the_wrong_length(asks, run_gives):
    run_gives(2, lambda z: z[:1])
    with pytest.raises(VerifyError, match=r"part 2 has shape \(1,\); the first axis of a tensor is the batch, 2 here"):
        verified([asks(1), asks(3)])


def test_a_list_of_the_wrong_length(asks, run_gives):
    run_gives(1, lambda y: [*y, 1])
    with pytest.raises(VerifyError, match="part 1 has 2 items for a batch of 1"):
        verified([asks()])


def test_a_tensor_of_the_wrong_shape(asks, run_gives):
    run_gives(4, lambda a: a.reshape(-1, 4))
    with pytest.raises(VerifyError, match=r"part 4 has shape \(1, 4\), and the answer of .* has shape \(2, 2\)"):
        verified([asks()])


def test_float32_is_refused(asks, run_gives):
    run_gives(2, lambda z: z.float())
    with pytest.raises(VerifyError, match=r"part 2 is of torch.float32; float64 is what answers are compared in"):
        verified([asks()])


def test_text_is_no_number(asks, run_gives):
    run_gives(1, lambda y: ["4" for _ in y])
    with pytest.raises(
        VerifyError, match="part 1: what PyTorch gives can't be compared: a str where a number is wanted"
    ):
        verified([asks()])


def test_an_exception_names_family_code_and_parameters(asks, run_is):
    def explode(batch, device):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied\nmore")

    run_is(explode)
    with pytest.raises(
        VerifyError,
        match=r"^tests.everything: the PyTorch run of tests.everything/1/k7q3m9 fails \(RuntimeError: 'mat1 and mat2 "
        r"shapes cannot be multiplied'\); parameters n=3 x=0.3$",
    ):
        verified([asks()])


def test_the_question_that_breaks_a_batch_is_found(asks, run_is, right):
    def explode(batch, device):
        if any(q.n == 5 for q in batch):
            raise RuntimeError("five")
        return right(batch, device)

    run_is(explode)
    results = run.check([asks(n, "0.5", f"s{n}") for n in (1, 3, 5, 7)]).results
    assert [isinstance(result, Provenance) for result in results] == [True, True, False, True]
    assert "tests.everything/1/s5" in str(results[2])


def test_a_key_that_is_too_coarse_is_said(asks, run_is, right):
    def explode(batch, device):
        if len(batch) > 1:
            raise RuntimeError("stack expects each tensor to be equal size")
        return right(batch, device)

    run_is(explode)
    with pytest.raises(
        VerifyError, match=r"and 1 more in one batch, but for none of them alone .* batch_key should keep"
    ):
        verified([asks(1), asks(3)])


# --- conditions ------------------------------------------------------------------------------------------------------


def state() -> dict[str, object]:
    return {
        "threads": torch.get_num_threads(),
        "dtype": torch.get_default_dtype(),
        "strict": torch.are_deterministic_algorithms_enabled(),
        "warns": torch.is_deterministic_algorithms_warn_only_enabled(),
        "grad": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "generator": torch.random.get_rng_state().tolist(),
        "random": random.getstate(),
        "device": torch.get_default_device(),
    }


def test_everything_is_put_back_though_the_run_changes_it(asks, run_is):
    def messy(batch, device):
        torch.set_num_threads(2)
        torch.set_default_dtype(torch.float32)
        torch.use_deterministic_algorithms(False)
        torch.set_grad_enabled(False)
        torch.manual_seed(99)
        torch.rand(3)
        raise RuntimeError("and an error on top")

    run_is(messy)
    threads = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        before = state()
        with pytest.raises(VerifyError):
            verified([asks()])
        assert state() == before
    finally:
        torch.set_num_threads(threads)


def test_a_run_finds_the_conditions_that_it_was_promised(asks, run_is, right):
    seen = []

    def look(batch, device):
        flags = torch.are_deterministic_algorithms_enabled(), torch.is_grad_enabled(), torch.is_inference_mode_enabled()
        made = torch.rand(1)
        seen.append((torch.get_num_threads(), torch.get_default_dtype(), *flags, made.item(), made.device.type))
        torch.set_num_threads(2)
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(False)
        return right(batch, device)

    run_is(look)
    with torch.inference_mode():
        verified([asks(1), asks(2)])  # two batches: the second finds what the first one found
    assert seen[0][:5] == (1, torch.float64, True, True, False)
    assert seen[0][6] == "cpu"
    assert seen[1] == seen[0]


def test_gradients_flow_inside_and_none_leaks(asks, run_is, right):
    weight = torch.ones(1, dtype=torch.float64, requires_grad=True)

    def attached(batch, device):
        entries = list(right(batch, device))
        entries[1] = entries[1] * weight
        return entries

    run_is(attached)
    with torch.no_grad():
        assert verified([asks()])[0].provenance.agreed == 8
    assert weight.grad is None


def test_the_callers_autocast_does_not_reach_a_run(asks):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert verified([asks()])[0].provenance.worst < 1e-15


ALONE = """
import sys, torch, quizgen
assert quizgen.generate("optim.adam", level=2, seed=7).provenance.agreed == 3
print([name for name in ("torch._dynamo", "torch._inductor", "sympy") if name in sys.modules])
twice = torch.compile(lambda x: 2 * x, backend="eager")
print(twice(torch.ones(1)).item(), torch._dynamo.__name__, len(torch._dynamo.__path__))
assert not hasattr(torch.optim.Optimizer.add_param_group.__wrapped__, "__dynamo_disable")
assert quizgen.generate("optim.adam", level=2, seed=8).provenance.agreed == 3
"""


def test_an_optimisers_run_imports_no_compiler_and_leaves_it_usable():
    ended = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == ["[]", "2.0 torch._dynamo 1"]


def test_a_run_that_wants_the_compiler_gets_it(asks, run_is, right):
    def compiled(batch, device):
        import torch._dynamo.config

        assert torch._dynamo.config.cache_size_limit > 0
        return right(batch, device)

    run_is(compiled)
    assert verified([asks()])[0].provenance.agreed == 8
    assert "_dynamo" in torch._dynamo.__file__


def test_the_collector_rests_during_a_run_and_wakes_after_it(asks, run_is):
    seen = []

    def look(batch, device):
        seen.append(gc.isenabled())
        raise RuntimeError("whatever happens")

    run_is(look)
    with pytest.raises(VerifyError):
        verified([asks()])
    assert seen == [False]
    assert gc.isenabled()


# --- devices ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gpu", "cud", "cuda:", "cuda:-1", "CPU", "mps", "cuda:0:1", ""])
def test_a_name_that_is_no_device(name):
    with pytest.raises(UsageError, match="is no device"):
        devices.resolve(name)


def test_cuda_that_is_not_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for name in ("cuda", "cuda:1"):
        with pytest.raises(Unavailable, match=rf"there is no device {name}: .*; use cpu or auto"):
            devices.resolve(name)
    assert devices.resolve("auto") == devices.resolve("cpu") == "cpu"


def test_a_gpu_that_is_not_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert [devices.resolve(name) for name in ("auto", "cuda", "cuda:1")] == ["cuda:0", "cuda:0", "cuda:1"]
    with pytest.raises(Unavailable, match="there is no device cuda:2: PyTorch sees cuda:0 to cuda:1"):
        devices.resolve("cuda:2")


def test_without_pytorch_the_error_says_what_to_install(asks, monkeypatch):
    def refuse(name, *rest):
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(devices.importlib, "import_module", refuse)
    with pytest.raises(
        Unavailable, match=r"PyTorch is not installed, so no answer can be checked: `pip install torch`"
    ):
        verified([asks()])


def test_a_pytorch_that_does_not_load_is_said(asks, monkeypatch):
    def refuse(name, *rest):
        raise OSError("libcudart.so.12: cannot open shared object file")

    monkeypatch.setattr(devices.importlib, "import_module", refuse)
    with pytest.raises(Unavailable, match=r"PyTorch can't be loaded .*libcudart"):
        verified([asks()])


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device was found")
def test_every_family_agrees_on_a_gpu():
    rows = list(report(list(families.everything().values()), 50, device="cuda"))
    assert [row.failures for row in rows if not row.ok] == []
    assert {row.device for row in rows} == {"cuda:0"}


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device was found")
def test_the_gpus_generator_and_settings_are_put_back(asks):
    before = torch.cuda.get_rng_state(0).tolist(), torch.backends.cudnn.benchmark
    verified([asks()], device="cuda")
    assert (torch.cuda.get_rng_state(0).tolist(), torch.backends.cudnn.benchmark) == before


# --- the report ------------------------------------------------------------------------------------------------------


def test_a_report_counts_and_times(asks):
    told = []
    rows = list(report([families.find("optim.adam")], 30, levels=[1, 2], progress=lambda *step: told.append(step)))
    assert [(row.family, row.level, row.drawn, row.agree, row.ok) for row in rows] == [
        ("optim.adam", 1, 30, 30, True),
        ("optim.adam", 2, 30, 30, True),
    ]
    assert told == [("optim.adam", 1, 30), ("optim.adam", 2, 30)]
    for row in rows:
        assert 0 < row.pytorch_share < 1
        assert row.per_second == pytest.approx(30 / row.seconds)
        assert row.to_json()["worst"] == row.worst < 1e-9


def test_a_report_goes_on_after_a_failure_and_keeps_the_first(asks, run_gives, monkeypatch):
    run_gives(1, lambda entry: [y + (y % 4 == 0) for y in entry])
    monkeypatch.setattr("quizgen.draw.refuse", lambda found: "")
    (row,) = report([families.find("tests.everything")], 60)
    assert 0 < row.agree < row.drawn == 60
    assert not row.ok
    assert 1 <= len(row.failures) <= 3
    assert all("part 1: the solver has" in failure for failure in row.failures)


def test_a_report_on_a_family_that_can_not_be_drawn(asks, monkeypatch):
    monkeypatch.setattr("quizgen.draw.refuse", lambda found: "never")
    (row,) = report([families.find("tests.everything")], 5)
    assert (row.drawn, row.agree, row.ok) == (0, 0, False)
    assert "none of 1000 draws was worth asking" in row.failures[0]
