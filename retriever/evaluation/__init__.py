"""Measuring search: questions with what should be found, their runs, measures and a report."""
