"""Do loss and accuracy tell the same story? Their divergence over the passes so far."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["loss_accuracy_divergence"]

#: Standard errors by which the accuracy may lie below its best and still count as held.
HELD_WITHIN = 2.0


def loss_accuracy_divergence(
    cross_entropies: Sequence[float], accuracies: Sequence[float], num_examples: int, prior_entropy: float
) -> float:
    r"""How far the cross-entropy has risen above its best while the accuracy has held its own.

    .. math:: D_t = \frac{\mathrm{CE}_t - \min_{s \le t}\mathrm{CE}_s}{H(\pi)}
        \quad\text{where } a_t \ge a^* - 2\sqrt{a^*(1-a^*)/n},\; a^* = \max_{s \le t} a_s; \text{ else } 0

    A positive value says that the model grew over-confident, not that it decides worse: probabilities and
    decisions drift apart. Accuracy counts as held within two standard errors of its best, as a best of many noisy
    values is rarely met again exactly.

    Args:
        cross_entropies: Nats, of the passes of one split, oldest first, this one last.
        accuracies: In [0, 1], of the same passes.
        num_examples: Examples of this pass.
        prior_entropy: Of this pass, nats.

    Returns:
        Share of the prior entropy, >= 0; 0 in the first pass; NaN where the last cross-entropy or the prior entropy
        is undefined or the prior entropy is 0.

    Raises:
        ValueError: If the two series are empty or differ in length.

    Example:
        >>> round(loss_accuracy_divergence([1.0, 0.5, 0.73], [0.6, 0.8, 0.81], 1000, 2.3), 3)
        0.1

    Source: the effect is that of Guo et al. (2017), section 3 (NLL overfits while the error still falls).
    """
    if not cross_entropies or len(cross_entropies) != len(accuracies):
        raise ValueError(
            "`cross_entropies` and `accuracies` must have one value for each pass, at least one. "
            f"Received: {len(cross_entropies)} and {len(accuracies)}."
        )
    if math.isnan(cross_entropies[-1]) or not prior_entropy > 0 or num_examples < 1:
        return math.nan
    best_loss = min(value for value in cross_entropies if not math.isnan(value))
    best = max(value for value in accuracies if not math.isnan(value))
    noise = math.sqrt(best * (1 - best) / num_examples)
    if accuracies[-1] < best - HELD_WITHIN * noise:
        return 0.0
    return (cross_entropies[-1] - best_loss) / prior_entropy
