"""Checks of how varied the images are: what can be measured of "representative of the deployed environment"."""
