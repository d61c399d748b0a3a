// Formulas as trees: a number, a letter as a text, or a list of the key of a rule and its operands.
import { functionOf } from './rules.mjs';

const CONSTANTS = { pi: Math.PI, π: Math.PI, e: Math.E, inf: Infinity };

/** A tree as a function of its letters, which are the fields of an object. */
export function compiled(tree, rules) {
  if (typeof tree === 'number') return () => tree;
  if (typeof tree === 'string') return (letters) => letters[tree] ?? CONSTANTS[tree];
  const [key, ...operands] = tree;
  const fn = functionOf(rules, key);
  const parts = operands.map((operand) => compiled(operand, rules));
  if (parts.length === 1) return (letters) => fn(parts[0](letters));
  if (parts.length === 2) return (letters) => fn(parts[0](letters), parts[1](letters));
  return (letters) => fn(...parts.map((part) => part(letters)));
}

/** The value of a formula, whose lines name what stands behind them. */
export function formulaValue(formula, letters, rules) {
  formula.run ??= compiledLines(formula, rules);
  return formula.run(letters);
}

function compiledLines(formula, rules) {
  const result = compiled(formula.result, rules);
  if (!formula.lines.length) return result;
  const lines = formula.lines.map(([name, tree]) => [name, compiled(tree, rules)]);
  return (letters) => {
    const known = { ...letters };
    lines.forEach(([name, value]) => { known[name] = value(known); });
    return result(known);
  };
}

/** A formula as one tree, with its lines written out and other trees for its letters. */
export function substituted(formula, substitutes) {
  const known = { ...substitutes };
  formula.lines.forEach(([name, tree]) => { known[name] = replaced(tree, known); });
  return replaced(formula.result, known);
}

function replaced(tree, known) {
  if (typeof tree === 'string') return known[tree] ?? tree;
  if (typeof tree === 'number') return tree;
  return [tree[0], ...tree.slice(1).map((operand) => replaced(operand, known))];
}

/** The tree of a label: a name, or the number that a constant's label is. */
export function labelTree(label) {
  return label.startsWith('-') ? ['neg', label.slice(1)] : label;
}

/** `3 * x^(3 - 1)` as `3 * x^2`: whole numbers subtracted, an exponent of 1 gone, and functions as they are shown. */
export function tidy(tree, rules) {
  if (!Array.isArray(tree)) return tree;
  const [key, ...operands] = [tree[0], ...tree.slice(1).map((operand) => tidy(operand, rules))];
  if (rules[key]?.shown) return replaced(rules[key].shown, { a: operands[0], b: operands[1] });
  if (key === 'sub' && operands.every((operand) => /^\d+$/.test(operand))) {
    return labelTree(String(operands[0] - operands[1]));
  }
  if (key === 'pow' && String(operands[1]) === '1') return operands[0];
  return [key, ...operands];
}

// How tightly an operator binds.
const COMPARISON = 4;
const SUM = 5;
const PRODUCT = 6;
const SIGNED = 7;
const POWER = 8;
const POSTFIX = 9;
const ATOM = 10;
const BINDING = {
  or: 1, and: 2, '<': COMPARISON, '<=': COMPARISON, '>': COMPARISON, '>=': COMPARISON, '==': COMPARISON,
  '!=': COMPARISON, '+': SUM, '-': SUM, '*': PRODUCT, '/': PRODUCT, '@': PRODUCT, '^': POWER,
};

/** The text of a tree, with no bracket that is not needed. */
export function treeText(tree, rules, least = 0) {
  if (!Array.isArray(tree)) return String(tree);
  const [binding, text] = applicationText(tree, rules);
  return binding < least ? `(${text})` : text;
}

function applicationText([key, ...operands], rules) {
  const name = key === 'neg' ? '-' : rules[key]?.text ?? key;
  const notation = rules[key]?.notation;
  const text = (operand, least) => treeText(operand, rules, least);
  const binding = BINDING[name];
  if (operands.length === 2 && binding) {
    if (binding === POWER) return [POWER, `${text(operands[0], POSTFIX)}^${text(operands[1], SIGNED)}`];
    const left = text(operands[0], binding === COMPARISON ? SUM : binding);
    return [binding, `${left} ${name} ${text(operands[1], binding + 1)}`];
  }
  if (name === '-') return [SIGNED, `-${text(operands[0], SIGNED)}`];
  if (name === 'not') return [3, `not ${text(operands[0], 3)}`];
  if (name === "'" || name === 'transpose') return [POSTFIX, `${text(operands[0], POSTFIX)}'`];
  if (notation === 'display') return [ATOM, `[${operands.map((operand) => text(operand, 0)).join(', ')}]`];
  if (notation === 'assignment') {
    const [array, value, ...subscripts] = operands;
    return [0, `${indexed(name.slice(0, -1), array, subscripts, rules)} = ${text(value, 0)}`];
  }
  if (notation === 'part') return [POSTFIX, indexed(name, operands[0], operands.slice(1), rules)];
  const [called, axis] = name.split(' axis=');
  const given = operands.map((operand) => text(operand, 0));
  return [ATOM, `${called}(${[...given, ...(axis === undefined ? [] : [`axis = ${axis}`])].join(', ')})`];
}

/** `X[1:, j]`: each point of a pattern is a subscript. */
function indexed(pattern, array, subscripts, rules) {
  const [first, ...others] = pattern.replaceAll(',', ', ').split('.');
  const parts = others.map((text, place) => treeText(subscripts[place], rules) + text);
  return treeText(array, rules, POSTFIX) + first + parts.join('');
}
