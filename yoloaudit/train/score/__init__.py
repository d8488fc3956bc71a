"""Detections and labels → how good the detections are."""
