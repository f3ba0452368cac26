"""How fast derive is, beside other ways to do the same, measured side by side in one run.

    python -m benchmarks              every table (some minutes)
    python -m benchmarks training     one or some of: start growth inlined sheets training variants check-speed …

micrograd and PyTorch are measured where they can be imported (pip install micrograd torch), else the table says so.
"""
