"""Findings, or proposals that a person accepted → edits of label files: planned, shown as a diff, applied, undone."""
