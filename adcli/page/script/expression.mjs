// What readers type: a number, or a formula over the names of the program.

import { NUMBERS } from '../../emit/script/numbers.mjs';

const LONGEST = 200; // characters, which bounds how deep brackets may be
const TYPED = { '−': '-', '–': '-', '·': '*', '×': '*', '÷': '/', '²': '^2', '³': '^3' };
const EXPRESSION_CONSTANTS = new Map([['pi', Math.PI], ['e', Math.E]]);
const TOKEN = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([\p{L}_][\p{L}\p{N}_]*)|(\*\*|[-+*/^(),[\]]))/uy;

/** The number that a text stands for: with the names of a Map or an object; null for what is no number. */
export function evaluated(text, names = new Map()) {
  const typed = text.trim().replace(/[−–·×÷²³]/gu, (sign) => TYPED[sign]).replace(/(\d),(?=\d)/g, '$1.');
  const tokens = typed && typed.length <= LONGEST ? tokensOf(typed) : null;
  if (tokens === null) return null;
  const known = names instanceof Map ? names : new Map(Object.entries(names));
  try {
    const reader = new FormulaReader(tokens, known);
    const value = reader.sum();
    return reader.isOver() && typeof value === 'number' && Number.isFinite(value) ? value : null;
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

/** That a text is no formula. */
class Unreadable extends Error {}

function tokensOf(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    if (found === null) return null;
    const [, number, name, sign] = found;
    tokens.push({ number, name, sign: sign === '**' ? '^' : sign });
  }
  return tokens;
}

/** Reads from loose to tight: sums, products, signs, powers, atoms; `-x^2` is -(x^2), and `2^-1` a half. */
class FormulaReader {
  constructor(tokens, known) {
    this.tokens = tokens;
    this.known = known;
    this.at = 0;
  }

  isOver() {
    return this.at === this.tokens.length;
  }

  /** Whether the next token is one of some signs; it is taken then. */
  takes(...signs) {
    const sign = this.tokens[this.at]?.sign;
    if (sign === undefined || !signs.includes(sign)) return null;
    this.at += 1;
    return sign;
  }

  needs(sign) {
    if (!this.takes(sign)) throw new Unreadable();
  }

  sum() {
    let value = this.product();
    for (let sign = this.takes('+', '-'); sign; sign = this.takes('+', '-')) {
      const right = this.product();
      value = sign === '+' ? this.number(value) + this.number(right) : this.number(value) - this.number(right);
    }
    return value;
  }

  product() {
    let value = this.signed();
    for (let sign = this.takes('*', '/'); sign; sign = this.takes('*', '/')) {
      const right = this.signed();
      value = sign === '*' ? this.number(value) * this.number(right) : this.number(value) / this.number(right);
    }
    return value;
  }

  signed() {
    const sign = this.takes('-', '+');
    if (!sign) return this.power();
    const value = this.number(this.signed());
    return sign === '-' ? -value : value;
  }

  power() {
    const base = this.indexed();
    return this.takes('^') ? this.number(base) ** this.number(this.signed()) : base;
  }

  /** An atom, or an element of an array: `w[2]`, counted from 0, or from the end. */
  indexed() {
    const value = this.atom();
    if (!this.takes('[')) return value;
    const places = this.listUpTo(']');
    const shape = value?.shape;
    if (!shape || shape.length !== places.length) throw new Unreadable();
    let offset = 0;
    places.forEach((place, axis) => {
      const at = place < 0 ? place + shape[axis] : place;
      if (!Number.isInteger(at) || at < 0 || at >= shape[axis]) throw new Unreadable();
      offset = offset * shape[axis] + at;
    });
    return value.data[offset];
  }

  atom() {
    if (this.takes('(')) {
      const value = this.sum();
      this.needs(')');
      return value;
    }
    const { number, name } = this.tokens[this.at] ?? {};
    if (number === undefined && name === undefined) throw new Unreadable();
    this.at += 1;
    if (number !== undefined) return Number(number);
    if (this.takes('(')) return this.called(name, this.listUpTo(')'));
    const value = this.known.get(name) ?? EXPRESSION_CONSTANTS.get(name);
    if (value === undefined) throw new Unreadable();
    return value;
  }

  called(name, operands) {
    if (!Object.hasOwn(NUMBERS, name) || NUMBERS[name].length > operands.length) throw new Unreadable();
    try {
      return NUMBERS[name](...operands);
    } catch {
      throw new Unreadable(); // outside of where it is defined
    }
  }

  /** Numbers with commas between them, up to a closing bracket. */
  listUpTo(end) {
    const values = [this.number(this.sum())];
    while (this.takes(',')) values.push(this.number(this.sum()));
    this.needs(end);
    return values;
  }

  /** A value that has to be a number. */
  number(value) {
    if (typeof value !== 'number') throw new Unreadable();
    return value;
  }
}

/** The values of a tape by what its entries are called, which formulas may name; constants are their own texts. */
export function valuesByLabel(tape, labels) {
  const constants = new Set(tape.constants);
  const entries = [...tape.values.keys()].filter((entry) => !constants.has(entry));
  return new Map(entries.map((entry) => [labels.of(entry), tape.values[entry]]));
}
