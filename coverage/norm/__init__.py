"""The norm machine: how many places a norm on births takes, where they come, and who stays out of reach."""

from coverage.norm.planning import NormAnswer, norm_machine
from coverage.norm.problem import NormProblem
from coverage.norm.request import NormRequest

__all__ = ["NormAnswer", "NormProblem", "NormRequest", "norm_machine"]
