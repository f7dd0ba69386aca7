"""The case for a place: the programming test, its criteria with their draws, and the best sites."""

from coverage.case.judgement import Judged, Verdict, verdict_of
from coverage.case.planned import PlanTests, judge_plan
from coverage.case.programming_test import ProgrammingTest, programming_test
from coverage.case.thresholds import CRITERIA, AskedThresholds, Thresholds, thresholds_of

__all__ = [
    "CRITERIA",
    "AskedThresholds",
    "Judged",
    "PlanTests",
    "ProgrammingTest",
    "Thresholds",
    "Verdict",
    "judge_plan",
    "programming_test",
    "thresholds_of",
    "verdict_of",
]
