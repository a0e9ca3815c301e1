"""The support table: one case for each way to train a classifier, run by `tests.e2e.test_support` on every backend.

`docs/reference/support.md` is written from it: `python -m tests.support.page`.
"""
