"""The exercises of lesson 03, in the order of the lesson."""

import bisect
import itertools
import math
from statistics import NormalDist, pstdev, stdev

import numpy as np
from inference_lab.experiments.placement import leaf_by_leaf
from inference_lab.lab.exercise import Exercise, Misconception, Play

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


def whole_nics(**given):
    """The uplinks taken for as many NICs as fit into them."""
    carried = max(1, int(given["hosts_per_leaf"] / given["oversubscription"]))
    shared = carried * given["nic_gbit_per_s"] / given["hosts"]
    return _load(min(given["nic_gbit_per_s"], shared), **given)


def as_many_as_the_ratio(**given):
    """4:1 read as: four hosts fit."""
    uplinks = given["oversubscription"] * given["nic_gbit_per_s"]
    return _load(min(given["nic_gbit_per_s"], uplinks / given["hosts"]), **given)


def in_turns(**given):
    """As many as fit load at their full rate, and then the next ones."""
    carried = max(1, int(given["hosts_per_leaf"] / given["oversubscription"]))
    return always_the_nic(**given) * math.ceil(given["hosts"] / carried)


def rounded_load(**given):
    return round(_right_load(**given), 1)


def rate_for_time(**given):
    return min(given["nic_gbit_per_s"], _uplinks(**given) / given["hosts"])


def giga_forgotten(**given):
    return _right_load(**given) * 1e9


def both_times(**given):
    return _load(given["nic_gbit_per_s"], **given) + uplinks_shared_without_the_nic(**given)


def one_more_round(**given):
    """Those that do not fit load in a second round, however many they are."""
    fits = given["hosts"] <= given["hosts_per_leaf"] / given["oversubscription"]
    return always_the_nic(**given) * (1 if fits else 2)


def whole_ratio_once_shared(**given):
    """Either no congestion, or that of the whole leaf."""
    fits = given["hosts"] <= given["hosts_per_leaf"] / given["oversubscription"]
    return always_the_nic(**given) if fits else always_shared(**given)


def only_the_whole_leaf_shares(**given):
    whole = given["hosts"] >= given["hosts_per_leaf"]
    return always_shared(**given) if whole else always_the_nic(**given)


def through_one_nic(**given):
    return always_the_nic(**given) * given["hosts"]


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
        LEAF_OF_16 | {"hosts": 2, "oversubscription": 4},
        LEAF_OF_16 | {"hosts": 9, "oversubscription": 3},
        LEAF_OF_16 | {"hosts": 5, "oversubscription": 2},
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
            "Is the leaf congested when only two of its hosts load? What do two NICs want, and "
            "what do the uplinks carry?",
        ),
        Misconception(
            uplinks_shared_without_the_nic,
            "Two hosts would share 400 Gb/s, 200 each. Can a NIC of 100 Gb/s take that?",
        ),
        Misconception(
            whole_nics,
            "Uplinks of 16 NICs at 3:1 carry 533 Gb/s. Do they have to be a whole number of NICs?",
        ),
        Misconception(
            as_many_as_the_ratio,
            "At 2:1 the uplinks of sixteen hosts carry eight NICs. Do five hosts that load have to "
            "share?",
        ),
        Misconception(
            in_turns, "All load at once. Nine hosts share 533 Gb/s: does anybody wait for a turn?"
        ),
        Misconception(
            faster_by_the_ratio, "Does oversubscription make anything faster than its NIC?"
        ),
        Misconception(
            the_larger, "Which of the two is the bottleneck: the larger, or the smaller?"
        ),
        Misconception(bytes_for_bits, "Weights are in bytes, links in bits a second. Factor 8?"),
        Misconception(
            in_milliseconds,
            "A factor of 1,000: 1 Gb/s are 10**9 bits a second. And is the time in seconds?",
        ),
        Misconception(rate_for_time, "That is a rate, in Gb/s. How long do the bytes take at it?"),
        Misconception(giga_forgotten, "How many bits a second are 1 Gb/s?"),
        Misconception(
            both_times, "The bytes pass NIC and uplinks at the same time. Which of them is slower?"
        ),
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
        Misconception(
            one_more_round,
            "Your hosts take twice as long once they do not fit. Sixteen share uplinks worth four"
            " NICs: how many times as long is that?",
        ),
        Misconception(
            whole_ratio_once_shared,
            "Sixteen hosts at 3:1 take three times as long. And nine of them, on the same uplinks?",
        ),
        Misconception(
            only_the_whole_leaf_shares,
            "Nine hosts want nine NICs. Uplinks for sixteen at 3:1 are worth how many?",
        ),
        Misconception(
            through_one_nic,
            "Each host loads through a NIC of its own. What do they share, and how fast is that?",
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


def rounded_up(**given):
    return _binomial(math.ceil(given["hosts"] / given["oversubscription"]) + 1, **given)


def utilisation_at_most_one(**given):
    return min(1.0, offered_over_carried(**given))


def taken_off_the_power(**given):
    n, p = given["hosts"], given["active"]
    ks = range(_carried(**given) + 1, n + 1)
    return sum(math.comb(n, k) * p**k * ((1 - p) ** n - k) for k in ks)


def all_idle(**given):
    n, p = given["hosts"], given["active"]
    ks = range(_carried(**given) + 1, n + 1)
    return sum(math.comb(n, k) * p**k * (1 - p) ** n for k in ks)


def nobody_forgotten(**given):
    return 1 - _binomial(1, _carried(**given), **given)


def ratio_for_carried(**given):
    return _binomial(int(given["oversubscription"]) + 1, **given)


def idle_forgotten_at_most_one(**given):
    return min(1.0, idle_forgotten(**given))


def any_group_sends(**given):
    """The chance of one group of senders, times the groups, whatever the others do."""
    first = _carried(**given) + 1
    return math.comb(given["hosts"], first) * given["active"] ** first


def any_group_sends_at_most_one(**given):
    return min(1.0, any_group_sends(**given))


def _normal_above(senders, **given):
    mean = given["hosts"] * given["active"]
    return 1 - NormalDist(mean, math.sqrt(mean * (1 - given["active"]))).cdf(senders)


def normal_curve(**given):
    return _normal_above(_carried(**given), **given)


def normal_curve_up_to_the_half(**given):
    return _normal_above(_carried(**given) + 0.5, **given)


def normal_curve_from_the_next(**given):
    return _normal_above(_carried(**given) + 1, **given)


def poisson(**given):
    mean = given["hosts"] * given["active"]
    ks = range(_carried(**given) + 1)
    return 1 - sum(math.exp(-mean) * mean**k / math.factorial(k) for k in ks)


def ways_of_the_first(**given):
    """In as many ways as one sender too many can be chosen, for each number of senders."""
    return math.comb(given["hosts"], _carried(**given) + 1) * orders_forgotten(**given)


def seen_by_a_sender(**given):
    return _binomial(_carried(**given), **{**given, "hosts": given["hosts"] - 1})


def mean_excess(**given):
    """How many senders too many there are on average."""
    ks = range(_carried(**given) + 1, given["hosts"] + 1)
    return sum((k - _carried(**given)) * _binomial(k, k, **given) for k in ks)


def excess_share(**given):
    return mean_excess(**given) / (given["hosts"] * given["active"])


def all_send(**given):
    return given["active"] ** given["hosts"]


def one_sends(**given):
    return given["active"]


def draw_congested(rng):
    ratio = float(rng.choice([1.5, 2, 2.5, 3, 4, 5]))
    return {  # not so unlikely that 1 - (1 - p) is rounding
        "hosts": int(rng.integers(6, 40)),
        "active": min(0.9, float(rng.uniform(0.5, 1.5)) / ratio),
        "oversubscription": ratio,
    }


CONGESTED = Exercise(
    id="3.2",
    function="congested",
    title="How often a leaf is congested",
    public=(
        {"hosts": 16, "active": 0.3, "oversubscription": 2},
        {"hosts": 16, "active": 0.2, "oversubscription": 4},
        {"hosts": 16, "active": 0.1, "oversubscription": 4},
        {"hosts": 16, "active": 0.33, "oversubscription": 2},
        {"hosts": 10, "active": 0.45, "oversubscription": 2.5},
        {"hosts": 11, "active": 0.3, "oversubscription": 4},
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
            exactly_one_too_many,
            "That is one too many. And two too many? (Is `return` inside the loop?)",
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
        Misconception(rounded_up, "Uplinks for 2.75 NICs: do they carry three hosts at full rate?"),
        Misconception(
            utilisation_at_most_one,
            "That is how full the uplinks are on average. How often are they more than full?",
        ),
        Misconception(
            taken_off_the_power, "Which comes first, ** or -? What is the exponent of 1 - active?"
        ),
        Misconception(all_idle, "k of the hosts send. How many are left that do not?"),
        Misconception(nobody_forgotten, "What of the instants in which nobody sends at all?"),
        Misconception(
            ratio_for_carried, "Sixteen hosts at 2:1: how many NICs are the uplinks worth?"
        ),
        Misconception(one_more_needed, "Where does the sum start: at carried + 1, or one later?"),
        Misconception(
            idle_forgotten_at_most_one, "k hosts send. What is the chance that the others do not?"
        ),
        Misconception(
            any_group_sends,
            "You add up groups of carried + 1 senders. When two more than carried send, in how "
            "many of these groups is that one instant counted?",
        ),
        Misconception(
            any_group_sends_at_most_one,
            "You add up groups of carried + 1 senders. When two more than carried send, in how "
            "many of these groups is that one instant counted?",
        ),
        Misconception(
            normal_curve,
            "A normal curve is an approximation, and so few hosts are no large number. What is "
            "the chance of exactly k senders?",
        ),
        Misconception(
            normal_curve_up_to_the_half,
            "A normal curve is an approximation, and so few hosts are no large number. What is "
            "the chance of exactly k senders?",
        ),
        Misconception(
            normal_curve_from_the_next,
            "A normal curve is an approximation, and so few hosts are no large number. What is "
            "the chance of exactly k senders?",
        ),
        Misconception(
            all_send, "That is the chance that all hosts send. (And which comes first in `comb`?)"
        ),
        Misconception(
            one_sends, "That is how often one host sends. Do all of them send at the same instants?"
        ),
        Misconception(
            poisson,
            "Poisson is the limit of very many hosts that seldom send. What is it exactly with "
            "sixteen?",
        ),
        Misconception(
            ways_of_the_first,
            "You choose carried + 1 senders for each k. In how many ways can k of the hosts be "
            "those that send?",
        ),
        Misconception(
            seen_by_a_sender,
            "That is what a host sees at the instants when it sends itself. And at any instant, "
            "whoever sends?",
        ),
        Misconception(
            mean_excess,
            "That is by how many senders it is too many, on average. And how often is it too many?",
        ),
        Misconception(
            excess_share,
            "That is the share of the traffic for which there is no room. And how often is there "
            "too little?",
        ),
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
    return max(1.0, _nics(**given) / peak) if peak else math.inf


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


def peak_of_each_host(**given):
    return _ratio(sum(map(max, given["demand"])), **given)


def cut_down(**given):
    values = sorted(_columns(**given))
    return _ratio(values[int(given["share"] * len(values)) - 1], **given)


def rounded_rank(**given):
    values = sorted(_columns(**given))
    return _ratio(values[round(given["share"] * len(values)) - 1], **given)


def uplinks_returned(**given):
    return _kept(_columns(**given), given["share"])


def share_of_the_volume(**given):
    """The window up to which the quiet ones carry that share of all that is sent."""
    values = sorted(_columns(**given))
    sent = list(itertools.accumulate(values))
    return _ratio(values[bisect.bisect_left(sent, given["share"] * sent[-1])], **given)


def volume_that_passes(**given):
    """Uplinks that let that share of all bytes pass, the rest being cut off."""
    values = sorted(_columns(**given))
    passed, most = 0.0, given["share"] * sum(values)
    for i, value in enumerate(values):
        if passed + value * (len(values) - i) >= most:
            return _ratio((most - passed) / (len(values) - i), **given)
        passed += value
    return _ratio(values[-1], **given)


def share_of_the_mean(**given):
    values = _columns(**given)
    return _ratio(given["share"] * sum(values) / len(values), **given)


def hosts_counted_as_windows(**given):
    """The rank is taken of the rows."""
    values = sorted(_columns(**given))
    return _ratio(values[math.ceil(given["share"] * len(given["demand"])) - 1], **given)


def windows_not_sorted(**given):
    values = _columns(**given)
    return _ratio(values[math.ceil(given["share"] * len(values)) - 1], **given)


def idle_nics_left_out(**given):
    nics = sum(any(row) for row in given["demand"]) * given["nic_gbit_per_s"]
    return max(1.0, nics / _kept(_columns(**given), given["share"]))


def idle_windows_left_out(**given):
    busy = [value for value in _columns(**given) if value]
    return _ratio(_kept(busy, given["share"]), **given)


def windows_counted_as_hosts(**given):
    nics = len(given["demand"][0]) * given["nic_gbit_per_s"]
    return max(1.0, nics / _kept(_columns(**given), given["share"]))


def ratios_ranked(**given):
    """The ratio of each window, and of these the one that the share is below."""
    return _kept([_ratio(value, **given) for value in _columns(**given) if value], given["share"])


def cut_at_the_nic(**given):
    """No host may want more than its NIC carries."""
    nic = given["nic_gbit_per_s"]
    cut = [[min(each, nic) for each in row] for row in given["demand"]]
    return _ratio(_kept(_columns(demand=cut), given["share"]), **given)


def index_not_less_one(**given):
    """`int(share * n)` as an index: one too far where that share of the windows is whole."""
    values = sorted(_columns(**given))
    return _ratio(values[min(len(values) - 1, int(given["share"] * len(values)))], **given)


def whole_uplinks(**given):
    uplinks = math.ceil(_kept(_columns(**given), given["share"]) / given["nic_gbit_per_s"])
    return max(1.0, len(given["demand"]) / uplinks)


def _mean_and_sigma(sigma, **given):
    values = _columns(**given)
    z = NormalDist().inv_cdf(given["share"])
    return _ratio(float(np.mean(values)) + z * sigma(values), **given)


def normal_windows(**given):
    return _mean_and_sigma(pstdev, **given)


def normal_windows_of_a_sample(**given):
    return _mean_and_sigma(stdev, **given)


def worst_host(**given):
    return _ratio(
        len(given["demand"]) * max(_kept(row, given["share"]) for row in given["demand"]), **given
    )


def draw_ratio(rng):
    hosts, windows = int(rng.integers(3, 13)), int(rng.integers(20, 120))
    nic = int(rng.choice([25, 100, 200]))
    busy = rng.random((hosts, windows)) < rng.uniform(0.15, 0.7)
    table = busy * rng.uniform(0.05, 1, (hosts, windows)) * nic * rng.uniform(0.4, 1.4)
    table *= 2.5 if rng.random() < 0.3 else 1  # more than the NICs carry, now and then
    if rng.random() < 0.3:  # a host that serves nobody, and windows without demand
        table[-1], table[:, : windows // 10] = 0, 0
    table[0, windows // 5 :] += 0.02 * nic  # demand in most windows, so in the last that counts
    return {
        "demand": np.round(table, 3).tolist(),
        "nic_gbit_per_s": nic,
        # 1 - share is exact where share x windows may be whole
        "share": float(rng.choice([0.9375, 0.96875, 0.99])),
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
        {"demand": [[10, 0, 30, 20], [10, 40, 30, 10]], "nic_gbit_per_s": 100, "share": 0.6},
        {
            "demand": [[0, 0, 0, *row[3:]] for row in _table(1, 4, 14, 20)] + [[0] * 14],
            "nic_gbit_per_s": 100,
            "share": 0.75,
        },
        {"demand": _table(2, 3, 12, 25), "nic_gbit_per_s": 25, "share": 0.99},
        {"demand": _table(11, 2, 8, 20), "nic_gbit_per_s": 100, "share": 0.75},
        {"demand": [[90, 120, 150, 80], [95, 110, 60, 130]], "nic_gbit_per_s": 100, "share": 0.75},
    ),
    draw=draw_ratio,
    misconceptions=(
        Misconception(
            hosts_apart_then_summed,
            "You add up each host's bad windows, as if all came at once. What do the hosts want "
            "together, in each window?",
        ),
        Misconception(
            peak_of_each_host,
            "You add up each host's peak, as if all came at once. What do the hosts want together, "
            "in each window?",
        ),
        Misconception(
            cut_down, "11.88 of 12 windows: are 11 of them at least that share, or does it take 12?"
        ),
        Misconception(
            rounded_rank, "10.5 of 14 windows: are 10 of them at least that share? `round` says so."
        ),
        Misconception(
            uplinks_returned, "That is what the uplinks must carry. And all NICs over it?"
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
        Misconception(
            share_of_the_volume,
            "That is a share of the bytes. Of what does `share` count its per cent?",
        ),
        Misconception(
            volume_that_passes,
            "That is a share of the bytes. Of what does `share` count its per cent?",
        ),
        Misconception(
            share_of_the_mean, "Right in the mean, or below. In how many windows is it too little?"
        ),
        Misconception(
            hosts_counted_as_windows,
            "`share` of how many: of the table's rows, or of its columns? len(demand) is its rows.",
        ),
        Misconception(
            windows_not_sorted, "You take a window by its place in time. Have you sorted the sums?"
        ),
        Misconception(
            idle_nics_left_out, "A host that sends nothing: does it have no NIC under this leaf?"
        ),
        Misconception(
            idle_windows_left_out, "A window in which nobody sends: is it not carried, too?"
        ),
        Misconception(
            windows_counted_as_hosts, "How many NICs has the leaf: one for each row or each column?"
        ),
        Misconception(
            ratios_ranked,
            "You rank ratios, and the busiest windows have the smallest ones. Which end must the "
            "uplinks carry?",
        ),
        Misconception(
            cut_at_the_nic, "The table says what the hosts want. Who asks what a NIC can carry?"
        ),
        Misconception(
            index_not_less_one,
            "0.75 of 8 windows are 6. Which index has the sixth, when Python counts from 0?",
        ),
        Misconception(
            whole_uplinks,
            "You round the uplinks up to whole NICs. Must they be a whole number of NICs, with a "
            "ratio like 2.5?",
        ),
        Misconception(
            normal_windows,
            "Mean plus so many sigma is true of a normal curve. Which window do you find when you"
            " sort those of the table?",
        ),
        Misconception(
            normal_windows_of_a_sample,
            "Mean plus so many sigma is true of a normal curve. Which window do you find when you"
            " sort those of the table?",
        ),
        Misconception(
            worst_host,
            "That is the host that needs most, alone. What do the hosts want together, in each "
            "window?",
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

# ---------------------------------------------------------------- 3.4 water-filling


def _filled(demands, capacity, order, served_from=0):
    """Rates when the demands are met in this order, each at most an equal share of what is left."""
    rates, left = [0.0] * len(demands), capacity
    for served, i in enumerate(order):
        rates[i] = min(demands[i], left / (len(demands) - served - served_from))
        left -= rates[i]
    return rates


def equal_shares(capacity, demands):
    return [capacity / len(demands)] * len(demands)


def rest_is_lost(capacity, demands):
    return [min(each, capacity / len(demands)) for each in demands]


def in_proportion(capacity, demands):
    return [each * min(1.0, capacity / sum(demands)) for each in demands]


def always_in_proportion(capacity, demands):
    return [each * capacity / sum(demands) for each in demands]


def first_come(capacity, demands):
    rates = []
    for each in demands:
        rates.append(min(each, capacity - sum(rates)))
    return rates


def smallest_takes_all(capacity, demands):
    rates, left = [0.0] * len(demands), capacity
    for i in sorted(range(len(demands)), key=lambda i: demands[i]):
        rates[i] = min(demands[i], left)
        left -= rates[i]
    return rates


def largest_first(capacity, demands):
    order = sorted(range(len(demands)), key=lambda i: -demands[i])
    return _filled(demands, capacity, order)


def unsorted_order(capacity, demands):
    return _filled(demands, capacity, range(len(demands)))


def returned_in_order_of_size(capacity, demands):
    return _filled(sorted(demands), capacity, range(len(demands)))


def never_served(capacity, demands):
    """An equal share of what is left, always among all."""
    rates, left = [0.0] * len(demands), capacity
    for i in sorted(range(len(demands)), key=lambda i: demands[i]):
        rates[i] = min(demands[i], left / len(demands))
        left -= rates[i]
    return rates


def left_never_falls(capacity, demands):
    order = sorted(range(len(demands)), key=lambda i: demands[i])
    rates = [0.0] * len(demands)
    for served, i in enumerate(order):
        rates[i] = min(demands[i], capacity / (len(demands) - served))
    return rates


def more_than_wanted(capacity, demands):
    order = sorted(range(len(demands)), key=lambda i: demands[i])
    return [max(a, b) for a, b in zip(demands, _filled(demands, capacity, order), strict=True)]


def rest_to_the_largest(capacity, demands):
    rates = rest_is_lost(capacity, demands)
    rates[demands.index(max(demands))] += capacity - sum(rates)
    return rates


def returned_too_early(capacity, demands):
    rates, first = [0.0] * len(demands), demands.index(min(demands))
    rates[first] = min(demands[first], capacity / len(demands))
    return rates


def begun_again(capacity, demands):
    rates, last = [0.0] * len(demands), demands.index(max(demands))
    rates[last] = min(demands[last], capacity)
    return rates


def rest_to_the_largest_alone(capacity, demands):
    """As `rest_to_the_largest`, but no more than it wants."""
    rates = rest_to_the_largest(capacity, demands)
    return [min(a, b) for a, b in zip(demands, rates, strict=True)]


def rest_to_all_alike(capacity, demands):
    rates = rest_is_lost(capacity, demands)
    more = (capacity - sum(rates)) / len(demands)
    return [each + more for each in rates]


def demand_by_place(capacity, demands):
    """The demand is looked up by the place in the order, not by the flow."""
    rates, left = [0.0] * len(demands), capacity
    for served, i in enumerate(sorted(range(len(demands)), key=lambda i: demands[i])):
        rates[i] = min(demands[served], left / (len(demands) - served))
        left -= rates[i]
    return rates


def all_give_up_alike(capacity, demands):
    too_much = max(0.0, sum(demands) - capacity) / len(demands)
    return [max(0.0, each - too_much) for each in demands]


def all_or_nothing(capacity, demands):
    rates, left = [0.0] * len(demands), capacity
    for i in sorted(range(len(demands)), key=lambda i: demands[i]):
        if demands[i] <= left:
            rates[i], left = demands[i], left - demands[i]
    return rates


def least_to_all_then_in_proportion(capacity, demands):
    least = min(*demands, capacity / len(demands))
    more = [each - least for each in demands]
    left = capacity - least * len(demands)
    return [least + each * min(1.0, left / sum(more)) for each in more]


def largest_gives_way(capacity, demands):
    rates, largest = list(demands), demands.index(max(demands))
    rates[largest] -= min(max(demands), max(0.0, sum(demands) - capacity))
    return rates


def rest_once_to_the_hungry(capacity, demands):
    """The rest in equal parts to those that want more, once, and no more than they want."""
    rates = rest_is_lost(capacity, demands)
    hungry = sum(rate < each for rate, each in zip(rates, demands, strict=True))
    more = (capacity - sum(rates)) / max(1, hungry)
    return [min(each, rate + more) for rate, each in zip(rates, demands, strict=True)]


def more_than_all_want(capacity, demands):
    """What is left in the end is spread over all."""
    order = sorted(range(len(demands)), key=lambda i: demands[i])
    rates = _filled(demands, capacity, order)
    return [each + (capacity - sum(rates)) / len(demands) for each in rates]


def draw_filling(rng):
    n = int(rng.integers(2, 9))
    demands = np.round(rng.exponential(40, n) + 1, 2).tolist()
    return {
        "capacity": float(np.round(rng.uniform(0.2, 1.2) * sum(demands), 2)),
        "demands": demands,
    }


REST_IS_LOST = (
    "The flow that wants 10 leaves some of its share. Who gets that? (And whose demand is met "
    "first: the largest, or the smallest?)"
)

FILLING = Exercise(
    id="3.4",
    function="water_fill",
    title="Water-filling",
    public=(
        {"capacity": 100.0, "demands": [80, 10, 40]},
        {"capacity": 100.0, "demands": [80, 10, 40, 15]},
        {"capacity": 90.0, "demands": [60, 50, 55]},
        {"capacity": 200.0, "demands": [30, 20, 60]},
    ),
    draw=draw_filling,
    misconceptions=(
        Misconception(equal_shares, "The flow that wants 10 gets 33. What does it do with them?"),
        Misconception(rest_is_lost, REST_IS_LOST),
        Misconception(in_proportion, "In proportion, who asks for more gets more. Is that fair?"),
        Misconception(
            always_in_proportion, "In proportion, who asks for more gets more. Is that fair?"
        ),
        Misconception(
            first_come, "The first in the list gets all that it wants. Is it more important?"
        ),
        Misconception(
            smallest_takes_all,
            "Small demands first is right. But may one take more than an equal share of what is "
            "left?",
        ),
        Misconception(largest_first, REST_IS_LOST),
        Misconception(unsorted_order, "The line that sorts is the first: what happens without it?"),
        Misconception(
            returned_in_order_of_size, "Are the rates in the order of the demands as given?"
        ),
        Misconception(
            never_served, "Those that are served need no share any more. Among how many is it now?"
        ),
        Misconception(
            left_never_falls, "What has been given away is still given. Which line takes it off?"
        ),
        Misconception(
            returned_too_early, "Only one flow got a rate. When does `return` end the loop?"
        ),
        Misconception(
            begun_again, "Only the last flow has a rate. Which line may run once, before the loop?"
        ),
        Misconception(more_than_wanted, "Is it `min` or `max` of demand and equal share?"),
        Misconception(
            rest_to_the_largest, "All that is left goes to one flow. Who else still wants some?"
        ),
        Misconception(
            rest_to_the_largest_alone,
            "All that is left goes to one flow. Who else still wants some?",
        ),
        Misconception(
            rest_to_all_alike,
            "The rest goes to all alike, so the flow that wants 10 gets more than 10. Among which"
            " flows is it to be shared?",
        ),
        Misconception(
            rest_once_to_the_hungry,
            "You hand the rest on once, and the flow that wants 40 leaves some of it. Who gets "
            "that?",
        ),
        Misconception(
            more_than_all_want, "When all have what they want, some is left. Must anybody get it?"
        ),
        Misconception(
            demand_by_place,
            "Flow i gets the rate. Whose demand is `demands[served]`, when the flows come in "
            "order of size?",
        ),
        Misconception(
            all_give_up_alike,
            "All give up the same amount. Must a flow give up any of it that wants less than an "
            "equal share?",
        ),
        Misconception(
            all_or_nothing,
            "A flow is met in full here, or gets nothing. What could it do with a part?",
        ),
        Misconception(
            least_to_all_then_in_proportion,
            "The least demand to all is fair. But who asks for more gets more of the rest. Is "
            "that fair?",
        ),
        Misconception(
            largest_gives_way,
            "The largest flow alone gives way. What if the second wants more than an equal share,"
            " too?",
        ),
    ),
    hints=(
        "Whose rate is known first: that of the smallest demand, or of the largest?",
        "First sort, then loop. In the loop: the equal share, the rate, what is left.",
        "rates, left; order; for; equal; rates[i]; left -= ; return. Three are in the loop.",
    ),
)

# ---------------------------------------------------------------- 3.5 a placement


def _fill(hosts, free, order):
    taken = [0] * len(free)
    for leaf in order:
        taken[leaf] = min(free[leaf], hosts)
        hosts -= taken[leaf]
    return taken


def exact_gap_first(hosts, free):
    """The leaf with exactly as many free hosts, else leaf by leaf."""
    gaps = [i for i, each in enumerate(free) if each == hosts]
    return _fill(hosts, free, gaps[:1] or range(len(free)))


def fullest_leaf_first(hosts, free):
    return _fill(hosts, free, sorted(range(len(free)), key=lambda i: free[i]))


def spread_out(hosts, free):
    taken = [0] * len(free)
    for _ in range(hosts):
        leaf = max(range(len(free)), key=lambda i: free[i] - taken[i])
        taken[leaf] += 1
    return taken


def one_from_each(hosts, free):
    taken, leaf = [0] * len(free), 0
    while hosts:
        if taken[leaf] < free[leaf]:
            taken[leaf], hosts = taken[leaf] + 1, hosts - 1
        leaf = (leaf + 1) % len(free)
    return taken


def from_the_end(hosts, free):
    return _fill(hosts, free, range(len(free) - 1, -1, -1))


def only_empty_leaves_count(hosts, free):
    """A whole leaf if one is empty, else leaf by leaf."""
    empty = [i for i, each in enumerate(free) if each == 8 and hosts <= 8]
    return _fill(hosts, free, empty[:1] or range(len(free)))


SPLIT_TOO_EARLY = (
    "As with the baseline a job is split although another leaf has room for all of it. Could you "
    "look for such a leaf first?"
)

PLACEMENT = Exercise(
    id="3.5",
    function="place",
    title="A placement policy",
    # the emptiest leaf where a job fits, and else the smallest gaps, misses one hidden draw in ten
    # (43.9 to 50.6 %, of 30): seed 24 is one that it misses, too, so that the check says so
    public=({"jobs": 2000, "seed": 0}, {"jobs": 2000, "seed": 24}),
    draw=lambda rng: {"jobs": 2000, "seed": int(rng.integers(2**31))},
    # policy_margin.py 3.5, 120 draws, per cent of leaf by leaf (smallest, median, largest): the
    # fullest leaf where the job fits, and the largest gaps when none does, 15.6 19.2 23.4; the
    # first leaf where it fits 21.8 28.8 33.7; the emptiest leaf first, so that no job has more
    # leaves than it needs, 33.0 38.2 44.8; as few leaves as that, the smaller first, 33.8 39.1
    # 44.7. A leaf only if its gap fits exactly 51.5 59.5 66.3, or if it is empty 72.2 82.5 91.8.
    play=Play(
        "leaf_borders", baseline=leaf_by_leaf, ratio=0.5, unit="borders in % of leaf_by_leaf"
    ),
    misconceptions=(
        Misconception(leaf_by_leaf, SPLIT_TOO_EARLY),
        Misconception(
            exact_gap_first,
            "Nearly: a leaf with exactly as much room is right. And one with more than enough?",
        ),
        Misconception(
            fullest_leaf_first,
            "You fill up the smallest gaps first, so that a job is cut into many. When is a small "
            "gap the right one?",
        ),
        Misconception(
            spread_out, "Balanced leaves, and each ring crosses them all. What is to be small here?"
        ),
        Misconception(
            one_from_each,
            "Round robin is for requests that are independent. Are the members of a ring?",
        ),
        Misconception(from_the_end, SPLIT_TOO_EARLY),
        Misconception(
            only_empty_leaves_count, "Does a leaf have to be empty, or only to have room enough?"
        ),
    ),
    hints=(
        "When does a ring cross no border at all?",
        "First look for leaves with free[i] >= hosts. If there are some, take one of them: which, "
        "so that the large gaps last?",
        "fits = [i for i, room in enumerate(free) if room >= hosts]; the one with the least room. "
        "If fits is empty: the largest rooms first.",
    ),
)

# ---------------------------------------------------------------- 3.6 ECMP


def all_apart(flows, uplinks):
    return math.perm(uplinks, flows) / uplinks**flows if flows <= uplinks else 0.0


def nobody_else(flows, uplinks):
    return (1 - 1 / uplinks) ** (flows - 1)


def sprayed(flows, uplinks):
    return min(1.0, uplinks / flows)


def empty_ones(flows, uplinks):
    return uplinks * (1 - 1 / uplinks) ** flows / flows


def busy_ones(flows, uplinks):
    return uplinks * (1 - (1 - 1 / uplinks) ** flows)


def busy_share_of_uplinks(flows, uplinks):
    return 1 - (1 - 1 / uplinks) ** flows


def over_the_mean_count(flows, uplinks):
    return 1 / (1 + (flows - 1) / uplinks)


def one_flow_less(flows, uplinks):
    return uplinks * (1 - (1 - 1 / uplinks) ** (flows - 1)) / flows


def share_in_per_cent(flows, uplinks):
    return 100 * busy_ones(flows, uplinks) / flows


def one_hit(flows, uplinks):
    return uplinks * (1 / uplinks) ** flows / flows


def of_the_smaller(flows, uplinks):
    return busy_ones(flows, uplinks) / min(flows, uplinks)


def arguments_swapped(flows, uplinks):
    return busy_ones(uplinks, flows) / uplinks


def mean_over_uplinks(flows, uplinks):
    """One over the number of flows on an uplink, over the uplinks in place of the flows."""
    p = 1 / uplinks
    ks = range(1, flows + 1)
    return sum(math.comb(flows, k) * p**k * (1 - p) ** (flows - k) / k for k in ks)


def mean_over_busy_uplinks(flows, uplinks):
    return mean_over_uplinks(flows, uplinks) / busy_share_of_uplinks(flows, uplinks)


def alone_or_in_two(flows, uplinks):
    return (1 + nobody_else(flows, uplinks)) / 2


def halved_by_each(flows, uplinks):
    return (1 - 0.5 / uplinks) ** (flows - 1)


def half_unless_all_are_apart(flows, uplinks):
    apart = all_apart(flows, uplinks)
    return apart + (1 - apart) / 2


def less_than_half_unless_all_are_apart(flows, uplinks):
    apart = all_apart(flows, uplinks)
    return apart + (1 - apart) * sprayed(flows, uplinks) / 2


def idle_share_of_uplinks(flows, uplinks):
    return (1 - 1 / uplinks) ** flows


def few_never_meet(flows, uplinks):
    return 1.0 if flows <= uplinks / 2 else busy_ones(flows, uplinks) / flows


def no_more_than_uplinks_never_meet(flows, uplinks):
    return 1.0 if flows <= uplinks else busy_ones(flows, uplinks) / flows


def not_all_on_one(flows, uplinks):
    return uplinks * (1 - (1 / uplinks) ** flows) / flows


def many_uplinks(flows, uplinks):
    return uplinks * (1 - math.exp(-flows / uplinks)) / flows


ECMP = Exercise(
    id="3.6",
    function="ecmp_share",
    title="What ECMP leaves of a large flow",
    public=(
        {"flows": 4, "uplinks": 8},
        {"flows": 3, "uplinks": 4},
        {"flows": 16, "uplinks": 8},
        {"flows": 1, "uplinks": 5},
    ),
    draw=lambda rng: {
        "flows": int(rng.integers(1, 65)),
        "uplinks": int(rng.choice([2, 4, 8, 16, 32])),
    },
    misconceptions=(
        Misconception(
            all_apart, "That is the chance that all are apart. What do they get when they are not?"
        ),
        Misconception(
            nobody_else,
            "That is the chance of having an uplink alone. Does one who shares it get nothing?",
        ),
        Misconception(sprayed, "That is a spray, packet by packet. Does a hash fill every uplink?"),
        Misconception(empty_ones, "Those are the uplinks that nobody uses. And the others?"),
        Misconception(busy_ones, "So many uplinks are busy. How many flows share them?"),
        Misconception(
            busy_share_of_uplinks, "That is the share of uplinks that are busy. And for each flow?"
        ),
        Misconception(
            over_the_mean_count,
            "One over the mean is not the mean of one over: crowded uplinks and empty ones do not "
            "cancel. How many uplinks are busy on average?",
        ),
        Misconception(
            one_flow_less, "How many flows could have hit an uplink: does one of them not count?"
        ),
        Misconception(arguments_swapped, "Which of the two is hashed to the other?"),
        Misconception(
            mean_over_uplinks,
            "You took the mean over uplinks. An uplink with four flows counts once there; and over "
            "flows?",
        ),
        Misconception(
            many_uplinks, "exp is the limit of many uplinks. What is it exactly with four or eight?"
        ),
        Misconception(share_in_per_cent, "Is a share asked for, or per cent?"),
        Misconception(one_hit, "The chance that all hit one uplink. When is an uplink empty?"),
        Misconception(
            of_the_smaller,
            "With 16 flows and 8 uplinks: over what do you divide to get the mean of a flow?",
        ),
        Misconception(
            mean_over_busy_uplinks,
            "You took the mean over busy uplinks. One with four flows counts once there; and over"
            " flows?",
        ),
        Misconception(
            alone_or_in_two,
            "A flow is alone here, or it gets half. What does it get when three share an uplink?",
        ),
        Misconception(
            idle_share_of_uplinks, "That is the share of uplinks that nobody uses. And the others?"
        ),
        Misconception(
            few_never_meet,
            "There is an uplink for each flow. Does a hash know which of them are free?",
        ),
        Misconception(
            no_more_than_uplinks_never_meet,
            "There is an uplink for each flow. Does a hash know which of them are free?",
        ),
        Misconception(
            not_all_on_one,
            "(1 / uplinks) ** flows is the chance that all flows hit one uplink. When is it empty?",
        ),
        Misconception(
            halved_by_each,
            "Each other flow halves your rate here. Do three on an uplink get a quarter each?",
        ),
        Misconception(
            half_unless_all_are_apart,
            "When any two meet, all flows lose half here. What do those get that still have an "
            "uplink alone?",
        ),
        Misconception(
            less_than_half_unless_all_are_apart,
            "When any two meet, all flows lose half here. What do those get that still have an "
            "uplink alone?",
        ),
    ),
    hints=(
        "Each busy uplink is full, whoever shares it. So how many uplinks are busy on average?",
        "An uplink is empty if every flow misses it: (1 - 1 / uplinks) ** flows.",
        "uplinks * (1 - (1 - 1 / uplinks) ** flows) / flows",
    ),
)

# ---------------------------------------------------------------- 3.7 in turns


def _waves(**given):
    """When each host is ready, in seconds."""
    n, most = given["hosts"], given["at_once"]
    ready_s, now_s = [], 0.0
    for first in range(0, n, most):
        loading = min(most, n - first)
        rate = min(given["nic_gbit_per_s"], given["uplinks_gbit_per_s"] / loading)
        now_s += given["weight_bytes"] * 8 / (rate * 1e9)
        ready_s += [now_s] * loading
    return ready_s


def last_one(**given):
    return _waves(**given)[-1]


def first_one(**given):
    return _waves(**given)[0]


def all_at_once(**given):
    return _waves(**{**given, "at_once": given["hosts"]})[-1]


def ready_when_it_starts(**given):
    ready_s = _waves(**given)
    starts_s = [0.0, *sorted(set(ready_s))[:-1]]
    each = dict(zip(sorted(set(ready_s)), starts_s, strict=True))
    return sum(each[s] for s in ready_s) / len(ready_s)


def mean_of_waves(**given):
    waves_s = sorted(set(_waves(**given)))
    return sum(waves_s) / len(waves_s)


def waves_that_do_not_wait(**given):
    waves_s = _waves(**given)
    durations = np.diff([0.0, *sorted(set(waves_s))])
    return float(np.mean(durations))


def uplinks_always_shared_by_all(**given):
    n, most = given["hosts"], given["at_once"]
    one_s = given["weight_bytes"] * 8 / (given["uplinks_gbit_per_s"] / n * 1e9)
    return sum((i // most + 1) * one_s for i in range(n)) / n


def nic_alone(**given):
    return sum(_waves(**{**given, "uplinks_gbit_per_s": 1e12})) / given["hosts"]


def uplinks_alone(**given):
    return sum(_waves(**{**given, "nic_gbit_per_s": 1e12})) / given["hosts"]


def middle_of_the_run(**given):
    return _waves(**given)[-1] / 2


def last_wave_full(**given):
    most = given["at_once"]
    whole = {**given, "hosts": -(-given["hosts"] // most) * most}
    return sum(_waves(**whole)[: given["hosts"]]) / given["hosts"]


def in_bytes(**given):
    return sum(_waves(**given)) / given["hosts"] / 8


def clock_forgotten(**given):
    ready_s = _waves(**given)
    ends_s = sorted(set(ready_s))
    took_s = dict(zip(ends_s, np.diff([0.0, *ends_s]).tolist(), strict=True))
    return sum(took_s[each] for each in ready_s) / len(ready_s)


def groups_for_size(**given):
    return (
        sum(_waves(**{**given, "at_once": -(-given["hosts"] // given["at_once"])})) / given["hosts"]
    )


def shared_with_those_that_wait(**given):
    """A group gets its share of the uplinks as if all that are not yet ready were loading."""
    total_s, now_s = 0.0, 0.0
    for left in range(given["hosts"], 0, -given["at_once"]):
        rate = min(given["nic_gbit_per_s"], given["uplinks_gbit_per_s"] / left)
        now_s += given["weight_bytes"] * 8 / (rate * 1e9)
        total_s += now_s * min(given["at_once"], left)
    return total_s / given["hosts"]


def ready_one_by_one(**given):
    """The hosts of a group are ready one after the other, evenly over its time."""
    return first_one(**given) * (given["hosts"] + 1) / (2 * given["at_once"])


def ready_in_milliseconds(**given):
    return sum(_waves(**given)) / given["hosts"] * 1e3


def each_group_once(**given):
    return sum(set(_waves(**given))) / given["hosts"]


def median_host(**given):
    return float(np.median(_waves(**given)))


def draw_turns(rng):
    hosts = int(rng.integers(4, 33))
    nic = int(rng.choice([25, 100, 200]))
    return {
        "hosts": hosts,
        "at_once": int(rng.integers(2, hosts)),
        "weight_bytes": float(rng.integers(10, 400)) * 1e9,
        "nic_gbit_per_s": nic,
        "uplinks_gbit_per_s": float(rng.integers(1, 9) * nic),
    }


RACK = {"weight_bytes": 141e9, "nic_gbit_per_s": 100, "uplinks_gbit_per_s": 400}

TURNS = Exercise(
    id="3.7",
    function="mean_ready_s",
    title="A cold start in turns",
    public=(
        RACK | {"hosts": 16, "at_once": 4},
        RACK | {"hosts": 16, "at_once": 16},
        RACK | {"hosts": 16, "at_once": 2},
        RACK | {"hosts": 10, "at_once": 4},
        RACK | {"hosts": 10, "at_once": 6},
    ),
    draw=draw_turns,
    misconceptions=(
        Misconception(
            last_one, "That is when the last host is ready. What is the mean over hosts?"
        ),
        Misconception(first_one, "That is the first group. When are the others ready?"),
        Misconception(all_at_once, "Do all of them load at once? How many share the uplinks?"),
        Misconception(
            ready_when_it_starts, "A group is ready when its load ends, not when it starts."
        ),
        Misconception(
            mean_of_waves, "The last group is smaller. Is it the mean over groups or over hosts?"
        ),
        Misconception(
            waves_that_do_not_wait, "When does the second group begin? Its wait counts, too."
        ),
        Misconception(
            clock_forgotten, "Each group's own time is right. When does the second group begin?"
        ),
        Misconception(
            uplinks_always_shared_by_all, "How many hosts share the uplinks at any one time?"
        ),
        Misconception(nic_alone, "What do the uplinks carry when six or sixteen load at once?"),
        Misconception(uplinks_alone, "Two hosts on 400 Gb/s: 200 each. Can a NIC take that?"),
        Misconception(
            middle_of_the_run, "Half of the whole time would be the mean if hosts came one by one."
        ),
        Misconception(last_wave_full, "The last group is smaller: how fast is each of its hosts?"),
        Misconception(in_bytes, "Weights are in bytes, links in bits a second. Factor 8?"),
        Misconception(
            groups_for_size, "Is `at_once` the number of groups, or of the hosts in one of them?"
        ),
        Misconception(
            shared_with_those_that_wait,
            "Those that wait have a share of your uplinks, too. How many hosts load at any one "
            "time?",
        ),
        Misconception(
            ready_in_milliseconds,
            "A factor of 1,000: 1 Gb/s are 10**9 bits a second. And is the time in seconds?",
        ),
        Misconception(
            each_group_once, "Each group counts once here. How many hosts are ready when it is?"
        ),
        Misconception(median_host, "That is the host in the middle. Is it the mean of all?"),
        Misconception(
            ready_one_by_one,
            "A group of four loads together. Is its first host ready after a quarter of that time?",
        ),
    ),
    hints=(
        "How long does one group load, and when does the next one begin?",
        "For each group: its size, its rate min(NIC, uplinks / size), the time added to a clock.",
        "Add clock * size for each group, and divide by hosts at the end.",
    ),
)

EXERCISES = (COLD_START, CONGESTED, LARGEST, FILLING, PLACEMENT, ECMP, TURNS)
