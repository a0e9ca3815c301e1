"""Every threshold of the built-in rules, with where it comes from: noise, theory, or what is large enough to matter.

Changes and levels of the cross-entropy are counted in shares of the prior entropy, so that a rule means the same for 2
classes and for 1,000.
"""

from __future__ import annotations

import math

from xent_monitor.interpretation.thresholds import MATERIAL, MIN_EXAMPLES, NEVER_FOUND, NOISE

__all__ = [
    "BLIND_LOSS",
    "CALIBRATION_GAIN",
    "CAP_RESOLVED",
    "CAP_ROUNDING",
    "CHANCE",
    "CLIPPED_START",
    "COLLAPSED",
    "CONSTANT",
    "CONTRADICTED",
    "CONTRADICTED_SHARE",
    "DISPLACED",
    "DIVERGED",
    "EXCLUSIVE",
    "FAR_TEMPERATURE",
    "GOOD_SKILL",
    "HELD_WITHIN",
    "HIDDEN_LOSS",
    "HIGH_START",
    "HONEST_NEGATIVES",
    "IMPOSSIBLE",
    "INVALID_ROWS",
    "MATERIAL",
    "MATERIAL_LEVEL",
    "MATERIAL_SHARE",
    "MIN_ERRORS",
    "MIN_EXAMPLES",
    "NEGLECTED",
    "NEVER_FOUND",
    "NOISE",
    "NO_SKILL",
    "OTHERS_PREDICTED",
    "PINNED",
    "RISE",
    "ROUNDING",
    "SATURATED_START",
    "SETTLING",
    "SOME_SKILL",
    "START_NATS",
    "STILL",
    "SUM_TOLERANCE",
    "SWING",
    "SWINGS",
    "TEMPERED_SHARE",
    "TURNS",
]

#: The probability of a normal value beyond `NOISE` standard errors, on one side.
CHANCE = 1 / 740
#: Fewer wrong answers than these do not carry a statement about the wrong ones.
MIN_ERRORS = 5

#: Share of the rows that must be no distribution: single rows of half precision may round badly, a head that is wrong
#: gives many.
INVALID_ROWS = 0.01
#: Difference of neighbouring confidences that is rounding: some units in the last place of a float32 probability.
CONSTANT = 1e-5
#: Times the bound of (1 - accuracy) ln 2 that is rounding.
IMPOSSIBLE = 0.99
#: Share of ln 2 for each wrong answer below which a loss does not look at the outputs. A focal loss, which looks away
#: from much, still costs 0.25 * 0.5^2 ln 2 for a wrong answer; a loss may be scaled; one unit under a categorical loss
#: costs 1e-7.
BLIND_LOSS = 1e-5
#: By how much the logged loss may miss the batch size times the mean, and still be a sum: batches may differ in size.
SUM_TOLERANCE = 0.25

#: First cross-entropy, in ln K, from which no data and no learning rate excuse it: the soft-max is saturated.
SATURATED_START = 10.0
#: Share of the largest cross-entropy that clipped probabilities can give a random guess, for the same.
CLIPPED_START = 0.9
#: First cross-entropy, in ln K, that is too high if the first epoch leaves no skill either (TheDeepChecker's bound).
HIGH_START = 2.0
#: Nats above ln K that a healthy initialisation may give: half the variance of the logits, which is 1 to 4.
START_NATS = 2.0

#: Skill below which there is as good as none.
NO_SKILL = 0.02
#: Skill that is worth the name.
SOME_SKILL = 0.1
#: Skill of a training that works.
GOOD_SKILL = 0.25
#: Share of the prior entropy, for a level above it, that is worth a word.
MATERIAL_LEVEL = 0.05
#: Evaluations over which "not moving" is judged.
STILL = 3
#: Gap of accuracy, or distance from chance in shares of what chance leaves, that is worth a word.
MATERIAL_SHARE = 0.1

#: Highest confidence that a second soft-max leaves is e / (e + K - 1); this share of it counts as pinned to it.
PINNED = 0.85
#: By how much the upper edge of its bin may exceed it, for the bins to show that nothing does.
CAP_RESOLVED = 1.3
#: By how much rounding may exceed it.
CAP_ROUNDING = 1.002

#: How far the mean number of positive labels must be from 1 for a soft-max over them to be wrong.
EXCLUSIVE = 0.25
#: Share of the least that negatives of honest probabilities cost (in 250 honest passes: 1.2 times that, and more).
HONEST_NEGATIVES = 0.9
#: Share of ln 2 for each wrong decision below which a loss is one of other outputs, beside the signs of a soft-max: a
#: focal loss of usual settings still costs 0.25 * 0.5^2 of it.
HIDDEN_LOSS = 0.05
#: Relative rounding of sums of outputs in half precision.
ROUNDING = 1e-3

#: Share of the predictions that one class must have before they are said to have collapsed onto it.
COLLAPSED = 0.95
#: Share of the labels of all other classes that the predictions of them must not reach, for the same.
OTHERS_PREDICTED = 0.25
#: Nats above -ln(share) that are worth a word, as a share of -ln(share).
NEGLECTED = 0.25

#: Rise above the best validation cross-entropy, as a share of the prior entropy, that is worth a word.
RISE = 0.1
#: Share of a rise that the tempered cross-entropy must not follow for it to be over-confidence.
TEMPERED_SHARE = 0.5
#: Standard errors within which an accuracy counts as held.
HELD_WITHIN = 2.0

#: Share of the predictions that stand with other classes than the labels do, beyond that in training: an honest model
#: that has skill on both has as good as none.
DISPLACED = 0.2
#: Epochs for which a validation that is bad may still be getting better: a moving average of 0.99 needs some 300 steps.
SETTLING = 6

#: Rise of the training loss above the prior entropy, as a share of it, that is divergence.
DIVERGED = 0.25
#: Evaluations over which swings are judged, and how many of the steps must turn back.
SWINGS, TURNS = 6, 3
#: Mean size of a step, as a share of the prior entropy, that is a large swing (a cyclical learning rate gives 0.1).
SWING = 0.2

#: Temperatures that are far from 1 (their logarithm): 1.5 and 1 / 1.5.
FAR_TEMPERATURE = math.log(1.5)
#: Gain by a temperature, as a share of the prior entropy, that is worth a word.
CALIBRATION_GAIN = 0.02
#: Probability of the true class below which an example contradicts its label, if the model is good elsewhere.
CONTRADICTED = 0.1
#: Share of such examples that is worth a word.
CONTRADICTED_SHARE = 0.01
