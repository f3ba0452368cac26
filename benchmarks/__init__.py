"""How fast derive is, beside other ways to do the same, measured side by side in one run.

    python -m benchmarks              every table
    python -m benchmarks training     one or some of: start growth inlined sheets training variants
"""
