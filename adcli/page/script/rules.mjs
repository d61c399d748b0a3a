// The rules of the table, as the page has them: how an operation is computed, and what its operands receive.
import { NUMBERS } from '../../emit/script/numbers.mjs';
import { KERNELS, eachElement } from '../../emit/script/arrays.mjs';
import { ProgramError } from './errors.mjs';

/** The function of a rule, of numbers and of arrays. */
export function functionOf(rules, key) {
  const rule = rules[key];
  if (!rule.run) {
    rule.run = rule.kernel ? kernelOf(rule) : elementwise(NUMBERS[key]);
  }
  return rule.run;
}

function kernelOf(rule) {
  const kernel = KERNELS[rule.kernel];
  return rule.settings.length ? (...operands) => kernel(...operands, ...rule.settings) : kernel;
}

function elementwise(fn) {
  const isNumber = (value) => typeof value === 'number';
  return (...operands) => (operands.every(isNumber) ? fn(...operands) : eachElement(fn, ...operands));
}

/** What a rule calls its operands: `a, b, c`, or `a1, a2` where there may be any number of them. */
export function lettersOf(rule, count) {
  rule.letters ??= new Map(); // asked for at every entry
  if (!rule.letters.has(count)) {
    const letterAt = (place) => (rule.variadic ? `a${place + 1}` : 'abcd'[place]);
    rule.letters.set(count, Array.from({ length: count }, (_, place) => letterAt(place)));
  }
  return rule.letters.get(count);
}

/** What each operand of an operation on arrays of some shapes receives, as formulas; throws where it is not known. */
export function pullbackOf(rule, shapes) {
  const known = rule.pullbacks[''] ?? rule.pullbacks[shapes.map((shape) => shape.join(',')).join('|')];
  if (!known) {
    const message = `this page has no derivative of \`${rule.text}\` for arrays of these shapes`;
    throw new ProgramError('no-rule', message, null, 'make a page that starts at this point');
  }
  return known;
}
