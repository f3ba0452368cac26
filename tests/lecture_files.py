"""Two small lecture files that the tests of reading change."""

BASE = """title = "T"
notation = "net-out"
[data]
inputs = [0.05, 0.10]
targets = [0.01, 0.99]
[values]
w5 = 0.40
b2 = 0.6
[training]
learning_rate = 0.5
rounds = 3
[display]
decimals = 4
[network]
inputs = 2
loss = "half-squared-error"
[[network.layers]]
units = 2
activation = "sigmoid"
weights = [[0.15, 0.20], [0.25, 0.30]]
bias = 0.35
[[network.layers]]
units = 2
activation = "sigmoid"
weights = [["w5", 0.45], [0.50, "w5"]]
bias = ["b2", 0.7]
"""

EQUATIONS = """title = "T"
[equations]
y = "5*x + 3"
x = "t^2"
[values]
t = 2
[derive]
of = "y"
by = ["t", "x"]
"""
