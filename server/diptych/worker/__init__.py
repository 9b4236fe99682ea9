"""What runs inside the user's interpreter: the standard library, numpy and one framework; nothing else of Diptych.

It is started by its path (``python .../worker/__main__.py``), so that it need not be installed there. Python 3.9 or
newer.
"""
