// What a gradient costs by each method, counted on the tape.

import { shapeOf } from '../../emit/script/arrays.mjs';
import { entriesBehind, keptValues } from './reach.mjs';
import { lettersOf } from './rules.mjs';

const FEW_INPUTS = 30; // whose bits an ordinary number has

/**
 * The cost of the gradient of an entry by some others: those of inputs.
 *
 * An entry is an operation: inputs and constants are not counted. `inputs` is how many there are to differentiate
 * by, of an array each component; `value` how many entries the run executes; `reverse`, `forward` and `differences`
 * how many the gradient takes by each method, the run included; `expression` and `symbolic` the symbols of the value,
 * and of all its derivatives, as expressions that share nothing (0 where there are arrays); `saved` the values that
 * the tape holds; `needed` those of them that the reverse sweep reads. `sweeps` has the entries of the forward sweep
 * of each input.
 */
export function gradientCost(tape, output, inputs) {
  const behind = entriesBehind(tape, [output]);
  const varied = new Set(inputs);
  const masks = reachMasks(tape, inputs);
  const entries = tape.operands.map((_, entry) => entry).filter((entry) => tape.operands[entry].length);
  const value = entries.length;
  const isSwept = tape.operands.map((operands, entry) => (
    operands.length > 0 && Boolean(masks.of[entry]) && behind[entry] && !varied.has(entry)));
  const counts = inputs.map((entry) => shapeOf(tape.values[entry]).reduce((product, size) => product * size, 1));
  const times = inputs.map((_, at) => entries.filter((entry) => !varied.has(entry) && masks.has(entry, at)).length);
  const components = counts.reduce((sum, count) => sum + count, 0);
  let known = null;
  const symbols = () => { // which few ask for
    known ??= tape.arrays ? { value: 0, derivatives: 0 } : expandedSymbols(tape, masks, varied, behind, output);
    return known;
  };
  return {
    inputs: components,
    value,
    reverse: value + isSwept.filter(Boolean).length,
    forward: value + times.reduce((sum, count, at) => sum + count * counts[at], 0),
    differences: 2 * components * value,
    get expression() { return symbols().value; },
    get symbolic() { return symbols().derivatives; },
    saved: tape.length,
    needed: keptValues(tape, masks.of.map(Boolean), isSwept, false).size,
    sweeps: times,
  };
}

/** For each entry those of the given ones that it is computed from in any way, as the bits of a number. */
function reachMasks(tape, sources) {
  const isFew = sources.length <= FEW_INPUTS;
  const zero = isFew ? 0 : 0n;
  const bits = sources.map((_, at) => (isFew ? 1 << at : 1n << BigInt(at)));
  const of = new Array(tape.length).fill(zero);
  sources.forEach((entry, at) => { of[entry] = bits[at]; });
  tape.operands.forEach((operands, entry) => {
    if (!of[entry]) operands.forEach((operand) => { of[entry] |= of[operand]; });
  });
  return { of, has: (entry, at) => Boolean(of[entry] & bits[at]) };
}

/**
 * The symbols of an entry as one expression, and of its derivatives by all inputs, counted and not built.
 *
 * The derivative of f(a, b) is f_a(a, b) * da + f_b(a, b) * db, with the expressions of a and b written out; a factor 1
 * is left out.
 */
function expandedSymbols(tape, masks, varied, behind, output) {
  const reached = new Map(); // how many inputs stand behind a mask
  const countOf = (entry) => {
    const mask = masks.of[entry];
    if (!reached.has(mask)) reached.set(mask, mask.toString(2).replaceAll('0', '').length);
    return reached.get(mask);
  };
  const carried = tape.operands.map((operands, entry) => ({ value: 1, derivatives: countOf(entry) }));
  tape.operands.forEach((operands, entry) => {
    if (!operands.length || !behind[entry] || varied.has(entry)) return;
    const rule = tape.rules[tape.operations[entry]];
    const isCopy = tape.operations[entry] === 'copy';
    const value = operands.reduce((sum, operand) => sum + carried[operand].value, isCopy ? 0 : 1);
    const sizes = { v: value };
    lettersOf(rule, operands.length).forEach((letter, at) => { sizes[letter] = carried[operands[at]].value; });
    let derivatives = -countOf(entry); // a plus sign stands between two terms
    operands.forEach((operand, at) => {
      const count = countOf(operand);
      if (!count) return;
      const tree = rule.partials[operands.length][at]?.partial ?? null;
      const factor = tree === 1 ? 0 : 1 + symbolsOf(tree, sizes);
      derivatives += carried[operand].derivatives + count * factor + count;
    });
    carried[entry] = { value, derivatives };
  });
  return carried[output];
}

/** The symbols of a formula: of each letter as many as it stands for. */
function symbolsOf(tree, sizes) {
  if (typeof tree === 'string') return sizes[tree] ?? 1;
  if (!Array.isArray(tree)) return tree === null ? 0 : 1;
  return tree.slice(1).reduce((sum, operand) => sum + symbolsOf(operand, sizes), 1);
}
