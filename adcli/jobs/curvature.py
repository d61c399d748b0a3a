"""What the second derivatives say of a point at which a gradient vanishes."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np

from adcli.jobs.parameters import Matrix, Vector
from adcli.records import NamedTuple
from adcli.trust.difference import EPSILON

LARGEST = 2000  # parameters whose Hessian is looked at
_TOLD = 3  # components of a direction that are told
FELT = 0.05  # of the largest component of a direction, from which one is told


class Kind(str, Enum):
    """The kind of a stationary point."""

    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    SADDLE = "saddle"
    FLAT = "flat"


_TURNED = {Kind.MINIMUM: Kind.MAXIMUM, Kind.MAXIMUM: Kind.MINIMUM}


class Curvature(NamedTuple):
    """The Hessian along the parameters that are free to move.

    Attributes:
        kind: a minimum where it curves upward along all directions, a maximum where downward; a saddle where downward
            along some, or flat where rounding hides along which way
        smallest, largest: its eigenvalues
        condition: the ratio of their sizes; infinite where the smallest is 0 within rounding
        direction: the one along which it curves least, by component; it leads down from a saddle
    """

    kind: Kind
    smallest: float
    largest: float
    condition: float
    direction: dict[str, float]


class Scaled(NamedTuple):
    """The eigenvalues and vectors of a Hessian whose diagonal is scaled to 1 or -1: H = D V diag(values) V' D."""

    scale: Vector
    values: Vector
    ways: Matrix

    @property
    def nothing(self) -> float:
        """The size of an eigenvalue that may be rounding."""
        return 4 * len(self.values) * EPSILON * max(float(np.abs(self.values).max()), 1.0)

    def inverse(self, curved: bool = False) -> Matrix:
        """H⁻¹ with the absolute values of the eigenvalues; those that are rounding do not make it larger.

        Where only what is `curved` counts these are left out, as in the pseudoinverse, unless all are rounding.
        """
        sizes = np.abs(self.values)
        shares = 1 / np.maximum(sizes, EPSILON * max(float(sizes.max()), 1.0))
        if curved and (sizes > self.nothing).any():
            shares[sizes <= self.nothing] = 0.0
        part = self.ways / self.scale[:, None]
        with np.errstate(all="ignore"):
            return (part * shares) @ part.T


def scaled(hessian: Matrix) -> Scaled:
    """A symmetric matrix by its eigenvalues, freed of the units of its parameters."""
    scale = np.sqrt(np.abs(np.diag(hessian)))
    scale[scale == 0] = np.sqrt(np.abs(hessian).max()) or 1.0
    return Scaled(scale, *np.linalg.eigh(hessian / np.outer(scale, scale)))


def curvature(
    hessian: Matrix, labels: Sequence[str], maximized: bool = False, reach: float = 1.0, negligible: float = 0.0
) -> Curvature | None:
    """What a Hessian, by components that have labels, says; None of one that is not finite, empty, or too large.

    Of what is maximized the Hessian is that of its negative. Whether it is definite does not depend on the units of
    the parameters, so it is decided of the Hessian whose diagonal is scaled to 1 (Sylvester's law of inertia), where an
    eigenvalue below n ε is rounding. A direction along which the value changes by no more than what is `negligible`, as
    far as the parameters `reach`, is flat: so near 0 nothing tells x⁴ from x³.
    """
    if not 0 < len(labels) <= LARGEST or not np.isfinite(hessian).all():
        return None
    parts = scaled(hessian)
    own, vectors = np.linalg.eigh(hessian)
    least, nothing = float(parts.values[0]), parts.nothing
    kind = Kind.MINIMUM if least > nothing else Kind.SADDLE if least < -nothing else Kind.FLAT
    if float(parts.values[-1]) < -nothing:
        kind = Kind.MAXIMUM
    ways = parts.ways / parts.scale[:, None] if hessian.any() else np.eye(len(labels))
    ways = ways[:, :1] if kind is not Kind.MINIMUM else np.column_stack((ways, vectors))
    ways = ways / np.abs(ways).max(axis=0)
    direction = ways[:, 0]
    changes = np.abs(np.einsum("ji,jk,ki->i", ways, hessian, ways)) * reach * reach / 2
    if changes.min() <= negligible:
        kind, direction = Kind.FLAT, ways[:, changes.argmin()]
    if maximized:
        kind, own = _TURNED.get(kind, kind), -own[::-1]
    sizes = np.abs(own)
    condition = float(sizes.max() / sizes.min()) if kind is not Kind.FLAT and sizes.min() else float("inf")
    return Curvature(kind, float(own[0]), float(own[-1]), condition, leading(direction, labels))


def leading(direction: Vector, labels: Sequence[str]) -> dict[str, float]:
    """The components of a direction that tell which one it is, the largest first, with a positive one in front."""
    order = np.argsort(-np.abs(direction), kind="stable")[:_TOLD]
    largest = float(np.abs(direction).max())
    sign = -1.0 if direction[order[0]] < 0 else 1.0
    return {labels[at]: sign * float(direction[at]) for at in order if abs(direction[at]) >= FELT * largest}
