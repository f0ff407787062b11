"""inference_lab: a small simulator of LLM inference clusters and their networks.

Examples
--------
>>> import inference_lab as il
>>> replica = il.Replica(il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=4)
>>> load = il.Workload.poisson(rate_per_s=8, requests=100, prompt_tokens=512, output_tokens=128)
>>> il.simulate(il.Cluster(replica, replicas=2, router="least_outstanding"), load)
Result(100 requests, 100 served)
"""

from inference_lab import theory
from inference_lab.fabric.max_min import max_min_shares
from inference_lab.fabric.topology import LeafSpine
from inference_lab.physics.affine import AffineReplica
from inference_lab.physics.hardware import GPU
from inference_lab.physics.links import Link, kv_transfer_s
from inference_lab.physics.llm import LLM
from inference_lab.physics.replica import Replica
from inference_lab.physics.stack import Stack
from inference_lab.serving import routers
from inference_lab.serving.cluster import Cluster
from inference_lab.serving.disaggregated import Disaggregated
from inference_lab.serving.fair import Fair
from inference_lab.serving.faults import (
    AddedReplica,
    LostReplica,
    LostZone,
    SlowLink,
    SlowReplica,
)
from inference_lab.serving.prefix_hits import prefix_hits
from inference_lab.serving.rag import Rag
from inference_lab.serving.result import Result
from inference_lab.serving.routers import PowerOf
from inference_lab.serving.simulator import simulate
from inference_lab.serving.slo import SLO
from inference_lab.serving.summary import Summary
from inference_lab.sweep.capacity import Capacity, capacity
from inference_lab.sweep.compare import Comparison, compare
from inference_lab.sweep.grid import Sweep, sweep
from inference_lab.traffic.clients import Client
from inference_lab.traffic.laws import Geometric, LogNormal
from inference_lab.traffic.quantiles import Quantiles
from inference_lab.traffic.workload import Workload
from inference_lab.training.job import TrainingJob

__all__ = [
    "GPU",
    "LLM",
    "SLO",
    "AddedReplica",
    "AffineReplica",
    "Capacity",
    "Client",
    "Cluster",
    "Comparison",
    "Disaggregated",
    "Fair",
    "Geometric",
    "LeafSpine",
    "Link",
    "LogNormal",
    "LostReplica",
    "LostZone",
    "PowerOf",
    "Quantiles",
    "Rag",
    "Replica",
    "Result",
    "SlowLink",
    "SlowReplica",
    "Stack",
    "Summary",
    "Sweep",
    "TrainingJob",
    "Workload",
    "capacity",
    "compare",
    "kv_transfer_s",
    "max_min_shares",
    "prefix_hits",
    "routers",
    "simulate",
    "sweep",
    "theory",
]
