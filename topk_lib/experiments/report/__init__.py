"""From records to the tables and pictures of README and lessons, so that no number is typed by hand.

    python -m topk_lib report              # rewrite README.md between markers, redraw docs/comparison.png
    python -m topk_lib report --check      # say what differs from the records, change nothing
    python -m topk_lib report --lesson 10  # print the tables that belong to a lesson

A marker is an HTML comment: a table stands between `<!-- report: NAME -->` and `<!-- /report -->`. A new table is one
function and one line in `topk_lib.experiments.report.registry`.
"""
