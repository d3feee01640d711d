"""Loaders of labelled music, all into the same record (`Clip`)."""
