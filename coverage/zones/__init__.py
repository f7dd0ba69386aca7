"""From cells to zones: sums, territory, reasons, tables, overlap, certainty."""

from coverage.zones.partition_overlap import overlap

__all__ = ["overlap"]
