"""How fast this library is, against its peers and a floor, in one process: `make bench`.

    python -m tests.benchmarks --out FILE            # minutes: the whole record
    python -m tests.benchmarks --out FILE --quick    # a try-out: few rounds, small sizes

Peers are optional. `pip install -e ".[bench]"` brings difftopk, diffsort and pytopk; torchsort and softtorch are timed
where they are installed. Ratios that must not slide back are held by `test_guard`, which needs no peer.
"""
