// A tape's entries as people read them: operations, partials and contributions, with the entries' own names put in.
import { shapeOf } from '../../emit/script/arrays.mjs';
import { lettersOf, pullbackOf } from './rules.mjs';
import { slopeAt } from './sweep.mjs';
import { labelTree, substituted, tidy, treeText } from './trees.mjs';

const MOST_OPERANDS = 12; // that are shown of one operation
const LONGEST_RULE = 100; // characters of a contribution that are shown

/**
 * What each entry is called: `of` by its name, numbered from the second binding on, or by its number; `number` always
 * so, which constants have none of. The tape keeps them as long as nothing is appended.
 */
export function labelsOf(tape) {
  if (tape.labels?.length !== tape.length) tape.labels = labelsMade(tape);
  return tape.labels;
}

function labelsMade(tape) {
  const constants = new Set(tape.constants);
  const letter = freeLetter(tape);
  const labels = [];
  const numbers = [];
  const bindings = new Map();
  const names = new Set(tape.names.filter((name, entry) => name !== null && !constants.has(entry)));
  let count = 0;
  tape.names.forEach((name, entry) => {
    const number = constants.has(entry) ? name : `${letter}${count++}`;
    numbers.push(number);
    labels.push(name === null || constants.has(entry) ? number : versioned(name, bindings, names));
  });
  return { length: labels.length, of: (entry) => labels[entry], number: (entry) => numbers[entry] };
}

/** `v`, or another letter where a name of the program looks like `v3`. */
function freeLetter(tape) {
  const names = [...new Set(tape.names)].filter((name) => name !== null);
  for (let times = 1; ; times += 1) {
    for (const letter of ['v', 'w', 'u']) {
      const word = letter.repeat(times);
      if (!names.some((name) => name.startsWith(word) && /^\d+$/.test(name.slice(times)))) return word;
    }
  }
}

function versioned(name, bindings, names) {
  let version = (bindings.get(name) ?? 0) + 1;
  bindings.set(name, version);
  if (version === 1) return name;
  const taken = [...names].map((other) => other.match(/^(.+)_([1-9]\d*)$/)).filter((match) => match?.[1] === name);
  taken.map((match) => Number(match[2])).sort((a, b) => a - b).forEach((other) => {
    if (other > 1 && other <= version) version += 1;
  });
  return `${name}_${version}`;
}

/** `x, y and z`; nothing for none. */
export function enumeratedTexts(texts) {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}

/** What the adjoint of an entry is called. */
export function adjointName(label) {
  return `bar_${label}`;
}

/** `x * y`, `sin(a)`: the operation of an entry, with the labels of its operands. */
export function operationText(tape, entry, labels) {
  const key = tape.operations[entry];
  if (key === 'input' || key === 'constant') return key;
  const shown = tape.operands[entry];
  let operands = shown.map((operand) => labelTree(labels.of(operand)));
  if (key === 'copy') return treeText(operands[0], tape.rules);
  if (operands.length > MOST_OPERANDS) {
    operands = [...operands.slice(0, MOST_OPERANDS / 2), '…', operands.at(-1)];
  }
  return treeText([key, ...operands], tape.rules);
}

function lettersNamed(tape, entry, labels) {
  const operands = tape.operands[entry];
  const named = { v: labelTree(labels.of(entry)) };
  lettersOf(tape.rules[tape.operations[entry]], operands.length).forEach((letter, place) => {
    named[letter] = labelTree(labels.of(operands[place]));
  });
  return named;
}

/** `cos(a)`: the formula of one partial of an operation element by element. */
export function partialText(tape, entry, position, labels) {
  const rule = tape.rules[tape.operations[entry]];
  const slope = tape.arrays ? rule.partials[tape.operands[entry].length][position] : slopeAt(tape, entry, position);
  const tree = substituted({ lines: [], result: slope.partial }, lettersNamed(tape, entry, labels));
  return treeText(tidy(tree, tape.rules), tape.rules);
}

/** `bar_b * cos(a)`, `bar_v @ B'`: what the reverse sweep adds to the adjoint of an entry's operand. */
export function contributionText(tape, entry, position, labels) {
  const rule = tape.rules[tape.operations[entry]];
  const g = adjointName(labels.of(entry));
  if (rule.notation === 'part') return g;
  const letters = { ...lettersNamed(tape, entry, labels), g };
  if (!tape.arrays) {
    const { partial, received } = slopeAt(tape, entry, position);
    const isOne = partial === 1 || (Array.isArray(partial) && partial[0] === 'neg' && partial[1] === 1);
    const result = isOne ? ['mul', 'g', partial] : received; // a textbook writes the factor 1
    return treeText(tidy(substituted({ lines: [], result }, letters), tape.rules), tape.rules);
  }
  const text = rule.kernel
    ? kernelText(tape, entry, position, letters)
    : elementwiseText(tape, entry, position, letters, labels);
  return text && text.length <= LONGEST_RULE ? text : `vjp of ${operationText(tape, entry, labels)}`;
}

function kernelText(tape, entry, position, letters) {
  const rule = tape.rules[tape.operations[entry]];
  const shapes = tape.operands[entry].map((operand) => shapeOf(tape.values[operand]));
  const formula = pullbackOf(rule, shapes)[position];
  if (formula.lines.length > 1 && rule.notation !== 'assignment') return '';
  return treeText(substituted(formula, letters), tape.rules);
}

function elementwiseText(tape, entry, position, letters, labels) {
  const operands = tape.operands[entry];
  const slope = tape.rules[tape.operations[entry]].partials[operands.length][position];
  const text = (tree) => treeText(tree, tape.rules);
  const tree = tidy(substituted({ lines: [], result: slope.received }, letters), tape.rules);
  const shape = shapeOf(tape.values[operands[position]]);
  if (shape.join() === shapeOf(tape.values[entry]).join()) return text(tree);
  return shape.length ? `sum_to(${text(tree)}, ${labels.of(operands[position])})` : `sum(${text(tree)})`;
}

/** `bar_x`, `bar_w[2]`: what the reverse sweep adds a contribution of an entry to. */
export function receiverText(tape, entry, position, labels) {
  const operands = tape.operands[entry];
  const adjoint = adjointName(labels.of(operands[position]));
  const key = tape.operations[entry];
  if (tape.rules[key].notation !== 'part' || position) return adjoint;
  return treeText([key, adjoint, ...operands.slice(1).map((operand) => labelTree(labels.of(operand)))], tape.rules);
}

/** `x > 0`: what was decided, with the labels of both sides. */
export function guardText(tape, guard, labels) {
  const sides = [guard.left, guard.right].map((side) => labels.of(side));
  return `${sides[0]} ${guard.comparison} ${sides[1]}`;
}

/** `for k = 1 to n`, `while x > 1` or `f(x)`: a loop or a call, in the words of the program. */
export function regionText(region) {
  return region.text;
}
