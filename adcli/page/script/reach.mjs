// Which entries of a tape depend on which.
import { shapeOf } from '../../emit/script/arrays.mjs';
import { lettersOf, pullbackOf } from './rules.mjs';

/** The positions of the operands that an entry has derivatives by: not those of subscripts, or of sizes. */
export function variedOperands(tape, entry) {
  const by = tape.rules[tape.operations[entry]]?.by;
  return by ?? tape.operands[entry].map((_, position) => position);
}

/** For each entry whether it depends on one of the given entries, or is one. */
export function activeEntries(tape, sources) {
  const active = new Array(tape.length).fill(false);
  sources.forEach((entry) => { active[entry] = true; });
  const chosen = new Set(sources);
  for (let entry = 0; entry < tape.length; entry += 1) {
    if (!chosen.has(entry)) {
      active[entry] = variedOperands(tape, entry).some((position) => active[tape.operands[entry][position]]);
    }
  }
  return active;
}

/** For each entry whether one of the given entries is computed from it in any way, or is it. */
export function entriesBehind(tape, entries) {
  const behind = new Array(tape.length).fill(false);
  entries.forEach((entry) => { behind[entry] = true; });
  for (let entry = tape.length - 1; entry >= 0; entry -= 1) {
    if (behind[entry]) tape.operands[entry].forEach((operand) => { behind[operand] = true; });
  }
  return behind;
}

const OF_SHAPE = new Set(['array:expand', 'array:sum_to', 'array:sum_tiles']); // which read the shape of the second

/**
 * The entries whose values the reverse sweep reads, of those that are active and that the sweep reaches.
 *
 * What tells whether there is a kink is kept as well, unless `kinks` is false.
 */
export function keptValues(tape, active, reached, kinks = true) {
  const kept = new Set();
  for (let entry = 0; entry < tape.length; entry += 1) {
    if (!active[entry] || !reached[entry] || !tape.operands[entry].length) continue;
    readValues(tape, entry, active, kinks).forEach((read) => kept.add(read));
  }
  return kept;
}

/** The entries whose values the partials of an entry read, by those of its operands that vary. */
function readValues(tape, entry, active, kinks) {
  const operands = tape.operands[entry];
  const rule = tape.rules[tape.operations[entry]];
  const varied = variedOperands(tape, entry).filter((position) => active[operands[position]]);
  if (kinks && rule.kink && varied.length) return operands;
  const names = rule.kernel ? namesRead(tape, entry, varied) : namesReadOnce(tape, entry, varied);
  const read = lettersOf(rule, operands.length).flatMap((letter, place) => (names.has(letter) ? operands[place] : []));
  return names.has('v') ? [...read, entry] : read;
}

/** The same names for each entry of a rule that says nothing of shapes. */
function namesReadOnce(tape, entry, varied) {
  const rule = tape.rules[tape.operations[entry]];
  const key = `${tape.operands[entry].length}: ${varied}`;
  rule.namesRead ??= new Map();
  if (!rule.namesRead.has(key)) rule.namesRead.set(key, namesRead(tape, entry, varied));
  return rule.namesRead.get(key);
}

function namesRead(tape, entry, varied) {
  const rule = tape.rules[tape.operations[entry]];
  const names = new Set();
  varied.forEach((position) => {
    formulasOf(tape, entry, position).forEach((tree) => addLetters(tree, names));
    const edge = rule.edges?.[position];
    if (edge) addLetters(edge.received, names.add(edge.letter));
  });
  return names;
}

function formulasOf(tape, entry, position) {
  const rule = tape.rules[tape.operations[entry]];
  const operands = tape.operands[entry];
  if (!rule.kernel) {
    const slope = rule.partials[operands.length][position];
    return slope === null ? [] : [slope.received];
  }
  const formula = pullbackOf(rule, operands.map((operand) => shapeOf(tape.values[operand])))[position];
  return formula === null ? [] : [...formula.lines.map(([, tree]) => tree), formula.result];
}

function addLetters(tree, names) {
  if (typeof tree === 'string') names.add(tree);
  if (!Array.isArray(tree)) return;
  const operands = tree.slice(1, OF_SHAPE.has(tree[0]) ? 2 : undefined);
  operands.forEach((operand) => addLetters(operand, names));
}
