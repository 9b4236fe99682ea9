"""Conformance: the frameworks' own samples, written as user code, converted, and run on both sides."""
