// Differences of runs: an independent look at a derivative, and what stands against it.

const ROUNDING = Number.EPSILON / 2;

/** The slope of a function between two places, a step to both sides. */
export function centralDifference(valueAt, at, step) {
  return (valueAt(at + step) - valueAt(at - step)) / (2 * step);
}

/** For each step how far the central difference is from a derivative; steps at which the program fails are left out. */
export function differenceCurve(valueAt, at, derivative, steps) {
  const curve = [];
  for (const step of steps) {
    const error = Math.abs(centralDifference(valueAt, at, step) - derivative);
    if (Number.isFinite(error)) curve.push({ step, error: Math.max(error, 1e-17) });
  }
  return curve;
}

/** What rounding alone makes of a central difference of values of some size. */
export function roundingError(value, step) {
  return (Math.abs(value || 1) * ROUNDING) / step;
}

/** The first decision that comes out differently on the two sides of a place; null where all agree. */
export function crossedGuard(guardsAt, at, step) {
  const [below, above] = [guardsAt(at - step), guardsAt(at + step)];
  const other = below.findIndex((guard, number) => !isSameOutcome(guard, above[number]));
  if (other >= 0) return below[other];
  return above.length > below.length ? above[below.length] : null;
}

function isSameOutcome(guard, other) {
  return other !== undefined && guard.line === other.line && guard.holds === other.holds;
}

/** How many leading digits two numbers share, at most 16. */
export function sharedDigits(one, other) {
  if (one === other) return 16;
  const apart = Math.abs(one - other) / Math.max(Math.abs(one), Math.abs(other));
  return Number.isFinite(apart) ? Math.max(0, Math.min(16, Math.floor(-Math.log10(apart)))) : 0;
}
