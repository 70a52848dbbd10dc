"""From records to the tables and pictures of README, docs and lessons, so that no number is typed by hand.

    python -m topk_lib report              # rewrite pages between markers, redraw pictures in docs
    python -m topk_lib report --check      # say what differs from the records, change nothing
    python -m topk_lib report --lesson 10  # print the tables that belong to a lesson

A marker is an HTML comment: a table stands between `<!-- report: NAME -->` and `<!-- /report -->`. A new table is one
function and one line in `topk_lib.experiments.report.registry`; a new page is one line in `command`.
"""
