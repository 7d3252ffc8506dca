"""Softmax regression on Fisher's Iris data by stochastic gradient descent; Python's standard library only.

    mlx run examples/iris/train.py optimizer.lr=1e-3,1e-2 seed=1,2
    python examples/iris/train.py seed=1
"""

import csv
import math
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
try:
    import mlxrun
except ImportError:
    # Without mlx, the client comes from the package that has this example.
    sys.path.append(os.path.join(HERE, "..", "..", "dist", "python"))
    import mlxrun

FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")


def load():
    """The 150 flowers as (features, species) pairs, and the names of the species."""
    with open(os.path.join(HERE, "data", "iris.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    species = sorted({row["species"] for row in rows})
    return [([float(row[name]) for name in FEATURES], species.index(row["species"])) for row in rows], species


def split(flowers, fraction, rng):
    """Training and held-out flowers, features standardised by the training ones."""
    shuffled = rng.sample(flowers, len(flowers))
    cut = round(len(shuffled) * fraction)
    held_out, train = shuffled[:cut], shuffled[cut:]
    means = [sum(x[i] for x, _ in train) / len(train) for i in range(len(FEATURES))]
    deviations = [
        math.sqrt(sum((x[i] - mean) ** 2 for x, _ in train) / len(train)) for i, mean in enumerate(means)
    ]

    def standardise(part):
        return [([(v - m) / d for v, m, d in zip(x, means, deviations)] + [1.0], y) for x, y in part]

    return standardise(train), standardise(held_out)


def probabilities(weights, x):
    scores = [sum(w * v for w, v in zip(row, x)) for row in weights]
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def evaluate(weights, flowers):
    """Mean cross-entropy and accuracy."""
    loss, right = 0.0, 0
    for x, y in flowers:
        p = probabilities(weights, x)
        loss -= math.log(max(p[y], 1e-300))
        right += max(range(len(p)), key=p.__getitem__) == y
    return loss / len(flowers), right / len(flowers)


def train_epoch(weights, flowers, optimizer, rng):
    size = optimizer.batch_size
    order = rng.sample(flowers, len(flowers))
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        gradient = [[optimizer.weight_decay * w for w in row] for row in weights]
        for x, y in batch:
            p = probabilities(weights, x)
            for k, row in enumerate(gradient):
                error = (p[k] - (k == y)) / len(batch)
                for i, v in enumerate(x):
                    row[i] += error * v
        for row, slopes in zip(weights, gradient):
            for i, slope in enumerate(slopes):
                row[i] -= optimizer.lr * slope


def main():
    run = mlxrun.start(config="configs/config.yaml")
    config = run.config
    rng = random.Random(config.seed)
    flowers, species = load()
    train, test = split(flowers, config.data.test_fraction, rng)
    weights = [[0.0] * (len(FEATURES) + 1) for _ in species]
    first = 1

    checkpoint = run.latest_checkpoint()
    if checkpoint:
        weights, first = checkpoint["weights"], checkpoint["epoch"] + 1
        rng.setstate(checkpoint["rng"])

    for epoch in range(first, config.epochs + 1):
        train_epoch(weights, train, config.optimizer, rng)
        loss, _ = evaluate(weights, train)
        test_loss, accuracy = evaluate(weights, test)
        run.log_metrics({"epoch": epoch, "loss": loss}, log_name="train")
        run.log_metrics({"epoch": epoch, "loss": test_loss, "accuracy": accuracy}, log_name="test")
        run.checkpoint({"weights": weights, "epoch": epoch, "rng": rng.getstate()})

    loss, accuracy = evaluate(weights, test)
    print("after %d epochs: held-out loss %.4f, accuracy %.3f" % (config.epochs, loss, accuracy))


if __name__ == "__main__":
    main()
