"""Two classes in the plane, told apart by a line or by a small network; Python's standard library only.

    mlx run examples/moons/train.py model=logistic,network optimizer=sgd,adam
"""

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


def make_data(config, rng):
    """Points of two classes as ((x, y), class): half moons in each other, or a ring around another."""
    points = []
    for i in range(config.points):
        label, angle = i % 2, math.pi * rng.random()
        if config.name == "moons":
            x, y = (math.cos(angle), math.sin(angle)) if label else (1 - math.cos(angle), 0.5 - math.sin(angle))
        else:
            x, y = ((1 + label) * math.cos(2 * angle), (1 + label) * math.sin(2 * angle))
        points.append(((x + rng.gauss(0, config.noise), y + rng.gauss(0, config.noise)), label))
    rng.shuffle(points)
    cut = round(len(points) * config.test_fraction)
    return points[cut:], points[:cut]


def forward(weights, width, point):
    """The probability of class 1, and what the hidden units give."""
    inputs = (point[0], point[1], 1.0)
    if width == 0:
        hidden = inputs
    else:
        hidden = [math.tanh(sum(weights[3 * k + i] * inputs[i] for i in range(3))) for k in range(width)] + [1.0]
    score = sum(w * h for w, h in zip(weights[3 * width :], hidden))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score)))), inputs, hidden


def gradient(weights, width, batch):
    slopes = [0.0] * len(weights)
    for point, label in batch:
        p, inputs, hidden = forward(weights, width, point)
        error = (p - label) / len(batch)
        for k, h in enumerate(hidden):
            slopes[3 * width + k] += error * h
        for k in range(width):
            back = error * weights[3 * width + k] * (1 - hidden[k] ** 2)
            for i in range(3):
                slopes[3 * k + i] += back * inputs[i]
    return slopes


class Sgd:
    def __init__(self, config, size):
        self.lr, self.momentum, self.speed = config.lr, config.momentum, [0.0] * size

    def step(self, weights, slopes):
        for i, slope in enumerate(slopes):
            self.speed[i] = self.momentum * self.speed[i] - self.lr * slope
            weights[i] += self.speed[i]


class Adam:
    def __init__(self, config, size):
        self.lr, (self.beta1, self.beta2) = config.lr, config.betas
        self.mean, self.square, self.count = [0.0] * size, [0.0] * size, 0

    def step(self, weights, slopes):
        self.count += 1
        for i, slope in enumerate(slopes):
            self.mean[i] += (1 - self.beta1) * (slope - self.mean[i])
            self.square[i] += (1 - self.beta2) * (slope * slope - self.square[i])
            mean = self.mean[i] / (1 - self.beta1**self.count)
            square = self.square[i] / (1 - self.beta2**self.count)
            weights[i] -= self.lr * mean / (math.sqrt(square) + 1e-8)


def evaluate(weights, width, points):
    """Mean cross-entropy and accuracy."""
    loss, right = 0.0, 0
    for point, label in points:
        p, _, _ = forward(weights, width, point)
        loss -= math.log(max(p if label else 1 - p, 1e-300))
        right += (p > 0.5) == bool(label)
    return loss / len(points), right / len(points)


def main():
    run = mlxrun.start()
    config = run.config
    rng = random.Random(config.seed)
    train, test = make_data(config.data, rng)
    width = config.model.width
    weights = [rng.gauss(0, 1) for _ in range(3 * width + (width + 1 if width else 3))]
    optimizer = {"sgd": Sgd, "adam": Adam}[config.optimizer.name](config.optimizer, len(weights))
    for epoch in range(1, config.epochs + 1):
        order = rng.sample(train, len(train))
        for start in range(0, len(order), config.optimizer.batch_size):
            batch = order[start : start + config.optimizer.batch_size]
            optimizer.step(weights, gradient(weights, width, batch))
        loss, accuracy = evaluate(weights, width, test)
        run.log_metrics({"epoch": epoch, "loss": loss, "accuracy": accuracy}, log_name="test")
    print("%s: held-out loss %.4f, accuracy %.3f" % (config.name, loss, accuracy))


if __name__ == "__main__":
    main()
