"""Calibration: probes that tell the alternatives of open points apart, and the readings that they measure."""
