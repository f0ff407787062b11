"""The exercises of lesson 03, in the order of the lesson."""

import math

import numpy as np
from inference_lab.lab.exercise import Exercise, Misconception

# ---------------------------------------------------------------- 3.1 a cold start


def _load(rate, **given):
    """Seconds to load at a rate in Gb/s that somebody took for the right one."""
    return given["weight_bytes"] * 8 / (rate * 1e9)


def _uplinks(**given):
    return given["hosts_per_leaf"] * given["nic_gbit_per_s"] / given["oversubscription"]


def always_the_nic(**given):
    return _load(given["nic_gbit_per_s"], **given)


def always_shared(**given):
    return _load(given["nic_gbit_per_s"] / given["oversubscription"], **given)


def uplinks_shared_without_the_nic(**given):
    return _load(_uplinks(**given) / given["hosts"], **given)


def faster_by_the_ratio(**given):
    return _load(given["nic_gbit_per_s"] * given["oversubscription"], **given)


def the_larger(**given):
    return _load(max(given["nic_gbit_per_s"], _uplinks(**given) / given["hosts"]), **given)


def _right_load(**given):
    return _load(min(given["nic_gbit_per_s"], _uplinks(**given) / given["hosts"]), **given)


def bytes_for_bits(**given):
    return _right_load(**given) / 8


def in_milliseconds(**given):
    return _right_load(**given) * 1e3


def one_after_the_other(**given):
    return _right_load(**given) * given["hosts"]


def nics_together(**given):
    return _load(given["hosts"] * given["nic_gbit_per_s"], **given)


def binary_gigabits(**given):
    return _right_load(**given) * 1e9 / 2**30


def leaf_left_out(**given):
    """The uplinks as fast as one NIC over the ratio, shared by all that load."""
    one = given["nic_gbit_per_s"] / given["oversubscription"]
    return _load(min(given["nic_gbit_per_s"], one / given["hosts"]), **given)


def rounded_load(**given):
    return round(_right_load(**given), 1)


def draw_load(rng):
    width = int(rng.choice([8, 16, 24, 32]))
    return {
        "hosts": int(rng.integers(1, width + 1)),
        "weight_bytes": float(rng.integers(10, 900)) * 1e9,
        "nic_gbit_per_s": int(rng.choice([25, 100, 200, 400])),
        "hosts_per_leaf": width,
        "oversubscription": float(rng.choice([1, 1.5, 2, 3, 4, 8])),
    }


LEAF_OF_16 = {"weight_bytes": 141e9, "nic_gbit_per_s": 100, "hosts_per_leaf": 16}
SHARED_NIC = "Each host on its own would do. But how much is left of the uplinks for each of them?"

COLD_START = Exercise(
    id="3.1",
    function="load_s",
    title="A cold start behind a leaf",
    public=(
        LEAF_OF_16 | {"hosts": 16, "oversubscription": 4},
        LEAF_OF_16 | {"hosts": 3, "oversubscription": 4},
        LEAF_OF_16 | {"hosts": 9, "oversubscription": 3},
        {
            "hosts": 24,
            "weight_bytes": 16e9,
            "nic_gbit_per_s": 25,
            "hosts_per_leaf": 24,
            "oversubscription": 1,
        },
    ),
    draw=draw_load,
    misconceptions=(
        Misconception(always_the_nic, SHARED_NIC),
        Misconception(
            always_shared,
            "Is the leaf congested when only three of its hosts load? What do three NICs want, and "
            "what do the uplinks carry?",
        ),
        Misconception(
            uplinks_shared_without_the_nic,
            "Three hosts would share 400 Gb/s, 133 each. Can a NIC of 100 Gb/s take that?",
        ),
        Misconception(
            faster_by_the_ratio, "Does oversubscription make anything faster than its NIC?"
        ),
        Misconception(
            the_larger, "Which of the two is the bottleneck: the larger, or the smaller?"
        ),
        Misconception(bytes_for_bits, "Weights are in bytes, links in bits a second. Factor 8?"),
        Misconception(in_milliseconds, "Which unit of time does the exercise ask for?"),
        Misconception(
            one_after_the_other, "All hosts load at the same time. Does each wait for the others?"
        ),
        Misconception(
            nics_together, "Each host loads its own copy, through its own NIC. What is its rate?"
        ),
        Misconception(
            binary_gigabits, "A link of 100 Gb/s carries 100 * 10**9 bits a second, not 2**30."
        ),
        Misconception(
            leaf_left_out,
            "The uplinks of a leaf carry hosts_per_leaf NICs over the ratio. Is it one NIC here?",
        ),
        Misconception(rounded_load, "Nearly: return the number as it is, not rounded."),
    ),
    hints=(
        "What does each host get: what its NIC takes, or its share of the uplinks?",
        "The uplinks carry hosts_per_leaf * nic_gbit_per_s / oversubscription, shared by `hosts`.",
        "rate = min(nic_gbit_per_s, uplinks / hosts); weight_bytes * 8 / (rate * 1e9)",
    ),
)

# ---------------------------------------------------------------- 3.2 a congested leaf


def _binomial(first, last=None, **given):
    """Chance that from `first` to `last` hosts send."""
    n, p = given["hosts"], given["active"]
    top = n if last is None else last
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(max(first, 0), top + 1))


def _carried(**given):
    return math.floor(given["hosts"] / given["oversubscription"])


def as_many_as_fit_counted(**given):
    return _binomial(_carried(**given), **given)


def mean_compared(**given):
    return float(given["hosts"] * given["active"] > _carried(**given))


def anybody_sends(**given):
    return 1 - (1 - given["active"]) ** given["hosts"]


def one_host_less(**given):
    return _binomial(_carried(**given) + 1, **{**given, "hosts": given["hosts"] - 1})


def exactly_one_too_many(**given):
    first = _carried(**given) + 1
    return _binomial(first, min(first, given["hosts"]), **given)


def exactly_full(**given):
    return _binomial(_carried(**given), _carried(**given), **given)


def not_congested(**given):
    return 1 - _binomial(_carried(**given) + 1, **given)


def orders_forgotten(**given):
    n, p = given["hosts"], given["active"]
    return sum(p**k * (1 - p) ** (n - k) for k in range(_carried(**given) + 1, n + 1))


def idle_forgotten(**given):
    n, p = given["hosts"], given["active"]
    return sum(math.comb(n, k) * p**k for k in range(_carried(**given) + 1, n + 1))


def active_and_idle_swapped(**given):
    return _binomial(_carried(**given) + 1, **{**given, "active": 1 - given["active"]})


def all_of_them_left_out(**given):
    return _binomial(_carried(**given) + 1, given["hosts"] - 1, **given)


def these_very_hosts(**given):
    return given["active"] ** (_carried(**given) + 1)


def in_per_cent(**given):
    return 100 * _binomial(_carried(**given) + 1, **given)


def offered_over_carried(**given):
    return given["active"] * given["oversubscription"]


def one_more_needed(**given):
    return _binomial(_carried(**given) + 2, **given)


def draw_congested(rng):
    hosts = int(rng.integers(6, 40))
    return {
        "hosts": hosts,
        "active": float(rng.uniform(0.03, 0.6)),
        "oversubscription": float(rng.choice([1.5, 2, 2.5, 3, 4, 5])),
    }


CONGESTED = Exercise(
    id="3.2",
    function="congested",
    title="How often a leaf is congested",
    public=(
        {"hosts": 16, "active": 0.2, "oversubscription": 4},
        {"hosts": 16, "active": 0.1, "oversubscription": 4},
        {"hosts": 16, "active": 0.33, "oversubscription": 2},
        {"hosts": 10, "active": 0.45, "oversubscription": 2.5},
    ),
    draw=draw_congested,
    misconceptions=(
        Misconception(
            as_many_as_fit_counted,
            "With exactly as many senders as the uplinks carry, does anybody lose?",
        ),
        Misconception(
            mean_compared,
            "The mean is below what the uplinks carry. Does that mean that it is never more?",
        ),
        Misconception(
            anybody_sends, "That is the chance that somebody sends. How many are too many?"
        ),
        Misconception(one_host_less, "How many hosts can send? Does one of them not count?"),
        Misconception(
            exactly_one_too_many, "That is one too many. Are two too many not congested as well?"
        ),
        Misconception(
            exactly_full, "That is the chance that the uplinks are just full. And beyond?"
        ),
        Misconception(not_congested, "That is the chance that all is well. What is the rest?"),
        Misconception(
            orders_forgotten,
            "In how many ways can k of the hosts be those that send? `comb` counts them.",
        ),
        Misconception(idle_forgotten, "k hosts send. What is the chance that the others do not?"),
        Misconception(
            active_and_idle_swapped, "Is the exponent of `active` the count of those that send?"
        ),
        Misconception(
            all_of_them_left_out, "Can all hosts send at once? range(a, b) ends before b."
        ),
        Misconception(
            these_very_hosts,
            "That is the chance that these hosts send, whatever the others do. Which others could?",
        ),
        Misconception(in_per_cent, "Is the chance asked for as a share or in per cent?"),
        Misconception(
            offered_over_carried,
            "That is how full the uplinks are on average. How often are they more than full?",
        ),
        Misconception(one_more_needed, "Where does the sum start: at carried + 1, or one later?"),
    ),
    hints=(
        "How many senders are too many? Which counts of senders have to be added up?",
        "The chance that exactly k of n send: comb(n, k) * active**k * (1 - active) ** (n - k).",
        "Sum this over k in range(carried + 1, hosts + 1).",
    ),
)

# ---------------------------------------------------------------- 3.3 the largest ratio


def _columns(**given):
    return [sum(column) for column in zip(*given["demand"], strict=True)]


def _nics(**given):
    return len(given["demand"]) * given["nic_gbit_per_s"]


def _kept(values, share):
    return sorted(values)[math.ceil(share * len(values)) - 1]


def _ratio(peak, **given):
    return max(1.0, _nics(**given) / peak)


def hosts_apart_then_summed(**given):
    return _ratio(sum(_kept(row, given["share"]) for row in given["demand"]), **given)


def mean_demand(**given):
    return _ratio(sum(_columns(**given)) / len(_columns(**given)), **given)


def largest_demand(**given):
    return _ratio(max(_columns(**given)), **given)


def upside_down(**given):
    return _kept(_columns(**given), given["share"]) / _nics(**given)


def over_hosts_not_windows(**given):
    return _ratio(_kept([sum(row) for row in given["demand"]], given["share"]), **given)


def one_nic(**given):
    return max(1.0, given["nic_gbit_per_s"] / _kept(_columns(**given), given["share"]))


def below_one(**given):
    return _nics(**given) / _kept(_columns(**given), given["share"])


def never_above_one(**given):
    return min(1.0, below_one(**given))


def other_tail(**given):
    return _ratio(_kept(_columns(**given), 1 - given["share"] + 1e-12), **given)


def interpolated(**given):
    return _ratio(float(np.percentile(_columns(**given), 100 * given["share"])), **given)


def one_window_further(**given):
    values = sorted(_columns(**given))
    return _ratio(values[min(len(values) - 1, math.ceil(given["share"] * len(values)))], **given)


def one_window_short(**given):
    values = sorted(_columns(**given))
    return _ratio(values[max(0, math.ceil(given["share"] * len(values)) - 2)], **given)


def single_busiest_host(**given):
    """The NICs over the p99 of all single numbers, as if each host had uplinks of its own."""
    numbers = [number for row in given["demand"] for number in row]
    return max(1.0, given["nic_gbit_per_s"] / _kept(numbers, given["share"]))


def share_of_the_peak(**given):
    return _ratio(given["share"] * max(_columns(**given)), **given)


def mean_of_hosts(**given):
    """The mean host in each window, in place of all of them."""
    peak = _kept(_columns(**given), given["share"]) / len(given["demand"])
    return _ratio(peak, **given)


def bits_again(**given):
    return _ratio(8 * _kept(_columns(**given), given["share"]), **given)


def rounded_down(**given):
    return float(math.floor(_ratio(_kept(_columns(**given), given["share"]), **given)))


def draw_ratio(rng):
    hosts, windows = int(rng.integers(3, 13)), int(rng.integers(20, 120))
    nic = int(rng.choice([25, 100, 200]))
    busy = rng.random((hosts, windows)) < rng.uniform(0.15, 0.7)
    table = busy * rng.uniform(0.05, 1, (hosts, windows)) * nic * rng.uniform(0.4, 1.4)
    table[0] += 0.02 * nic  # some demand in each window
    return {
        "demand": np.round(table, 3).tolist(),
        "nic_gbit_per_s": nic,
        "share": float(rng.choice([0.9, 0.95, 0.99])),
    }


def _table(seed, hosts, windows, height):
    """A small demand table that somebody can look at, in Gb/s."""
    rng = np.random.default_rng(seed)
    busy = rng.random((hosts, windows)) < 0.4
    return np.round(busy * rng.uniform(0.2, 1, (hosts, windows)) * height + 1).tolist()


LARGEST = Exercise(
    id="3.3",
    function="largest_ratio",
    title="The largest ratio for a demand",
    public=(
        {"demand": [[10, 0, 30, 20], [10, 40, 30, 10]], "nic_gbit_per_s": 100, "share": 0.75},
        {"demand": _table(1, 4, 20, 20), "nic_gbit_per_s": 100, "share": 0.9},
        {"demand": _table(2, 3, 24, 25), "nic_gbit_per_s": 25, "share": 0.99},
        {"demand": [[90, 120, 150, 80], [95, 110, 60, 130]], "nic_gbit_per_s": 100, "share": 0.75},
    ),
    draw=draw_ratio,
    misconceptions=(
        Misconception(
            hosts_apart_then_summed,
            "You add up each host's bad windows, as if all came at once. What do the hosts want "
            "together, in each window?",
        ),
        Misconception(mean_demand, "Right in the mean. In how many windows is that too little?"),
        Misconception(
            largest_demand, "That keeps every window. How many may exceed what the uplinks carry?"
        ),
        Misconception(upside_down, "Which of the two is the numerator in 4:1, NICs or uplinks?"),
        Misconception(
            over_hosts_not_windows,
            "You added up over the windows. What has to be added, so that one number is left for "
            "each window?",
        ),
        Misconception(
            one_nic, "The leaf has as many NICs as the table has rows. Did you take one of them?"
        ),
        Misconception(
            below_one,
            "A ratio below 1 means uplinks faster than all NICs together. Can the hosts fill them?",
        ),
        Misconception(never_above_one, "Is it `min` or `max` that keeps the ratio at 1 or more?"),
        Misconception(other_tail, "You keep the quiet windows. Is it the busy ones that count?"),
        Misconception(
            interpolated,
            "Between two windows there is nothing: np.percentile interpolates. Which window is "
            "the last one that must be kept? (method='inverted_cdf' takes it.)",
        ),
        Misconception(
            one_window_further,
            "Nearly: you keep one window more than asked for. Python counts from 0.",
        ),
        Misconception(one_window_short, "Nearly: you keep one window less than asked for."),
        Misconception(
            single_busiest_host,
            "That is a leaf in which each host has its own uplink. What do they want together?",
        ),
        Misconception(
            share_of_the_peak,
            "99 % of the peak is not what 99 % of the windows keep to. Have you sorted them?",
        ),
        Misconception(mean_of_hosts, "The uplinks carry all hosts, not the average one."),
        Misconception(bits_again, "The demand is in Gb/s already, as the NICs are."),
        Misconception(rounded_down, "Nearly: return the ratio as it is, not rounded."),
    ),
    hints=(
        "Which numbers of the table are at the uplinks at the same time?",
        "Add up the hosts in each window and sort. At least share * windows of them must be "
        "carried.",
        "kept = sorted(sums)[ceil(share * windows) - 1]; the ratio is all NICs over kept, at least "
        "1.",
    ),
)

EXERCISES = (COLD_START, CONGESTED, LARGEST)
