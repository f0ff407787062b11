"""Clients: what reaches a provider is a sum of senders, each with a rate and bursts of its own."""

import numpy as np
import pytest

import inference_lab as il

CHAT = il.Client("chat", rate_per_s=8, cv=1, prompt_tokens=(10, 50), output_tokens=20)
BATCH = il.Client("batch", rate_per_s=2, cv=6, prompt_tokens=900, output_tokens=(100, 200))


def of(load, tenant):
    return np.array([each == tenant for each in load.tenant])


def test_each_client_has_its_rate_its_bursts_and_its_lengths():
    load = il.Workload.clients([CHAT, BATCH], 60_000, seed=1)
    assert len(load) == 60_000
    for client, sure in ((CHAT, 0.02), (BATCH, 0.1)):
        mine = of(load, client.name)
        gaps = np.diff(load.arrival_s[mine])
        assert mine.sum() / load.arrival_s[-1] == pytest.approx(client.rate_per_s, rel=sure)
        assert gaps.std() / gaps.mean() == pytest.approx(client.cv, rel=sure)
    chat, batch = of(load, "chat"), of(load, "batch")
    assert (load.prompt_tokens[chat].min(), load.prompt_tokens[chat].max()) == (10, 50)
    assert set(load.output_tokens[chat]) == {20}
    assert set(load.prompt_tokens[batch]) == {900}


def test_a_client_in_bursts_does_not_begin_with_one():
    """Whoever looks at any moment finds rate · time; a burst at 0 would add (cv² - 1)/2 = 49.5."""
    client = il.Client("bursts", rate_per_s=1, cv=10, prompt_tokens=1, output_tokens=1)
    counts = [len(client.arrivals_s(20, np.random.default_rng([5, k]))) for k in range(4_000)]
    error = np.std(counts) / np.sqrt(len(counts))
    assert abs(np.mean(counts) - 20) < 4 * error < 8


def test_a_metronome_keeps_its_pace_from_any_moment():
    client = il.Client("beat", rate_per_s=4, cv=0, prompt_tokens=1, output_tokens=1)
    load = il.Workload.clients([client], 40)
    np.testing.assert_allclose(np.diff(load.arrival_s), 0.25)
    assert 0 <= load.arrival_s[0] < 0.25


def test_a_further_client_and_more_requests_leave_the_others_as_they_are():
    alone = il.Workload.clients([BATCH], 300, seed=2)
    more = il.Workload.clients([BATCH, CHAT], 3_000, seed=2)
    n = int(of(more, "batch").sum())
    np.testing.assert_array_equal(more.arrival_s[of(more, "batch")][:300], alone.arrival_s[:n])
    longer = il.Workload.clients([BATCH, CHAT], 6_000, seed=2)
    np.testing.assert_array_equal(longer.arrival_s[:3_000], more.arrival_s)


def test_rate_scale_is_faster_and_keeps_the_order():
    slow, fast = (il.Workload.clients([CHAT, BATCH], 500, scale) for scale in (1, 4))
    np.testing.assert_array_equal(slow.arrival_s / 4, fast.arrival_s)
    assert slow.tenant == fast.tenant


HEADER = "client,mean_rps,peak_window_rps,mean_cv_active,mean_input_tokens,mean_output_tokens\n"


def test_a_table_of_clients_says_who_is_left_out(tmp_path):
    path = tmp_path / "clients.csv"
    path.write_text(HEADER + "7,3,9,1,100.5,20\n8,1,5,2,nan,nan\n9,1,5,4,30,1.0\n")
    load = il.Workload.clients(path, 4_000)
    assert load.source == (
        "a table of 3 clients; 1 of them, 20% of the rate, have no token means and are left out"
    )
    assert set(load.tenant) == {"7", "9"}
    assert of(load, "7").mean() == pytest.approx(3 / 4, abs=0.03)
    assert load.prompt_tokens[of(load, "7")].mean() == pytest.approx(100.5, rel=0.06)
    assert set(load.output_tokens[of(load, "9")]) == {1}


def test_a_table_of_clients_is_no_trace_and_says_what_reads_it(tmp_path):
    path = tmp_path / "clients.csv"
    path.write_text(HEADER + "7,3,9,1,100.5,20\n")
    with pytest.raises(ValueError, match=r"read it with Workload\.clients"):
        il.Workload.from_trace(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("client,rate\n1,2\n", "has no column mean_rps, .*: give a table of clients with client,"),
        (HEADER, "has no client with token means"),
        (HEADER + "7,x,9,1,100,20\n", "line 2: .*'x'.* are not four numbers"),
        (HEADER + "7,0,9,1,100,20\n", "line 2: rate_per_s=0.0 is out of range"),
        (HEADER + "7,1,9,1,0.2,20\n", "line 2: mean=0.2 is out of range"),
    ],
)
def test_a_table_that_is_none_is_refused_by_name(tmp_path, text, message):
    path = tmp_path / "clients.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        il.Workload.clients(path, 10)


def test_clients_are_refused_that_make_no_sense():
    for clients, message in [
        ([], "clients=.* must be a list of Client"),
        ([CHAT, 7], "must hold Client"),
        ([CHAT, CHAT], "have one name twice: use a name for each"),
    ]:
        with pytest.raises((TypeError, ValueError), match=message):
            il.Workload.clients(clients, 10)
    with pytest.raises(ValueError, match="rate_per_s=0 is out of range"):
        il.Client("a", 0, 1, 10, 10)
    with pytest.raises(ValueError, match="output_tokens=0"):
        il.Client("a", 1, 1, 10, 0)


def test_the_clients_of_servegen_are_a_few_and_many(shared_data):
    """Of 38 clients with known lengths the four largest send seven tenths of the requests."""
    load = il.Workload.clients(shared_data / "traces" / "servegen_msmall_clients.csv", 50_000)
    assert "5 of them, 57% of the rate" in load.source
    names, counts = np.unique(load.tenant, return_counts=True)
    assert 25 < len(names) <= 38
    shares = np.sort(counts)[::-1] / len(load)
    assert shares[:4].sum() == pytest.approx(0.71, abs=0.05)
