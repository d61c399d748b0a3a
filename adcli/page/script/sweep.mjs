// The sweeps: what operands receive of an entry's adjoint, and what their tangents add to its own.
import { NDArray, added, allFinite, eachElement, fitted, shapeOf } from '../../emit/script/arrays.mjs';
import { ProgramError } from './errors.mjs';
import { activeEntries } from './reach.mjs';
import { lettersOf, pullbackOf } from './rules.mjs';
import { compiled, formulaValue } from './trees.mjs';

/** Whether an entry is a number made of numbers. */
export function isOfNumbers(tape, entry) {
  return typeof tape.values[entry] === 'number' && !tape.rules[tape.operations[entry]]?.kernel;
}

/** The partial of a number made of numbers with respect to one operand. */
export function partial(tape, entry, position) {
  return contributionWith(tape, entry, position, lettersWith(tape, entry, 1), null);
}

/** What an operand receives from an entry whose adjoint is g, in the operand's shape; null for nothing. */
export function contribution(tape, entry, position, g) {
  return contributionWith(tape, entry, position, lettersWith(tape, entry, g));
}

function lettersWith(tape, entry, g) {
  const { values } = tape;
  const operands = tape.operands[entry];
  const letters = { g, v: values[entry] };
  lettersOf(tape.rules[tape.operations[entry]], operands.length).forEach((letter, place) => {
    letters[letter] = values[operands[place]];
  });
  return letters;
}

function contributionWith(tape, entry, position, letters, gaps = tape.gaps) {
  const rule = tape.rules[tape.operations[entry]];
  const operands = tape.operands[entry];
  const shape = shapeOf(tape.values[operands[position]]);
  if (rule.kernel) {
    const formula = pullbackOf(rule, operands.map((operand) => shapeOf(tape.values[operand])))[position] ?? null;
    if (formula === null) return null;
    const received = formulaValue(formula, letters, tape.rules);
    return fittedOrNothing(formula.gaps ? withOwnGaps(gaps, received) : received, shape);
  }
  const slope = rule.partials[operands.length][position];
  if (slope === null) return null;
  slope.run ??= compiled(slope.received, tape.rules);
  let term = slope.run(letters);
  const edge = rule.edges?.[position];
  if (edge && !allFinite(term)) {
    edge.run ??= compiled(edge.received, tape.rules);
    term = eachElement((at, other, own) => (at === 0 && !Number.isFinite(own) ? other : own),
      letters[edge.letter], edge.run(letters), term);
  }
  term = withGapsOf(gaps, letters.g, term);
  if (slope.gaps) term = withOwnGaps(gaps, term);
  return fittedOrNothing(term, shape);
}

// What receives nothing receives nothing: an element that a `where`, a subscript or `max` does not pass on has no
// adjoint, which is not an adjoint of 0, and meets no infinite partial. Plain sweeps carry a 0 there, which comes to the
// same while all is finite. Where one ends in NaN it is done again, and the tape knows the gaps of arrays; a number
// that is nothing is null.

/** The plain sweep from an entry, which is done once; where it ends in NaN the tape knows gaps from now on. */
export function plainSweep(tape, seed, active) {
  if (!tape.plainSweeps.has(seed)) {
    tape.gaps = null;
    const carried = sweptFrom(tape, seed, active);
    tape.plainSweeps.set(seed, { carried, gaps: carried.some(isSpoilt) ? new WeakMap() : null });
  }
  const { carried, gaps } = tape.plainSweeps.get(seed);
  tape.gaps = gaps;
  return carried;
}

function sweptFrom(tape, seed, active) {
  const carried = new Array(tape.length).fill(null);
  carried[seed] = 1;
  passOn(tape, carried, active, seed);
  return carried;
}

function isSpoilt(carried) {
  return carried !== null && (typeof carried === 'number' ? Number.isNaN(carried) : !allFinite(carried));
}

/** A term without what the gaps of an adjoint would bring into it. */
function withGapsOf(gaps, g, term) {
  const known = gaps === null || typeof g === 'number' ? undefined : gaps.get(g);
  if (!known || shapeOf(g).join() !== shapeOf(term).join()) return term;
  return withMarks(gaps, term, (element, place) => known[place] === 1);
}

/** What a rule gives that leaves gaps: its zeros are nothing. */
function withOwnGaps(gaps, term) {
  if (gaps === null) return term;
  if (typeof term === 'number') return term === 0 ? null : term;
  const known = gaps.get(term);
  return withMarks(gaps, term, (element, place) => element === 0 || known?.[place] === 1);
}

function withMarks(gaps, term, isGap) {
  const marks = Uint8Array.from(term.data, (element, place) => (isGap(element, place) ? 1 : 0));
  const result = new NDArray(term.shape, term.data.map((element, place) => (marks[place] ? 0 : element)));
  gaps.set(result, marks);
  return result;
}

/** A term summed to a shape, of which it is itself where that is its own. */
function fittedOrNothing(term, shape) {
  return term === null ? null : fitted(term, shape);
}

/** The sum of what was received before and a term: nothing where both are. */
function addedWithGaps(tape, before, term) {
  const sum = added(before, term);
  const [own, other] = tape.gaps && typeof sum !== 'number' ? [tape.gaps.get(before), tape.gaps.get(term)] : [];
  if (own && other) tape.gaps.set(sum, own.map((gap, place) => gap & other[place]));
  return sum;
}

/** The partial of numbers that holds at these values: its own, or its edge's. */
export function slopeAt(tape, entry, position) {
  const rule = tape.rules[tape.operations[entry]];
  const slope = rule.partials[tape.operands[entry].length][position];
  const edge = rule.edges?.[position];
  if (!edge || slope === null) return slope;
  const letters = lettersWith(tape, entry, 1);
  const isAtEdge = letters[edge.letter] === 0 && !Number.isFinite(compiled(slope.received, tape.rules)(letters));
  return isAtEdge ? edge : slope;
}

/** What an operand of numbers receives, as a tree of `g`, `v` and the operands' letters; null for nothing. */
export function contributionTree(tape, entry, position) {
  const rule = tape.rules[tape.operations[entry]];
  if (rule.kernel) {
    const message = `a page does not differentiate \`${rule.text}\` inside a program, as \`derivative\` asks for`;
    throw new ProgramError('no-rule', message);
  }
  const slope = slopeAt(tape, entry, position);
  return slope === null ? null : slope.received;
}

/** Entries `from`, `from - 1`, …, `downTo` pass on what they carry; null stands for nothing. */
export function passOn(tape, carried, active, from, downTo = 0) {
  for (let entry = from; entry >= downTo; entry -= 1) {
    const g = carried[entry];
    const operands = tape.operands[entry];
    if (g === null || !operands.length) continue;
    const letters = lettersWith(tape, entry, g);
    for (let position = 0; position < operands.length; position += 1) {
      const target = operands[position];
      if (!active[target]) continue;
      const term = contributionWith(tape, entry, position, letters);
      if (term !== null) carried[target] = carried[target] === null ? term : addedWithGaps(tape, carried[target], term);
    }
  }
}

/** What every entry has received in the sweep from one of them, whose adjoint is 1. */
export function adjointsOf(tape, seed, active) {
  const plain = plainSweep(tape, seed, active);
  return tape.gaps === null ? plain : sweptFrom(tape, seed, active);
}

/** The derivative of an entry that is a number by every input; 0 by those that do not reach it. */
export function gradientOf(tape, output) {
  const active = activeEntries(tape, [...tape.inputs.values()]);
  return gradientFrom(tape, adjointsOf(tape, output, active));
}

/** The same from what the sweep has left at every entry. */
export function gradientFrom(tape, carried) {
  const zero = (entry) => eachElement(() => 0, tape.values[entry]);
  return new Map([...tape.inputs].map(([name, entry]) => [name, carried[entry] ?? zero(entry)]));
}

/** What each number moves by as the number of one input moves by 1; null where it does not move. */
export function tangentsOf(tape, input) {
  const tangents = new Array(tape.length).fill(null);
  tangents[input] = 1;
  for (let entry = input + 1; entry < tape.length; entry += 1) {
    tape.operands[entry].forEach((operand, position) => {
      if (tangents[operand] === null || !isOfNumbers(tape, entry)) return;
      const term = contributionWith(tape, entry, position, lettersWith(tape, entry, tangents[operand]), null);
      if (term !== null) tangents[entry] = (tangents[entry] ?? 0) + term;
    });
  }
  return tangents;
}
