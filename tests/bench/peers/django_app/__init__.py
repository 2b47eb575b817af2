"""A Django application of one model."""
