// `derivative(value, variable)` in a program: a reverse sweep between two entries, recorded as more entries.
import { lettersOf } from './rules.mjs';
import { contributionTree } from './sweep.mjs';

/** Append the derivative of one number by an earlier one, along all ways between the two; its entry. */
export function recordDerivative(tape, value, variable, line) {
  const dependents = dependentsOf(tape, variable, value);
  if (!dependents.has(value)) return tape.constant('0', 0);
  const first = tape.length;
  const adjoints = new Map([[value, tape.constant('1', 1)]]);
  for (let entry = value; entry > variable; entry -= 1) {
    if (adjoints.has(entry)) passOnRecorded(tape, adjoints, entry, dependents);
  }
  for (let entry = first; entry < tape.length; entry += 1) {
    tape.lines[entry] = tape.operations[entry] === 'constant' ? null : line;
  }
  return adjoints.get(variable) ?? tape.constant('0', 0);
}

function dependentsOf(tape, variable, end) {
  const known = new Set([variable]);
  for (let entry = variable + 1; entry <= end; entry += 1) {
    if (tape.operands[entry].some((operand) => known.has(operand))) known.add(entry);
  }
  return known;
}

function passOnRecorded(tape, adjoints, entry, dependents) {
  const operands = tape.operands[entry];
  const g = adjoints.get(entry);
  operands.forEach((target, position) => {
    if (!dependents.has(target)) return;
    const tree = contributionTree(tape, entry, position);
    if (tree === null) return;
    const term = appendTree(tape, tree, lettersAt(tape, entry, g));
    adjoints.set(target, adjoints.has(target) ? tape.apply('add', [adjoints.get(target), term]) : term);
  });
}

function lettersAt(tape, entry, g) {
  const operands = tape.operands[entry];
  const letters = { g, v: entry };
  lettersOf(tape.rules[tape.operations[entry]], operands.length).forEach((letter, place) => {
    letters[letter] = operands[place];
  });
  return letters;
}

/** The entry of a tree: each of its operations is appended. */
function appendTree(tape, tree, letters) {
  if (typeof tree === 'number') return tape.constant(String(tree), tree);
  if (typeof tree === 'string') return letters[tree] ?? tape.constant('pi', Math.PI);
  return tape.apply(tree[0], tree.slice(1).map((operand) => appendTree(tape, operand, letters)));
}
