"""Labelled pairs of functions and models: rounding only, or a real bug; and what verification says of them."""
