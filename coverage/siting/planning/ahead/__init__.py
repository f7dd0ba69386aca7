"""Choices that look ahead: regretted least whatever comes, one place a year, more places one by one."""
