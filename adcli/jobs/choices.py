"""The words that a user chooses a solver and a loss by; importing them imports nothing else."""

from __future__ import annotations

from enum import Enum


class Method(str, Enum):
    """The ways to go down."""

    TRUST = "trust"
    NEWTON = "newton"
    BFGS = "bfgs"
    LBFGS = "lbfgs"
    GD = "gd"
    ADAM = "adam"


class Loss(str, Enum):
    """What is added up of each residual: its square, or less of a large one (`scipy.optimize.least_squares`)."""

    LINEAR = "linear"
    SOFT_L1 = "soft_l1"
    HUBER = "huber"
    CAUCHY = "cauchy"
    ARCTAN = "arctan"
