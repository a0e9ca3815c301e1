"""Trainings that go wrong, trainings that go right, and how well alert rules tell them apart; see `__main__`."""
