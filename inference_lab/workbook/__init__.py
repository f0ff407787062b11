"""The learner's folder: start it, update it, check it, pack it."""
