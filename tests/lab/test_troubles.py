"""What the lanes of a replay say of replicas that are slow, lost, or not there yet."""

import inference_lab as il
from inference_lab.lab.troubles import troubles_of

ONE = il.AffineReplica(prefill_s=(0, 1, 0), decode_s=(0, 0, 0))
UNSEEN = "lost, and nobody has noticed"


def told(*faults, **more):
    cluster = il.Cluster(ONE, replicas=4, faults=faults, **more)
    return [tuple(each.values()) for each in troubles_of(cluster)]


def test_a_loss_is_first_unseen_then_known_until_the_replica_returns():
    lost = il.LostReplica(replica=2, from_s=5, until_s=9, noticed_s=1)
    assert told(lost) == [(2, 5e3, 6e3, UNSEEN, True), (2, 6e3, 9e3, "lost", True)]
    assert told(il.LostReplica(replica=2, from_s=5, until_s=5.5, noticed_s=1)) == [
        (2, 5e3, 5.5e3, UNSEEN, True)
    ]
    assert told(il.LostReplica(replica=2, from_s=5, noticed_s=0)) == [(2, 5e3, None, "lost", True)]


def test_a_zone_is_all_of_its_replicas_and_an_added_one_comes_late():
    zone = il.LostZone(zone=1, from_s=3, noticed_s=0)
    assert [row[0] for row in told(zone, zones=2)] == [1, 3]
    assert told(il.AddedReplica(at_s=8), il.AddedReplica(at_s=6)) == [
        (4, 0, 6e3, "not there yet", True),
        (5, 0, 8e3, "not there yet", True),
    ]


def test_a_slow_replica_goes_on():
    slow = il.SlowReplica(replica=0, factor=1.5, from_s=1)
    assert told(slow) == [(0, 1e3, None, "iterations take 1.5 times as long", False)]
