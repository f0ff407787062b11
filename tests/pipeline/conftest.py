"""The tiny lesson of these tests is built, never imported as a module."""

collect_ignore = ["tiny"]
