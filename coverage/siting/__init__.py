"""Where the next one should go: the classical location problems, solved to a proof.

``cost`` is (n_demand, n_facility), dense with ``inf`` or sparse with absent entries out of reach, in metres or minutes.
Every answer carries the proven bound and gap, and what greedy would have picked.
"""

from coverage.siting.solvers.basis.control import Progress
from coverage.siting.solvers.basis.gate import UnsoundAnswerError
from coverage.siting.solvers.basis.instance import NoCoverError
from coverage.siting.solvers.basis.result import SitingResult
from coverage.siting.solvers.basis.rules import Quota, Rules
from coverage.siting.solvers.center import p_center
from coverage.siting.solvers.covering import lscp, mclp
from coverage.siting.solvers.fixed_cost import facility_location
from coverage.siting.solvers.joint import JointResult, SitedService, together
from coverage.siting.solvers.median import p_median
from coverage.siting.solvers.phases import PhasedResult, mclp_by_year
from coverage.siting.solvers.regret import RegretResult, UncertainCase, least_regret

__all__ = [
    "JointResult",
    "NoCoverError",
    "PhasedResult",
    "Progress",
    "Quota",
    "RegretResult",
    "Rules",
    "SitedService",
    "SitingResult",
    "UncertainCase",
    "UnsoundAnswerError",
    "facility_location",
    "least_regret",
    "lscp",
    "mclp",
    "mclp_by_year",
    "p_center",
    "p_median",
    "together",
]
