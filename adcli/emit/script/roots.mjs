// The search for a root of equations, as `tape/root_steps.py` has it.
//
// The equations are a function of the unknowns, a number or a vector. It gives lists: `offBy`, what each is off by, `noise`,
// what rounding alone may take it off, and the rows of their Jacobian one behind the other; and the `branch` that it took.

import { NDArray } from './arrays.mjs';
import { largestSize, matrixSingular, matrixSolved } from './matrices.mjs';
import { elementsOf } from './results.mjs';

/** A search has ended with a status: 2 where there is no root, 1 where the equations were decided in another way. */
export class Ended extends Error {
  constructor(status) {
    super('a search for a root has ended');
    this.status = status;
  }
}

const areAllFinite = (numbers) => numbers.every(Number.isFinite);

/** Whether a step changes nothing but the last digits. */
function isNegligible(step, at) {
  return step.every((part, place) => Math.abs(part) <= 2 ** -52 * Math.abs(at[place]));
}

/** Whether the equations hold as far as rounding lets them, or no numbers are nearer to the root. */
function isAtRounding(here, step) {
  const holds = here.offBy.every((off, place) => Math.abs(off) <= 4 * here.noise[place]);
  return holds || isNegligible(step.map((part) => part / 4), here.at);
}

/** What to add to the unknowns; of a singular matrix the shortest step that comes nearest, by its singular values. */
function shortestStep({ offBy, jacobian }) {
  const size = offBy.length;
  const { left, values, right } = matrixSingular(jacobian, size, size);
  const parts = Array.from(values, (value, k) => (value > 2 ** -52 * size * values[0]
    ? offBy.reduce((total, off, row) => total + left[row * size + k] * off, 0) / value : 0));
  return offBy.map((_, row) => -parts.reduce((total, part, k) => total + right[row * size + k] * part, 0));
}

/** Newton's step; null where there is none. */
function newtonStep(here) {
  const { offBy, jacobian } = here;
  if (offBy.length === 1) {
    const step = jacobian[0] === 0 ? -Infinity : -(offBy[0] / jacobian[0]);
    return Number.isFinite(step) ? [step] : null;
  }
  const solved = matrixSolved(jacobian, offBy.length, Float64Array.from(offBy), 1);
  let step = solved && Array.from(solved, (part) => -part);
  if (!(step && areAllFinite(step))) step = areAllFinite(jacobian) ? shortestStep(here) : null;
  return step && areAllFinite(step) ? step : null;
}

/** What makes equations of different sizes alike: one over the largest slope of each. */
function rootWeights({ offBy, jacobian }) {
  const count = offBy.length;
  if (count === 1) return [1];
  const sizes = offBy.map((_, row) => largestSize(jacobian.slice(row * count, (row + 1) * count)));
  return sizes.map((size) => (size > 0 && Number.isFinite(size) ? 1 / size : 1));
}

const weightedSize = (offBy, weights) => largestSize(offBy.map((off, place) => off * weights[place]));

/** Powers of 2 that bring numbers to about 1. */
const scaleToOne = (size) => 2 ** -Math.max(Math.min(size > 0 ? Math.floor(Math.log2(size)) + 1 : 0, 1000), -1000);

/** Whether the Jacobian has no inverse, as far as doubles tell: by its singular values, with rows and columns scaled. */
function isSingular({ offBy, jacobian }) {
  const count = offBy.length;
  if (!areAllFinite(jacobian)) return true;
  if (count === 1) return jacobian[0] === 0;
  const columns = offBy.map((_, column) => scaleToOne(largestSize(jacobian.filter((_2, k) => k % count === column))));
  const half = jacobian.map((slope, k) => slope * columns[k % count]);
  const rows = offBy.map((_, row) => scaleToOne(largestSize(half.slice(row * count, (row + 1) * count))));
  const { values } = matrixSingular(half.map((slope, k) => slope * rows[Math.floor(k / count)]), count, count);
  return !(values[0] / values[count - 1] <= 2 ** 49);
}

/** Whether steps become smaller by the same share again and again: of the last 12 all but the last one. */
function shrinksEvenly(sizes) {
  const last = sizes.slice(-12, -1);
  return last.length > 10
    && last.slice(1).every((size, place) => 0.4 * last[place] < size && size < 0.99 * last[place]);
}

function noted(seen, there) {
  if (there.at.length === 1 && seen.size < 2048) seen.set(there.at[0], there.offBy[0]);
}

/**
 * The equations behind a step that makes them hold better, or behind a part of it; null where none does.
 *
 * And how far the next step is to begin to reach: where this one was brought back to where the equations have values,
 * they end nearby.
 */
function shortenedStep(equations, here, step, reach, sizes, seen) {
  const weights = rootWeights(here);
  const before = weightedSize(here.offBy, weights);
  const size = largestSize(step);
  let share = 1;
  while (share * size > reach) share /= 2;
  let isAtBorder = share < 1;
  for (let halvings = 0; halvings < 50; share /= 2) {
    const at = here.at.map((value, place) => value + share * step[place]);
    if (at.every((value, place) => value === here.at[place])) return null;
    const there = equations(at);
    if (areAllFinite(there.offBy)) {
      noted(seen, there);
      if (weightedSize(there.offBy, weights) <= (1 - 1e-4 * share) * before) {
        if (share === 1) sizes.push(size);
        else sizes.length = 0;
        return { there, reach: isAtBorder ? 4 * share * size : Infinity };
      }
      halvings += 1;
    } else isAtBorder = true;
  }
  return null;
}

/** Newton's method: the equations where it has ended, whether that is a root, and whether the root is singular. */
function newtonSearch(equations, start, seen) {
  let [here, isRoot] = [equations(start), false];
  const sizes = [];
  let reach = Infinity;
  if (!areAllFinite(here.offBy)) return { here, isRoot, isSingularRoot: false };
  noted(seen, here);
  const most = start.length === 1 ? 1200 : 200;
  for (let steps = 0; steps < most && !isRoot; steps += 1) {
    if (here.offBy.every((off) => off === 0)) {
      isRoot = true;
      break;
    }
    const step = newtonStep(here);
    if (!step) break;
    const after = shortenedStep(equations, here, step, reach, sizes, seen);
    if (!after) {
      isRoot = isAtRounding(here, step);
      break;
    }
    ({ there: here, reach } = after);
    isRoot = isNegligible(step, here.at);
  }
  const isSingularRoot = shrinksEvenly(sizes) || (isRoot && isSingular(here));
  return { here, isRoot: isRoot && !isSingularRoot, isSingularRoot };
}

/** The number above another one. */
function numberAbove(number) {
  if (number === 0) return 5e-324;
  const value = Float64Array.of(number);
  const bits = new BigInt64Array(value.buffer);
  bits[0] += number > 0 ? 1n : -1n;
  return value[0];
}

const isBelow = (point) => point.offBy[0] < 0;
const offSize = (point) => Math.abs(point.offBy[0]);

/** The root in a bracket of one unknown, by Newton's steps where they stay in it and halve it, else by bisection. */
function searchWithin(equations, one, other) {
  let [left, right] = [one, other];
  const first = Math.min(offSize(left), offSize(right));
  let here = offSize(left) < offSize(right) ? left : right;
  let width = right.at[0] - left.at[0];
  for (let steps = 0; steps < 400; steps += 1) {
    const step = newtonStep(here);
    let at = step ? here.at[0] + step[0] : NaN;
    const [low, high] = [left.at[0], right.at[0]];
    if (!(low < at && at < high) || Math.abs(step ? step[0] : 0) > width / 2) at = low + (high - low) / 2;
    width = high - low;
    if (at === low || at === high) at = numberAbove(low);
    if (at === low || at === high) break;
    here = equations([at]);
    if (!Number.isFinite(here.offBy[0])) return null;
    if (here.offBy[0] === 0) break;
    if (isBelow(here) === isBelow(left)) left = here;
    else right = here;
  }
  here = [left, right, here].reduce((best, point) => (offSize(point) < offSize(best) ? point : best));
  const step = newtonStep(here);
  const holds = here.offBy[0] === 0 || (step !== null && offSize(here) <= first && isAtRounding(here, step));
  const isSingularRoot = holds && isSingular(here);
  return { here, isRoot: holds && !isSingularRoot, isSingularRoot };
}

/** Points between which an equation changes its sign: among those that were seen, and around the first one. */
function* rootBrackets(equations, start, seen) {
  const points = Array.from(seen.keys()).sort((one, other) => one - other);
  for (let k = 1; k < points.length; k += 1) {
    if (seen.get(points[k - 1]) < 0 !== seen.get(points[k]) < 0) {
      yield [equations([points[k - 1]]), equations([points[k]])];
    }
  }
  const reached = [equations([start]), equations([start])];
  let width = 2 ** -6 * Math.max(Math.abs(start), 2 ** -6);
  for (let k = 0; k < 80; k += 1) {
    const at = start + (k % 2 ? -width : width);
    if (k % 2) width *= 2;
    const there = Number.isFinite(at) ? equations([at]) : null;
    if (there && Number.isFinite(there.offBy[0])) {
      const before = reached[k % 2];
      reached[k % 2] = there;
      if (isBelow(there) !== isBelow(before)) yield before.at[0] < there.at[0] ? [before, there] : [there, before];
    }
  }
}

function searchForRoot(equations, start) {
  const seen = new Map();
  const found = newtonSearch(equations, start, seen);
  if (!seen.size || found.isRoot || found.isSingularRoot) return found;
  for (const [left, right] of rootBrackets(equations, start[0], seen)) {
    const inside = searchWithin(equations, left, right);
    if (inside && (inside.isRoot || inside.isSingularRoot)) return inside;
  }
  return found;
}

/** The root of equations, from a start; it has to be in a branch of theirs. */
export function rootOf(equations, start, branch) {
  const unknowns = (at) => (typeof start === 'number' ? at[0] : new NDArray([at.length], Float64Array.from(at)));
  const found = searchForRoot((at) => ({ at, ...equations(unknowns(at)) }), elementsOf(start));
  if (!found.isRoot) throw new Ended(2);
  if (found.here.branch !== branch) throw new Ended(1);
  return unknowns(found.here.at);
}
