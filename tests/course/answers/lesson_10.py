"""Answers to the exercises of lesson 10 as learners get them wrong, and to its predictions as they are right."""


def percent(record, baseline, k, rows=lambda record: record["final"]):
    own, other = (rows(r)[f"top{k}"] * 100 for r in (record, baseline))
    return own, own - other


def in_fractions(record, baseline, k):
    own, other = (r["final"][f"top{k}"] for r in (record, baseline))
    return [own, own - other]


def last_epoch(record, baseline, k):
    return percent(record, baseline, k, rows=lambda r: r["epochs"][-1])


def best_epoch(record, baseline, k):
    return percent(record, baseline, k, rows=lambda r: max(r["epochs"], key=lambda row: row[f"top{k}"]))


def sign_turned(record, baseline, k):
    own, gap = percent(record, baseline, k)
    return own, 0.0 - gap


def relative(record, baseline, k):
    own, other = (r["final"][f"top{k}"] for r in (record, baseline))
    return 100 * own, 100 * (own / other - 1)


def always_first(record, baseline, k):
    return percent(record, baseline, 1)


def by_mean(low, high, margin):
    return 1 if low + high > 2 * margin else -1


def open_refuted(low, high, margin):
    return {True: 1, False: -1}[low > margin]


def no_margin(low, high, margin):
    return (low > 0) - (high < 0)


def upper_end(low, high, margin):
    return 2 * (high > margin) - 1


def turned(low, high, margin):
    return (high < margin) - (low > margin)


WRONG = {
    "10.1": {
        "fractions for percent": in_fractions,
        "the last epoch": last_epoch,
        "the best epoch": best_epoch,
        "the sign turned": sign_turned,
        "a relative gain": relative,
        "always top-1": always_first,
    },
    "10.2": {
        "the mean decides": by_mean,
        "open taken for refuted": open_refuted,
        "the margin ignored": no_margin,
        "one end is enough": upper_end,
        "the sign turned": turned,
    },
}

RIGHT = {"10.a": "b", "10.b": "c"}
