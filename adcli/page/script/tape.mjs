// What ran: a tape, and the interpreter that records it from a program's basic blocks.
import { shapeOf, Refused } from '../../emit/script/arrays.mjs';
import { ProgramError } from './errors.mjs';
import { numberText } from '../../emit/script/numbers.mjs';
import { recordDerivative } from './record.mjs';
import { functionOf } from './rules.mjs';

/** The entries in order, in parallel columns, with the decisions, the loops and the calls behind them. */
export class Tape {
  constructor(program) {
    this.program = program;
    this.rules = program.rules;
    this.operations = [];
    this.operands = [];
    this.values = [];
    this.names = [];
    this.lines = [];
    this.inputs = new Map();
    this.bindings = new Map();
    this.guards = [];
    this.regions = [];
    this.constantOf = new Map();
    this.arrays = false;
    this.gaps = null; // of adjoints, where a sweep needs them
    this.plainSweeps = new Map(); // by the entry that each begins at
    this.labels = null; // what `labelsOf` has made
  }

  get length() {
    return this.values.length;
  }

  /** The entries of the constants, in order. */
  get constants() {
    return [...this.constantOf.values()];
  }

  /** Append an entry; its number. */
  append(operation, operands, value, name = null, line = null) {
    this.operations.push(operation);
    this.operands.push(operands);
    this.values.push(value);
    this.names.push(name);
    this.lines.push(line);
    return this.values.length - 1;
  }

  /** The entry of a constant, appended where it is not on the tape yet. */
  constant(text, value) {
    if (!this.constantOf.has(text)) {
      this.constantOf.set(text, this.append('constant', [], value, text));
    }
    return this.constantOf.get(text);
  }

  /** Append an operation on entries; its entry. */
  apply(operation, operands, name = null, line = null) {
    const value = functionOf(this.rules, operation)(...operands.map((operand) => this.values[operand]));
    return this.append(operation, operands, value, name, line);
  }
}

const COMPARE = {
  '<': (a, b) => a < b, '<=': (a, b) => a <= b, '>': (a, b) => a > b, '>=': (a, b) => a >= b,
  '==': (a, b) => a === b, '!=': (a, b) => a !== b,
};
const BOUND_TOLERANCE = 4 * Number.EPSILON; // of the larger bound of a loop: how near its last value counts as reached
const CALL_WEIGHT = 10; // entries that an open call counts like

/** Run a program at a point, which has a value for every input; throws ProgramError. */
export function execute(program, point) {
  const tape = new Tape(program);
  const parameters = program.inputs.map(({ name, line }) => {
    tape.inputs.set(name, tape.append('input', [], point[name], name, line));
    return tape.inputs.get(name);
  });
  for (const { name, input, axis, line } of program.sizes) {
    const size = shapeOf(point[input])[axis];
    parameters.push(tape.append('copy', [tape.constant(String(size), size)], size, name, line));
  }
  const run = new Execution(program, tape, parameters);
  proceed(run);
  tape.arrays = program.arrays && tape.values.some(
    (value, entry) => typeof value !== 'number' || tape.rules[tape.operations[entry]]?.kernel,
  );
  for (const [name, slot] of Object.entries(program.code.bindings)) {
    if (run.outermost[slot] !== null) tape.bindings.set(name, run.outermost[slot]);
  }
  const missing = program.outputs.find((name) => !tape.bindings.has(name));
  if (missing) {
    throw new ProgramError('unassigned', `the output \`${missing}\` has no value: no line that assigns it has run`);
  }
  return tape;
}

/** Where a run stands: the code, its slots, the callers, the loops that are open. */
class Execution {
  constructor(program, tape, parameters) {
    this.program = program;
    this.tape = tape;
    this.code = program.code;
    this.callers = [];
    this.counters = [];
    this.regions = [];
    this.choices = [];
    this.collections = [];
    this.limit = program.limit;
    this.slots = this.frame(program.code);
    this.outermost = this.slots;
    parameters.forEach((entry, slot) => { this.slots[slot] = entry; });
  }

  /** The slots of some code before it runs. */
  frame(code) {
    const slots = new Array(code.size).fill(null);
    code.constants.forEach(([slot, text, value]) => { slots[slot] = this.tape.constant(text, Number(value)); });
    return slots;
  }

  /** The entry in a slot; throws where no line that assigns it has run. */
  entry(slot, line) {
    const entry = this.slots[slot];
    if (entry === null) {
      const name = Object.keys(this.code.bindings).find((key) => this.code.bindings[key] === slot) ?? 'what is passed';
      throw new ProgramError('unassigned', `\`${name}\` has no value here: no line that assigns it has run`, line);
    }
    return entry;
  }

  /** The number in a slot. */
  number(slot, line) {
    const value = this.tape.values[this.entry(slot, line)];
    if (typeof value !== 'number') throw new ProgramError('bad-loop', 'a bound of a loop is a number', line);
    return value;
  }

  /** Begin a loop or a call. */
  open({ kind, text, line }) {
    const { tape } = this;
    const before = tape.guards.length;
    const region = { kind, text, line, start: tape.length, end: -1, after: -1, iterations: [], exit: -1,
      guards: [before, before], iterationGuards: [] };
    this.regions.push(region);
    tape.regions.push(region);
  }

  /** End the innermost loop or call. */
  close() {
    const region = this.regions.pop();
    region.end = this.tape.length;
    region.after = this.tape.regions.length;
    region.guards[1] = this.tape.guards.length;
  }

  /** Note where an iteration of the innermost loop begins. */
  beginIteration(entry) {
    const region = this.regions.at(-1);
    region.iterations.push(entry);
    region.iterationGuards.push(this.tape.guards.length);
  }

  /** Whether how often a loop runs is a decision: its bounds and its step are not all written as numbers. */
  counts(bounds) {
    return bounds.some((slot) => this.tape.operations[this.slots[slot]] !== 'constant');
  }
}

function proceed(run) {
  const { tape } = run;
  let block = run.code.blocks[0];
  while (block) {
    const { slots } = run;
    for (const [operation, operands, target, name, line] of block.steps) {
      const entries = operands.map((slot) => run.entry(slot, line));
      try {
        slots[target] = tape.apply(operation, entries, name, line);
      } catch (error) {
        throw error instanceof Refused ? new ProgramError('shape', error.message, line) : error;
      }
    }
    if (tape.length + tape.guards.length > run.limit) {
      throw new ProgramError('too-many-entries', `the tape has reached its limit of ${run.program.limit} entries`);
    }
    const next = FOLLOW[block.end.kind](run, block.end);
    block = next === null ? null : run.code.blocks[next];
  }
}

// What comes behind a block: one function for each kind of end, which gives the number of the next block.
const FOLLOW = {
  Stop: () => null,

  Jump(run, end) {
    end.moves.forEach(([to, source]) => { run.slots[to] = run.entry(source, end.span); });
    if (end.iterates) run.beginIteration(run.tape.length);
    return end.block;
  },

  Decide(run, end) {
    const { tape } = run;
    const [left, right] = [run.entry(end.left, end.span), run.entry(end.right, end.span)];
    const [a, b] = [tape.values[left], tape.values[right]];
    if (typeof a !== 'number' || typeof b !== 'number') {
      if (end.masked !== null) return end.masked;
      throw new ProgramError('array-decision', 'a decision compares numbers, and here are arrays', end.span);
    }
    const holds = COMPARE[end.comparison](a, b);
    if (end.header !== null) run.beginIteration(tape.length - end.header);
    tape.guards.push({ position: tape.length, comparison: end.comparison, left, right, holds, line: end.span,
      text: end.text, required: end.required, counts: false, ofRule: false });
    return holds ? end.holds : end.fails;
  },

  Choose(run, end) {
    run.choices.push({ node: end.node.number, depth: run.callers.length, mask: run.slots[end.mask], first: null });
    return end.block;
  },

  EndSide(run, end) {
    const value = run.entry(end.source, end.node.line);
    const choice = run.choices.at(-1);
    if (!choice || choice.node !== end.node.number || choice.depth !== run.callers.length) {
      run.slots[end.result] = value;
      return end.after;
    }
    if (choice.first === null) {
      choice.first = value;
      return end.other;
    }
    run.choices.pop();
    run.slots[end.result] = run.tape.apply('array:select', [choice.mask, choice.first, value], null, end.node.line);
    return end.after;
  },

  Call(run, end) {
    const { slots } = run;
    run.code.assigned.forEach(([outer, own]) => { run.outermost[outer] = slots[own]; });
    const code = run.program.functions[end.function];
    const called = run.frame(code);
    end.arguments.forEach((slot, parameter) => { called[parameter] = run.entry(slot, end.node.line); });
    code.globals.forEach(([outer, own]) => { called[own] = run.outermost[outer]; });
    run.callers.push({ code: run.code, slots, end, counters: run.counters.length, regions: run.regions.length });
    run.open(end.node);
    run.limit -= CALL_WEIGHT + 1;
    run.code = code;
    run.slots = called;
    return 0;
  },

  ReturnToCaller(run, end) {
    const returned = end.slots.map((slot) => run.entry(slot, end.span));
    run.code.assigned.forEach(([outer, own]) => { run.outermost[outer] = run.slots[own]; });
    const caller = run.callers.pop();
    while (run.regions.length > caller.regions) run.close(); // also the loops that it returns from
    run.counters.length = caller.counters;
    run.limit += CALL_WEIGHT;
    run.code = caller.code;
    run.slots = caller.slots;
    caller.end.results.forEach((slot, place) => { run.slots[slot] = returned[place]; });
    run.code.states.forEach(([outer, own]) => { run.slots[own] = run.outermost[outer]; });
    return caller.end.block;
  },

  Expect(run, end) {
    const [size] = shapeOf(run.tape.values[run.entry(end.slot, end.span)]);
    if (size !== end.names) {
      throw new ProgramError('length', `${end.names} names are given values, and there are ${size ?? 1}`, end.span);
    }
    return end.block;
  },

  EnterFor(run, end) {
    const bounds = [end.first, end.last, end.step];
    const [first, last, step] = bounds.map((slot) => run.number(slot, end.node.line));
    const count = iterationsOf(run, end, first, last, step);
    if (!count) {
      guardCount(run, end.node.line, run.slots[end.first], bounds, step, false);
      return end.after;
    }
    run.counters.push(count - 1);
    run.open(end.node);
    run.beginIteration(run.tape.length);
    return end.block;
  },

  Repeat(run, end) {
    if (run.counters.at(-1)) {
      run.beginIteration(run.tape.length);
      run.counters[run.counters.length - 1] -= 1;
      return end.block;
    }
    run.counters.pop();
    const { tape, slots } = run;
    const region = run.regions.at(-1);
    const bounds = [end.first, end.last, end.step];
    const step = tape.values[slots[end.step]];
    guardCount(run, region.line, slots[end.variable], bounds, step, true);
    if (run.counts(bounds)) {
      region.exit = tape.length;
      const next = tape.apply('add', [slots[end.variable], slots[end.step]], null, tape.lines[slots[end.variable]]);
      guardCount(run, region.line, next, bounds, step, false);
    }
    run.close();
    return end.after;
  },

  BreakLoop(run, end) {
    if (end.repeat !== null) {
      const { variable, first, last, step } = end.repeat;
      const width = run.tape.values[run.slots[step]];
      guardCount(run, run.regions.at(-1).line, run.slots[variable], [first, last, step], width, true);
      run.counters.pop();
    }
    run.close();
    return end.after;
  },

  BeginCollection(run, end) {
    run.collections.push([]);
    return end.block;
  },

  Collect(run, end) {
    run.collections.at(-1).push(run.entry(end.slot, null));
    return end.block;
  },

  Gather(run, end) {
    const { tape } = run;
    const entries = run.collections.pop();
    if (!entries.length) throw new ProgramError('no-values', 'there are no values to go over here', end.node.line);
    run.slots[end.result] = end.counts
      ? tape.constant(String(entries.length), entries.length)
      : tape.apply(run.program.gathers, entries, null, end.node.line);
    return end.block;
  },

  EnterWhile(run, end) {
    run.open(end.node);
    run.beginIteration(run.tape.length);
    return end.block;
  },

  Leave(run, end) {
    const region = run.regions.at(-1);
    region.exit = region.iterations.pop();
    region.iterationGuards.pop();
    run.close();
    return end.block;
  },

  Refuse(run, end) {
    const guard = run.tape.guards.filter(({ line, required }) => required && line >= end.node.line).at(-1);
    const sides = guard ? [guard.left, guard.right].map((side) => numberText(run.tape.values[side])) : [];
    const why = guard ? `: \`${guard.text}\` fails, its sides are ${sides.join(' and ')}` : '';
    throw new ProgramError('requirement', `what the program requires does not hold here${why}`, end.node.line,
      'the program is meant for other inputs');
  },

  Differentiate(run, end) {
    run.open(end.node);
    const [value, variable] = [run.entry(end.value, end.node.line), run.entry(end.variable, end.node.line)];
    run.slots[end.result] = recordDerivative(run.tape, value, variable, end.node.line);
    run.close();
    return end.block;
  },
};

/** How often a `for` loop runs: the last bound is included, also where rounding keeps the steps from reaching it. */
function iterationsOf(run, end, first, last, step) {
  if (step === 0 || ![first, last, step].every(Number.isFinite)) {
    const [from, to, by] = [first, last, step].map((bound) => numberText(bound));
    const message = `the loop goes from ${from} to ${to} in steps of ${by}, which has no end`;
    throw new ProgramError('bad-loop', message, end.node.line, 'give it finite bounds and a step that is not 0');
  }
  let steps = Number.isFinite(last - first) ? (last - first) / step : last / step - first / step;
  if (!(Number.isInteger(first) && Number.isInteger(step))) {
    steps += Math.min((BOUND_TOLERANCE * Math.max(Math.abs(first), Math.abs(last))) / Math.abs(step), 0.5);
  }
  return steps >= 0 ? Math.floor(Math.min(steps, run.program.limit)) + 1 : 0;
}

function guardCount(run, line, left, bounds, step, holds) {
  if (!run.counts(bounds)) return;
  const { tape } = run;
  tape.guards.push({ position: tape.length, comparison: step > 0 ? '<=' : '>=', left, right: run.slots[bounds[1]], holds,
    line, text: '', required: false, counts: true, ofRule: false });
}
