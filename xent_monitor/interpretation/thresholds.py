"""Every threshold of the reading, with where it comes from: noise, and what is large enough to be worth a word."""

from __future__ import annotations

__all__ = [
    "ABOUT_HALF",
    "COLLAPSED",
    "COMMON_MISTAKE",
    "EARLY_PASSES",
    "FAR_GAP",
    "FAULTY_ROWS",
    "FLATTERING",
    "FOUND",
    "HARD_CLASS",
    "LARGE_GAIN",
    "LIKELIHOOD_RATIO",
    "MANY_CLASSES",
    "MATERIAL",
    "MATERIAL_CALIBRATION_ERROR",
    "MATERIAL_CHANGE",
    "MATERIAL_GAP",
    "MIN_CLASS_EXAMPLES",
    "MIN_EXAMPLES",
    "MIN_EXCLUSIVE",
    "MIN_EXPECTED_IN_BIN",
    "MIN_STRETCH",
    "NAMED_CLASSES",
    "NAMED_OF_MANY",
    "NEVER_FOUND",
    "NOISE",
    "NOTABLE_GAP",
    "OTHERS_GOOD",
    "OTHER_LOSS",
    "PENALTY_SHARE",
    "SATURATED",
    "SHOWN",
    "SOLVED",
    "SOME_SKILL",
    "TAIL_EXAMPLES",
    "TAIL_LOSS",
    "TIED",
    "TREND_PASSES",
    "WEAK_SKILL",
    "WIDE_GAP",
]

#: Standard errors that a difference must exceed: once in 740 by chance, on one side.
NOISE = 3.0
#: Twice the log-likelihood that one fitted parameter must gain: the square of `NOISE` (Wilks 1938).
LIKELIHOOD_RATIO = NOISE**2
#: Fewer examples than these give no standard error worth the name.
MIN_EXAMPLES = 20
#: The same for a class or another group of examples; the spread of a class is compared with that of all too.
MIN_CLASS_EXAMPLES = 5
#: Examples from which on it is no coincidence that there are just as many positive labels: of independent labels, one
#: for each example in the mean, once in 24 times, and in two passes once in more than 500.
MIN_EXCLUSIVE = 100
#: Change of the cross-entropy, as a share of the prior entropy, that is worth a word.
MATERIAL = 0.02
#: Passes that a stretch of diverging loss and accuracy has at least.
MIN_STRETCH = 3
#: Share of the cross-entropy below which a change of it is not worth a word.
MATERIAL_CHANGE = 0.02
#: Gap between confidence and accuracy that is not worth a word.
MATERIAL_GAP = 0.01
#: Gap that is too large to call a confidence honest, even where so few examples leave it within noise.
NOTABLE_GAP = 0.1
#: Gap from which the accuracy is far better than the confidence.
FAR_GAP = 0.2
#: Expected calibration error that is not worth a word while confidence and accuracy agree in the mean.
MATERIAL_CALIBRATION_ERROR = 0.02
#: Right and wrong answers that a bin must lead to expect for its calibration to be tested.
MIN_EXPECTED_IN_BIN = 5
#: How many times the mean cross-entropy a class must have before it is said to carry the loss.
HARD_CLASS = 1.2
#: Share of the loss that is still called a half.
ABOUT_HALF = 0.55
#: A few examples carry the loss: at most this share of them ...
TAIL_EXAMPLES = 0.1
#: ... at least this share of the cross-entropy.
TAIL_LOSS = 1 / 3
#: Share of the predictions that one class must have before they are said to have collapsed onto it.
COLLAPSED = 0.9
#: Times the fair share 1 / K below which the mean confidence is that of ties, and a prediction says nothing.
TIED = 1.01
#: Share of what constant answers leave to gain that an accuracy must gain to show something.
SHOWN = 0.1
#: Accuracy of constant answers to the labels from which on that of the model flatters it.
FLATTERING = 0.75
#: Share of the positives that is found, and of what is named positive that is, from which on nothing is flattered.
FOUND = 0.9
#: Recall below which a class is as good as never found, and share of what blind decisions find that must be missing.
NEVER_FOUND = 0.1
#: Skill of the other labels from which on a label that is hardly found is what is wrong.
OTHERS_GOOD = 0.5
#: Share of the rows that must be faulty before the other numbers rest on mending them.
FAULTY_ROWS = 0.01
#: Share of the examples that must be at Keras' clip to be worth a word.
SATURATED = 0.001
#: Share of the mistakes that one pair of classes must make to be named.
COMMON_MISTAKE = 0.1
#: Relative difference between the compiled loss, or the weighted mean, and the cross-entropy that is worth a word.
OTHER_LOSS = 0.01
#: Share of the logged loss that the penalty must have to be worth a word.
PENALTY_SHARE = 0.05
#: Nothing left to gain: the skill of a model that is as good as perfect.
SOLVED = 0.99
#: Skill that is worth the name, so that its absence is only said where it would be seen.
SOME_SKILL = 0.1
#: Passes back over which a trend is looked for when the last step alone is within noise.
TREND_PASSES = 3
#: Passes after which a model that started above the prior entropy should be below it.
EARLY_PASSES = 2
#: Skill below which a model that is no better in training than in validation has room for more capacity.
WEAK_SKILL = 0.9
#: Share of the cross-entropy that the gap to training must have before it is what to work on.
WIDE_GAP = 0.25
#: Share of the cross-entropy that a temperature must gain before it is what to work on.
LARGE_GAIN = 0.05
#: Classes that are named at most.
NAMED_CLASSES = 5
#: The same where there are many classes.
NAMED_OF_MANY = 3
#: More classes than this are many.
MANY_CLASSES = 20
