// The computation as nodes and edges: what every picture is drawn from.
//
// A node is an entry of the tape, or a stretch of entries that is drawn as one. An edge goes from what is read to what
// reads it, with the partial. A stretch has partials of its own, from a sweep over it alone: the smaller graph is a
// tape as well, with the same gradient.

import {
  contributionText, guardText, labelsOf, operationText, partialText, receiverText,
} from './describe.mjs';
import { MOST_RESULTS, Wanted, stretchesOf } from './folding.mjs';
import { activeEntries, entriesBehind, variedOperands } from './reach.mjs';
import { pullbackOf } from './rules.mjs';
import { contribution, isOfNumbers, partial, passOn, plainSweep } from './sweep.mjs';
import { shapeOf } from '../../emit/script/arrays.mjs';

/** How many nodes a graph has by default. */
export const MOST_NODES = 40;
const MOST_GUARDS = 12; // that are drawn

/**
 * The graph of a run: its nodes in the order of the tape, its edges in that of the nodes that read.
 *
 * It leads to the entries `ends`, and starts from the inputs of some names. `swept` is the entry of a number to sweep
 * from, or null; `most` how many nodes there may be; `openPass` the pass of each loop that is drawn by itself.
 */
export function graphOf(tape, ends, inputs, swept = null, most = MOST_NODES, openPass = 1) {
  const active = activeEntries(tape, inputs.map((name) => tape.inputs.get(name)));
  const behind = entriesBehind(tape, [...ends, ...tape.guards.flatMap(({ left, right }) => [left, right])]);
  const computed = tape.operations.map((operation) => operation !== 'constant');
  let wanted = computed.map((is, entry) => is && behind[entry] && active[entry]);
  if (!ends.some((entry) => wanted[entry])) { // nothing depends on an input
    wanted = computed.map((is, entry) => is && behind[entry]);
  }
  const builder = new GraphBuilder(tape, new Wanted(tape, wanted, ends), active, ends, swept);
  builder.build(stretchesOf(builder.drawn, most, openPass));
  const count = (flags) => flags.filter(Boolean).length;
  return {
    nodes: builder.nodes,
    edges: builder.numbered(),
    leftOut: count(computed) - count(wanted),
    swept: swept === null ? '' : builder.labels.of(swept),
  };
}

/** Makes nodes of stretches, one after another. */
class GraphBuilder {
  constructor(tape, drawn, active, ends, swept) {
    this.tape = tape;
    this.drawn = drawn;
    this.active = active;
    this.ends = new Set(ends);
    this.sweptFrom = swept;
    this.labels = labelsOf(tape);
    this.nodes = [];
    this.edges = [];
    this.many = new Set(); // edges from nodes that stand for many values
    this.nodeOf = new Map();
    this.adjoints = new Map();
  }

  /**
   * The adjoints of all that is drawn, in the sweep over the nodes.
   *
   * The result of a stretch has what arrives from behind it, and not what other results of the stretch send to it
   * inside: that is in their partials.
   */
  sweep(parts) {
    if (this.sweptFrom === null) return;
    plainSweep(this.tape, this.sweptFrom, this.active); // which finds gaps
    const carried = new Array(this.tape.length).fill(null);
    carried[this.sweptFrom] = 1;
    let at = this.sweptFrom;
    for (const part of [...parts].reverse()) {
      passOn(this.tape, carried, this.active, at, part.end);
      at = Math.min(at, part.end - 1);
      for (const entry of this.drawn.results(part)) this.adjoints.set(entry, carried[entry]);
    }
  }

  /** The nodes of all stretches, and the decisions between those that are drawn one by one. */
  build(parts) {
    this.sweep(parts);
    const guards = this.guards(parts);
    for (const part of parts) {
      while (guards.length && guards[0].position <= part.start) this.decision(guards.shift());
      if (part.text) this.fold(part);
      else this.entry(part.start);
    }
    guards.forEach((guard) => this.decision(guard));
  }

  /** The edges, those that carry a contribution with the number of its addition in the sweep. */
  numbered() {
    const places = [...this.edges.keys()].sort((one, other) => this.edges[other].target - this.edges[one].target);
    let step = 0;
    for (const place of places) {
      if (this.edges[place].contribution !== null) {
        step += 1;
        this.edges[place].step = step;
      }
    }
    return this.edges;
  }

  /** The decisions that an input can change, outside the stretches that are drawn as one; no more than a few. */
  guards(parts) {
    const hidden = parts.filter((part) => part.text);
    const guards = this.tape.guards.filter((guard) => (this.active[guard.left] || this.active[guard.right])
      && !hidden.some((part) => part.start <= guard.position && guard.position <= part.end));
    return guards.length <= MOST_GUARDS ? guards : [];
  }

  node(entry, more = {}) {
    const { tape } = this;
    const isInput = tape.operations[entry] === 'input';
    return {
      entry,
      label: this.labels.of(entry),
      operation: isInput ? 'input' : operationText(tape, entry, this.labels),
      of: '',
      value: tape.values[entry],
      adjoint: this.adjoints.get(entry) ?? null,
      line: tape.lines[entry],
      kind: isInput ? 'input' : 'entry',
      hides: 1,
      isOutput: this.ends.has(entry),
      first: entry,
      last: entry,
      ...more,
    };
  }

  add(node, entries) {
    const place = this.nodes.push(node) - 1;
    entries.forEach((entry) => this.nodeOf.set(entry, place));
    return place;
  }

  /** Keep an edge; of those from one node that stands for many values, a single one without a number. */
  edge(source, target, more) {
    const bare = { source, target, partial: null, formula: '', contribution: null, step: null, guard: false };
    if (this.nodes[source].entry !== null) {
      this.edges.push({ ...bare, ...more });
      return;
    }
    const key = `${source} ${target}`;
    if (!this.many.has(key)) this.edges.push(bare);
    this.many.add(key);
  }

  /** An entry by itself, with an edge from each operand that is drawn. */
  entry(entry) {
    const { tape, labels } = this;
    const target = this.add(this.node(entry), [entry]);
    const adjoint = this.adjoints.get(entry) ?? null;
    for (const position of variedOperands(tape, entry)) {
      const operand = tape.operands[entry][position];
      const source = this.nodeOf.get(operand);
      if (source === undefined) continue;
      const isActive = adjoint !== null && this.active[operand];
      const received = isActive ? contribution(tape, entry, position, adjoint) : null;
      this.edge(source, target, { ...this.slope(entry, position, labels), contribution: received });
    }
  }

  /** The partial of an entry by one of its operands, with its formula. */
  slope(entry, position, labels) {
    const { tape } = this;
    if (isWithout(tape, entry, position)) return { partial: null, formula: 'no formula' };
    if (isOfNumbers(tape, entry)) {
      return { partial: partial(tape, entry, position), formula: partialText(tape, entry, position, labels) };
    }
    if (!tape.rules[tape.operations[entry]].kernel) {
      return { partial: null, formula: partialText(tape, entry, position, labels) };
    }
    const receiver = receiverText(tape, entry, position, labels);
    return { partial: null, formula: `${receiver} += ${contributionText(tape, entry, position, labels)}` };
  }

  /** A decision, with an edge from each side that is drawn. */
  decision(guard) {
    const drawn = [guard.left, guard.right].filter((side) => this.nodeOf.has(side));
    const sides = drawn.map((side) => this.nodeOf.get(side));
    if (!sides.length) return;
    const place = this.add({
      entry: null, label: '', operation: guardText(this.tape, guard, this.labels), of: '', value: guard.holds,
      adjoint: null, line: guard.line, kind: 'guard', hides: 0, isOutput: false, first: guard.position,
      last: guard.position,
    }, []);
    for (const side of new Set(sides)) {
      this.edges.push({
        source: side, target: place, partial: null, formula: '', contribution: null, step: null, guard: true,
      });
    }
  }

  /** A stretch: a node for each of its few results, or one for all. */
  fold(part) {
    const within = this.drawn.within(part);
    const results = this.drawn.results(part);
    const stretch = {
      operation: part.text, kind: 'fold', hides: within.length, of: part.of, first: within[0], last: within.at(-1),
    };
    const made = results.map((entry) => this.node(entry, stretch));
    if (results.length > MOST_RESULTS) {
      const all = { ...made.at(-1), entry: null, label: `${results.length} values`, adjoint: null };
      this.read(part, this.add(all, results), results, null);
      return;
    }
    const places = made.map((node, at) => this.add(node, [results[at]]));
    results.forEach((entry, at) => this.read(part, places[at], [entry], entry));
  }

  /** An edge from each entry before a stretch that its results are made of, by sweeps over the stretch alone. */
  read(part, target, results, single) {
    const { tape } = this;
    const sources = [];
    for (const entry of this.drawn.within(part)) {
      for (const operand of tape.operands[entry]) {
        if (operand < part.start && this.nodeOf.has(operand)) sources.push(operand);
      }
    }
    const isSlope = single !== null && typeof tape.values[single] === 'number';
    const slopes = isSlope ? this.swept(part, [[single, 1]], sources) : null;
    const seeds = results.map((entry) => [entry, this.adjoints.get(entry) ?? null]).filter(([, seed]) => seed !== null);
    const received = this.swept(part, seeds, sources);
    const before = slopes === null ? readBy(tape, part, results) : slopes;
    const read = [...new Set(sources)].filter((source) => before.has(source)).sort((one, other) => one - other);
    for (const source of read) {
      const slope = slopes?.get(source);
      this.edge(this.nodeOf.get(source), target, {
        partial: typeof slope === 'number' ? slope : null,
        formula: single === null ? '' : `∂${this.labels.of(single)}/∂${this.labels.of(source)}`,
        contribution: received.get(source) ?? null,
      });
    }
  }

  /** What entries before a stretch receive of a sweep over it alone. */
  swept(part, seeds, sources) {
    const carried = new Array(this.tape.length).fill(null);
    seeds.forEach(([entry, seed]) => { carried[entry] = seed; });
    passOn(this.tape, carried, this.active, part.end - 1, part.start);
    return new Map(sources.filter((entry) => carried[entry] !== null).map((entry) => [entry, carried[entry]]));
  }
}

/** Whether an operation has no derivative by an operand that it depends on. */
function isWithout(tape, entry, position) {
  const rule = tape.rules[tape.operations[entry]];
  const operands = tape.operands[entry];
  if (!rule.kernel) return rule.partials[operands.length][position] === null;
  return (pullbackOf(rule, operands.map((operand) => shapeOf(tape.values[operand])))[position] ?? null) === null;
}

/** What stands before a stretch and some of its entries are computed from. */
function readBy(tape, part, results) {
  const before = new Set();
  const seen = new Set(results);
  const todo = [...results];
  while (todo.length) {
    for (const operand of tape.operands[todo.pop()]) {
      if (operand < part.start) before.add(operand);
      else if (!seen.has(operand)) {
        seen.add(operand);
        todo.push(operand);
      }
    }
  }
  return before;
}
