"""Answers to lesson 03, written from the course notebook alone: right ones in several styles,
and wrong ones. Most have one line of their own; what stands around it is in `HEADS`."""

HEADS = {
    "3.1": """def load_s(hosts, weight_bytes, nic_gbit_per_s, hosts_per_leaf, oversubscription):
    uplinks = hosts_per_leaf * nic_gbit_per_s / oversubscription
    rate = min(nic_gbit_per_s, uplinks / hosts)
""",
    "3.2": """from math import comb


def congested(hosts, active, oversubscription):
    carried = int(hosts / oversubscription)

    def exactly(k, n=hosts, p=active):
        return comb(n, k) * p**k * (1 - p) ** (n - k)

""",
    "3.3": """from math import ceil, floor

import numpy as np


def largest_ratio(demand, nic_gbit_per_s, share):
    sums = sorted(sum(w) for w in zip(*demand))
    last = ceil(share * len(sums)) - 1
    nics = len(demand) * nic_gbit_per_s
""",
    "3.4": """def water_fill(capacity, demands):
    n = len(demands)
    rates, left = [0.0] * n, capacity
    order = sorted(range(n), key=lambda i: demands[i])
""",
    "3.5": """from itertools import combinations


def place(hosts, free):
    taken = [0] * len(free)

    def fill(order, hosts=hosts):
        for leaf in order:
            taken[leaf] = min(free[leaf], hosts)
            hosts -= taken[leaf]
        return taken

    leaves = range(len(free))
""",
    "3.6": """from math import comb, perm


def ecmp_share(flows, uplinks):
    empty = (1 - 1 / uplinks) ** flows
""",
    "3.7": """def mean_ready_s(hosts, at_once, weight_bytes, nic_gbit_per_s, uplinks_gbit_per_s):
    gbit = 8 * weight_bytes / 1e9
    groups = [min(at_once, hosts - first) for first in range(0, hosts, at_once)]

    def seconds(n):
        return gbit / min(nic_gbit_per_s, uplinks_gbit_per_s / n)

    ends = [sum(seconds(n) for n in groups[: i + 1]) for i in range(len(groups))]
""",
}

OWN_RIGHT = {
    "3.1": [
        "    return weight_bytes * 8 / (rate * 1e9)\n",
        "    return 8e-9 * weight_bytes * max(1 / nic_gbit_per_s, hosts / uplinks)\n",
        "    slowdown = max(1, hosts * oversubscription / hosts_per_leaf)\n"
        "    return weight_bytes / (nic_gbit_per_s * 1.25e8) * slowdown\n",
    ],
    "3.2": [
        "    return 1 - sum(exactly(k) for k in range(carried + 1))\n",
        "    chance = [1.0]  # of each count of senders, host after host\n"
        "    for _ in range(hosts):\n"
        "        idle = [c * (1 - active) for c in chance] + [0.0]\n"
        "        busy = [0.0] + [c * active for c in chance]\n"
        "        chance = [a + b for a, b in zip(idle, busy)]\n"
        "    return sum(chance[carried + 1 :])\n",
    ],
    "3.3": [
        "    need = np.percentile(sums, 100 * share, method='inverted_cdf')\n"
        "    return float(max(1, nics / need))\n",
        "    table = np.array(demand).sum(axis=0)\n"
        "    fits = [u for u in table if (table <= u).mean() >= share - 1e-9]\n"
        "    return max(1.0, nics / min(fits))\n",
        "    return max(1.0, nics / sums[last])\n",
        "    dropped = int((1 - share) * len(sums))\n"
        "    return max(1.0, nics / sums[len(sums) - 1 - dropped])\n",
    ],
    "3.4": [
        "    if sum(demands) <= capacity:\n"
        "        return demands\n"
        "    low, high = 0.0, max(demands)\n"
        "    for _ in range(100):\n"
        "        level = (low + high) / 2\n"
        "        full = sum(min(d, level) for d in demands) > capacity\n"
        "        low, high = (low, level) if full else (level, high)\n"
        "    return [min(d, low) for d in demands]\n",
    ],
    "3.5": [
        "    fits = [i for i in leaves if free[i] >= hosts]\n    return fill(fits[:1] or leaves)\n",
        "    fits = sorted((i for i in leaves if free[i] >= hosts), key=lambda i: free[i])\n"
        "    return fill(fits[:1] or sorted(leaves, key=lambda i: -free[i]))\n",
        "    return fill(sorted(leaves, key=lambda i: -free[i]))\n",
        "    return fill(next(\n"
        "        few\n"
        "        for k in range(1, len(free) + 1)\n"
        "        for few in combinations(sorted(leaves, key=lambda i: free[i]), k)\n"
        "        if sum(free[i] for i in few) >= hosts\n"
        "    ))\n",
        "    few = sorted(leaves, key=lambda i: -free[i])\n"
        "    while sum(free[i] for i in few[:-1]) >= hosts:\n"
        "        few.pop()\n"
        "    return fill(few[::-1])\n",
        # the smallest gap for each four hosts of a job, else the largest one
        "    left = list(free)\n"
        "    while hosts:\n"
        "        piece = min(4, hosts)\n"
        "        fits = [i for i in leaves if left[i] >= piece]\n"
        "        i = min(fits, key=lambda i: left[i]) if fits else left.index(max(left))\n"
        "        piece = min(piece, left[i])\n"
        "        taken[i], left[i], hosts = taken[i] + piece, left[i] - piece, hosts - piece\n"
        "    return taken\n",
        "    emptiest = max(leaves, key=lambda i: free[i])\n"
        "    return fill([emptiest] if free[emptiest] >= hosts else leaves)\n",
    ],
    "3.6": [
        "    return uplinks * (1 - empty) / flows\n",
        "    p, n = 1 / uplinks, flows - 1  # k others on my uplink: I get 1 / (k + 1)\n"
        "    return sum(comb(n, k) * p**k * (1 - p) ** (n - k) / (k + 1) for k in range(n + 1))\n",
    ],
    "3.7": ["    return sum(end * n for end, n in zip(ends, groups)) / hosts\n"],
}

OWN_WRONG = {
    "3.1": {
        "only_the_nic": "    return weight_bytes * 8 / (nic_gbit_per_s * 1e9)\n",
        "always_oversubscribed": "    rate = nic_gbit_per_s / oversubscription\n"
        "    return weight_bytes * 8 / (rate * 1e9)\n",
        "no_minimum": "    return weight_bytes * 8 * hosts / (uplinks * 1e9)\n",
        "forgot_bits": "    return weight_bytes / (rate * 1e9)\n",
        "maximum": "    rate = max(nic_gbit_per_s, uplinks / hosts)\n"
        "    return weight_bytes * 8 / (rate * 1e9)\n",
        "ratio_upside_down": "    rate = nic_gbit_per_s * oversubscription\n"
        "    return weight_bytes * 8 / (rate * 1e9)\n",
        "milliseconds": "    return weight_bytes * 8 / (rate * 1e6)\n",
        "in_turn": "    return hosts * weight_bytes * 8 / (rate * 1e9)\n",
        "nics_added_up": "    return weight_bytes * 8 / (hosts * nic_gbit_per_s * 1e9)\n",
        "uplinks_of_one_nic": "    one = nic_gbit_per_s / oversubscription\n"
        "    rate = min(nic_gbit_per_s, one / hosts)\n"
        "    return weight_bytes * 8 / (rate * 1e9)\n",
        "gibibits": "    return weight_bytes * 8 / (rate * 2**30)\n",
        "rounded": "    return round(weight_bytes * 8 / (rate * 1e9), 1)\n",
        "not_shared": "    rate = min(nic_gbit_per_s, uplinks)\n"
        "    return weight_bytes * 8 / (rate * 1e9)\n",
        "rate_returned": "    return rate\n",
        "whole_nics": "    fit = int(hosts_per_leaf / oversubscription)\n"
        "    rate = min(nic_gbit_per_s, nic_gbit_per_s * fit / hosts)\n"
        "    return weight_bytes * 8 / (rate * 1e9)\n",
        "ratio_is_what_fits": "    rate = min(1, oversubscription / hosts) * nic_gbit_per_s\n"
        "    return weight_bytes * 8 / (rate * 1e9)\n",
        "in_turns": "    turns = -(-hosts // int(hosts_per_leaf / oversubscription))\n"
        "    return turns * weight_bytes * 8 / (nic_gbit_per_s * 1e9)\n",
        "no_giga": "    return weight_bytes * 8 / rate\n",
        "both_times_added": "    gbit = 8e-9 * weight_bytes\n"
        "    return gbit / nic_gbit_per_s + gbit * hosts / uplinks\n",
        "one_more_round": "    one = weight_bytes * 8 / (nic_gbit_per_s * 1e9)\n"
        "    return one if hosts <= hosts_per_leaf / oversubscription else 2 * one\n",
    },
    "3.2": {
        "greater_or_equal": "    return sum(exactly(k) for k in range(carried, hosts + 1))\n",
        "range_ends_early": "    return sum(exactly(k) for k in range(carried + 1, hosts))\n",
        "on_average": "    return 1.0 if hosts * active > carried else 0.0\n",
        "utilisation": "    return active * oversubscription\n",
        "somebody": "    return 1 - (1 - active) ** hosts\n",
        "without_comb": "    return sum(\n"
        "        active**k * (1 - active) ** (hosts - k) for k in range(carried + 1, hosts + 1)\n"
        "    )\n",
        "without_the_idle": "    too_many = range(carried + 1, hosts + 1)\n"
        "    return sum(comb(hosts, k) * active**k for k in too_many)\n",
        "one_term": "    return exactly(carried + 1)\n",
        "complement": "    return sum(exactly(k) for k in range(carried + 1))\n",
        "other_hosts": "    return sum(exactly(k, hosts - 1) for k in range(carried + 1, hosts))\n",
        "swapped": "    too_many = range(carried + 1, hosts + 1)\n"
        "    return sum(exactly(k, p=1 - active) for k in too_many)\n",
        "per_cent": "    return 100 * sum(exactly(k) for k in range(carried + 1, hosts + 1))\n",
        "these_hosts": "    return active ** (carried + 1)\n",
        "just_full": "    return exactly(carried)\n",
        "return_in_the_loop": "    for k in range(carried + 1, hosts + 1):\n"
        "        return exactly(k)\n",
        "rounded": "    carried = round(hosts / oversubscription)\n"
        "    return sum(exactly(k) for k in range(carried + 1, hosts + 1))\n",
        "capped_utilisation": "    return min(1, active * oversubscription)\n",
        "precedence": "    n, p, ks = hosts, active, range(carried + 1, hosts + 1)\n"
        "    return sum(comb(n, k) * p**k * ((1 - p) ** n - k) for k in ks)\n",
        "nobody_forgotten": "    return 1 - sum(exactly(k) for k in range(1, carried + 1))\n",
        "ratio_is_what_fits": "    too_many = range(int(oversubscription) + 1, hosts + 1)\n"
        "    return sum(exactly(k) for k in too_many)\n",
        "two_too_many": "    return sum(exactly(k) for k in range(carried + 2, hosts + 1))\n",
        "any_group": "    return comb(hosts, carried + 1) * active ** (carried + 1)\n",
        "normal_curve": "    from statistics import NormalDist\n"
        "    sd = (hosts * active * (1 - active)) ** 0.5\n"
        "    return 1 - NormalDist(hosts * active, sd).cdf(carried)\n",
        "poisson": "    from math import exp, factorial\n"
        "    m = hosts * active\n"
        "    return 1 - sum(exp(-m) * m**k / factorial(k) for k in range(carried + 1))\n",
        "ways_of_the_first": "    ways = comb(hosts, carried + 1)\n"
        "    ks = range(carried + 1, hosts + 1)\n"
        "    return sum(ways * active**k * (1 - active) ** (hosts - k) for k in ks)\n",
        "as_a_sender_sees_it": "    others = hosts - 1\n"
        "    return sum(exactly(k, others) for k in range(carried, hosts))\n",
        "share_of_the_traffic": "    ks = range(carried + 1, hosts + 1)\n"
        "    return sum((k - carried) * exactly(k) for k in ks) / (hosts * active)\n",
    },
    "3.3": {
        "tail_of_each_host": "    tails = [sorted(row)[last] for row in demand]\n"
        "    return max(1.0, nics / sum(tails))\n",
        "mean": "    return max(1.0, nics * len(sums) / sum(sums))\n",
        "every_planner": "    return max(1.0, nics / sum(max(row) for row in demand))\n",
        "int_for_ceil": "    return max(1.0, nics / sums[int(share * len(sums)) - 1])\n",
        "round_for_ceil": "    return max(1.0, nics / sums[round(share * len(sums)) - 1])\n",
        "uplinks": "    return sums[last]\n",
        "peak": "    return max(1.0, nics / sums[-1])\n",
        "inverted": "    return sums[last] / nics\n",
        "rows": "    rows = sorted(sum(row) for row in demand)\n"
        "    return max(1.0, nics / rows[ceil(share * len(rows)) - 1])\n",
        "one_nic": "    return max(1.0, nic_gbit_per_s / sums[last])\n",
        "not_at_least_one": "    return nics / sums[last]\n",
        "min_for_max": "    return min(1.0, nics / sums[last])\n",
        "numpy_percentile": "    return float(max(1.0, nics / np.percentile(sums, 100 * share)))\n",
        "off_by_one": "    return max(1.0, nics / sums[min(last + 1, len(sums) - 1)])\n",
        "one_less": "    return max(1.0, nics / sums[last - 1])\n",
        "share_of_peak": "    return max(1.0, nics / (share * sums[-1]))\n",
        "volume": "    total = 0\n"
        "    for each in sums:\n"
        "        total += each\n"
        "        if total >= share * sum(sums):\n"
        "            return max(1.0, nics / each)\n",
        "rank_of_rows": "    return max(1.0, nics / sums[ceil(share * len(demand)) - 1])\n",
        "unsorted": "    together = [sum(window) for window in zip(*demand)]\n"
        "    return max(1.0, nics / together[last])\n",
        "busy_nics": "    busy = sum(any(row) for row in demand) * nic_gbit_per_s\n"
        "    return max(1.0, busy / sums[last])\n",
        "busy_windows": "    busy = [each for each in sums if each > 0]\n"
        "    return max(1.0, nics / busy[ceil(share * len(busy)) - 1])\n",
        "all_numbers": "    numbers = sorted(x for row in demand for x in row)\n"
        "    return max(1.0, nic_gbit_per_s / numbers[ceil(share * len(numbers)) - 1])\n",
        "whole_ratio": "    return float(floor(max(1.0, nics / sums[last])))\n",
        "index_not_less_one": "    k = min(int(share * len(sums)), len(sums) - 1)\n"
        "    return max(1, nics / sums[k])\n",
        "whole_uplinks": "    uplinks = ceil(sums[last] / nic_gbit_per_s)\n"
        "    return max(1, len(demand) / uplinks)\n",
        "mean_and_sigma": "    from statistics import NormalDist, mean, pstdev\n"
        "    need = mean(sums) + NormalDist().inv_cdf(share) * pstdev(sums)\n"
        "    return max(1, nics / need)\n",
        "worst_host": "    tails = [sorted(row)[last] for row in demand]\n"
        "    return max(1, nic_gbit_per_s / max(tails))\n",
    },
    "3.4": {
        "equal": "    return [capacity / n] * n\n",
        "capped": "    return [min(d, capacity / n) for d in demands]\n",
        "proportional": "    return [d * capacity / sum(demands) for d in demands]\n",
        "first_come": "    for i in range(n):\n"
        "        rates[i] = min(demands[i], left)\n"
        "        left -= rates[i]\n"
        "    return rates\n",
        "not_sorted": "    for served, i in enumerate(range(n)):\n"
        "        rates[i] = min(demands[i], left / (n - served))\n"
        "        left -= rates[i]\n"
        "    return rates\n",
        "sorted_result": "    for served, i in enumerate(order):\n"
        "        rates[served] = min(demands[i], left / (n - served))\n"
        "        left -= rates[served]\n"
        "    return rates\n",
        "never_taken_off": "    for served, i in enumerate(order):\n"
        "        rates[i] = min(demands[i], left / (n - served))\n"
        "    left -= rates[i]\n"
        "    return rates\n",
        "divides_by_all": "    for i in order:\n"
        "        rates[i] = min(demands[i], left / n)\n"
        "        left -= rates[i]\n"
        "    return rates\n",
        "return_in_the_loop": "    for served, i in enumerate(order):\n"
        "        rates[i] = min(demands[i], left / (n - served))\n"
        "        left -= rates[i]\n"
        "        return rates\n",
        "begun_again": "    for served, i in enumerate(order):\n"
        "        rates, left = [0.0] * n, capacity\n"
        "        rates[i] = min(demands[i], left / (n - served))\n"
        "        left -= rates[i]\n"
        "    return rates\n",
        "descending": "    for served, i in enumerate(reversed(order)):\n"
        "        rates[i] = min(demands[i], left / (n - served))\n"
        "        left -= rates[i]\n"
        "    return rates\n",
        "rest_to_the_largest": "    rates = [min(d, capacity / n) for d in demands]\n"
        "    big = demands.index(max(demands))\n"
        "    rates[big] = min(demands[big], rates[big] + capacity - sum(rates))\n"
        "    return rates\n",
        "rest_to_all_alike": "    rates = [min(d, capacity / n) for d in demands]\n"
        "    return [rate + (capacity - sum(rates)) / n for rate in rates]\n",
        "demand_by_place": "    for served, i in enumerate(order):\n"
        "        rates[i] = min(demands[served], left / (n - served))\n"
        "        left -= rates[i]\n"
        "    return rates\n",
        "same_amount_less": "    too_much = max(0, sum(demands) - capacity)\n"
        "    return [max(0, d - too_much / n) for d in demands]\n",
        "all_or_nothing": "    for i in order:\n"
        "        if demands[i] <= left:\n"
        "            rates[i], left = demands[i], left - demands[i]\n"
        "    return rates\n",
        "least_then_proportion": "    least = min(min(demands), capacity / n)\n"
        "    more = [d - least for d in demands]\n"
        "    left = min(capacity - least * n, sum(more))\n"
        "    return [least + left * each / sum(more) for each in more]\n",
        "largest_gives_way": "    rates, big = list(demands), order[-1]\n"
        "    rates[big] -= min(rates[big], max(0, sum(demands) - capacity))\n"
        "    return rates\n",
    },
    "3.5": {
        "first_free": "    return fill(leaves)\n",
        "fullest": "    return fill(sorted(leaves, key=lambda i: free[i]))\n",
        "last_free": "    return fill(reversed(leaves))\n",
        "balanced": "    for _ in range(hosts):\n"
        "        taken[max(leaves, key=lambda i: free[i] - taken[i])] += 1\n"
        "    return taken\n",
        "exact_gaps": "    return fill([i for i in leaves if free[i] == hosts][:1] or leaves)\n",
        "leaf_instead_of_counts": "    return free.index(max(free))\n",
        "emptiest_else_fullest": "    emptiest = max(leaves, key=lambda i: free[i])\n"
        "    fits = [emptiest] if free[emptiest] >= hosts else []\n"
        "    return fill(fits or sorted(leaves, key=lambda i: free[i]))\n",
        "more_room_than_needed": "    fits = [i for i in leaves if free[i] > hosts]\n"
        "    return fill(sorted(fits, key=lambda i: free[i])[:1] or leaves)\n",
        "in_proportion": "    for i, room in enumerate(free):\n"
        "        taken[i] = hosts * room // sum(free)\n"
        "    for i, room in enumerate(free):\n"
        "        taken[i] += min(room - taken[i], hosts - sum(taken))\n"
        "    return taken\n",
    },
    "3.6": {
        "all_apart": "    return perm(uplinks, flows) / uplinks**flows\n",
        "alone": "    return (1 - 1 / uplinks) ** (flows - 1)\n",
        "swapped": "    return flows * (1 - (1 - 1 / flows) ** uplinks) / uplinks\n",
        "over_uplinks": "    p = 1 / uplinks\n"
        "    ks = range(1, flows + 1)\n"
        "    return sum(comb(flows, k) * p**k * (1 - p) ** (flows - k) / k for k in ks)\n",
        "spray": "    return min(1, uplinks / flows)\n",
        "empty": "    return uplinks * empty / flows\n",
        "busy": "    return uplinks * (1 - empty)\n",
        "share_of_uplinks": "    return 1 - empty\n",
        "one_over_mean": "    return 1 / (1 + (flows - 1) / uplinks)\n",
        "per_cent": "    return 100 * uplinks * (1 - empty) / flows\n",
        "over_busy_uplinks": "    p = 1 / uplinks\n"
        "    ks = range(1, flows + 1)\n"
        "    chances = [comb(flows, k) * p**k * (1 - p) ** (flows - k) for k in ks]\n"
        "    return sum(c / k for c, k in zip(chances, ks)) / sum(chances)\n",
        "alone_or_in_two": "    alone = (1 - 1 / uplinks) ** (flows - 1)\n"
        "    return alone + (1 - alone) / 2\n",
        "halved_by_each": "    return (1 - 0.5 / uplinks) ** (flows - 1)\n",
        "birthday": "    apart = perm(uplinks, flows) / uplinks**flows\n"
        "    return apart + (1 - apart) * min(1, uplinks / flows) / 2\n",
    },
    "3.7": {
        "last": "    return ends[-1]\n",
        "first": "    return ends[0]\n",
        "all": "    return seconds(hosts)\n",
        "starts": "    begins = [0, *ends[:-1]]\n"
        "    return sum(begin * n for begin, n in zip(begins, groups)) / hosts\n",
        "no_clock": "    return sum(n * seconds(n) for n in groups) / hosts\n",
        "mean_of_groups": "    return sum(ends) / len(ends)\n",
        "half_of_the_last": "    return ends[-1] / 2\n",
        "no_uplinks": "    one = gbit / nic_gbit_per_s\n"
        "    return sum((i // at_once + 1) * one for i in range(hosts)) / hosts\n",
        "full_last_group": "    one = seconds(at_once)\n"
        "    return sum((i // at_once + 1) * one for i in range(hosts)) / hosts\n",
        "bytes": "    return sum(end * n for end, n in zip(ends, groups)) / hosts / 8\n",
        "groups_for_size": "    size = -(-hosts // at_once)\n"
        "    now = total = 0\n"
        "    for first in range(0, hosts, size):\n"
        "        now += seconds(min(size, hosts - first))\n"
        "        total += now * min(size, hosts - first)\n"
        "    return total / hosts\n",
        "shared_with_the_waiting": "    now = total = 0\n"
        "    for left in range(hosts, 0, -at_once):\n"
        "        now += seconds(left)\n"
        "        total += now * min(at_once, left)\n"
        "    return total / hosts\n",
        "one_by_one": "    one = seconds(at_once) / at_once\n"
        "    return sum((i + 1) * one for i in range(hosts)) / hosts\n",
    },
}

RIGHT = {each: [HEADS[each] + own for own in owns] for each, owns in OWN_RIGHT.items()}
WRONG = {
    each: {name: HEADS[each] + own for name, own in owns.items()}
    for each, owns in OWN_WRONG.items()
}
