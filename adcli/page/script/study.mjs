// All numbers of a page: a program recorded and swept at one point, and what follows from that.
import { NDArray, added, eachElement, shapeOf } from '../../emit/script/arrays.mjs';
import { gradientCost } from './cost.mjs';
import { adjointName, contributionText, labelsOf } from './describe.mjs';
import { centralDifference, crossedGuard, differenceCurve } from './differences.mjs';
import { ProgramError } from './errors.mjs';
import { evaluated, valuesByLabel } from './expression.mjs';
import { graphOf } from './graph.mjs';
import { chosenQuestions } from './questions.mjs';
import { activeEntries, keptValues } from './reach.mjs';
import { adjointsOf, gradientFrom, tangentsOf } from './sweep.mjs';
import { execute } from './tape.mjs';

const MOST_BESIDE = 25; // nodes beside other panels: of a longer tape stretches are drawn as one
const MOST_RUN = 1_500_000; // entries that a curve of differences may execute
const MOST_ASKED = 300_000; // the same of the question on a step
const ARRAY_WEIGHT = 20; // of numbers that take as long as an operation on a small array
const MOST_COMPONENTS = 40; // that are differentiated in the check

/** Record and sweep a program at a point; throws ProgramError where it does not run there. */
export function studyOf(program, point, options) {
  return new Study(program, point, options);
}

/** A run with its sweep from one output. What takes long is computed when it is asked for, and once. */
class Study {
  constructor(program, point, { output, openPass = 1, words = {} }) {
    this.program = program;
    this.point = point;
    this.words = words;
    this.output = output;
    this.tape = execute(program, point);
    this.labels = labelsOf(this.tape);
    this.end = this.tape.bindings.get(output);
    this.isSwept = typeof this.tape.values[this.end] === 'number';
    const names = program.inputs.map(({ name }) => name);
    this.graph = graphOf(this.tape, [this.end], names, this.isSwept ? this.end : null, MOST_BESIDE, openPass);
    this.inputEntries = names.map((name) => this.tape.inputs.get(name));
    this.active = activeEntries(this.tape, this.inputEntries);
    this.adjoints = this.isSwept
      ? adjointsOf(this.tape, this.end, this.active) : new Array(this.tape.length).fill(null);
    this.reached = this.adjoints.map((adjoint) => adjoint !== null);
    this.kept = keptValues(this.tape, this.active, this.reached);
    this.steps = stepsOf(this.graph);
    this.outputPlace = this.graph.nodes.findIndex(({ entry }) => entry === this.end);
    this.found = new Map();
  }

  /** A value that is computed when it is asked for first. */
  once(key, make) {
    if (!this.found.has(key)) this.found.set(key, make());
    return this.found.get(key);
  }

  /** The counts of the gradient by each method; null where nothing is swept. */
  get cost() {
    return this.once('cost', () => (this.isSwept ? gradientCost(this.tape, this.end, this.inputEntries) : null));
  }

  /** The derivative of the output by each input. */
  get gradient() {
    return this.once('gradient', () => gradientFrom(this.tape, this.adjoints));
  }

  /** The values that answers may name. */
  get names() {
    return this.once('names', () => valuesByLabel(this.tape, this.labels));
  }

  /** The questions that are asked here. */
  get questions() {
    return this.once('questions', () => {
      if (!this.isSwept) return [];
      const runs = 6 * this.components.length * this.weight;
      const subject = {
        graph: this.graph,
        cost: this.cost,
        point: this.point,
        evaluate: (text) => evaluated(text, this.names),
        errorAt: runs <= MOST_ASKED ? (label, step) => this.errorAt(label, step) : undefined,
      };
      return chosenQuestions(subject, this.words);
    });
  }

  errorAt(label, step) {
    const component = this.components.find(({ name }) => name === label);
    return component ? this.differenceAt(component, step) - component.derivative : NaN;
  }

  /** The numbers among the inputs, each with its derivative. */
  get components() {
    return this.once('components', () => this.program.inputs.flatMap(({ name }) => {
      const [value, slope] = [this.point[name], this.gradient.get(name)];
      if (typeof value === 'number') return [{ name, input: name, index: null, value, derivative: slope }];
      return Array.from(value.data, (element, index) => ({
        name: elementName(name, value.shape, index), input: name, index, value: element, derivative: slope.data[index],
      }));
    }).slice(0, MOST_COMPONENTS));
  }

  /** How long a run takes, in entries that are numbers. */
  get weight() {
    return this.once('weight', () => this.tape.values.reduce((sum, value) => (
      sum + (typeof value === 'number' ? 1 : ARRAY_WEIGHT + value.data.length / ARRAY_WEIGHT)), 0));
  }

  /** The program's run with one component somewhere else. */
  runAt(component, number) {
    return execute(this.program, withElement(this.point, component.input, component.index, number));
  }

  valueAt(component, number) {
    try {
      const tape = this.runAt(component, number);
      return tape.values[tape.bindings.get(this.output)];
    } catch (error) {
      if (error instanceof ProgramError) return NaN;
      throw error;
    }
  }

  /** The central difference by a component, NaN where the program does not run at both sides. */
  differenceAt(component, step) {
    return this.once(`difference ${component.name} ${step}`, () => (
      centralDifference((number) => this.valueAt(component, number), component.value, step)));
  }

  /** The distance of the difference from the derivative over the step, as closely as the tape allows. */
  curveOf(component) {
    return this.once(`curve ${component.name}`, () => {
      const count = Math.max(8, Math.min(61, Math.floor(MOST_RUN / (2 * this.weight))));
      const steps = Array.from({ length: count }, (_, place) => 10 ** (-15 + (15 * place) / (count - 1)));
      return differenceCurve((number) => this.valueAt(component, number), component.value, component.derivative, steps);
    });
  }

  /** The decision that a step crosses; null for none. */
  crossing(component, step) {
    return this.once(`crossing ${component.name} ${step}`, () => {
      try {
        return crossedGuard((number) => this.runAt(component, number).guards, component.value, step);
      } catch (error) {
        if (error instanceof ProgramError) return null;
        throw error;
      }
    });
  }

  /** The derivative by a component from a forward sweep; null where arrays are on the way. */
  forwardDerivative(component) {
    if (component.index !== null || this.tape.arrays) return null;
    return this.once(`forward ${component.name}`, () => (
      tangentsOf(this.tape, this.tape.inputs.get(component.input))[this.end] ?? 0));
  }

  /** The entries whose values the partials of one entry read. */
  readBy(entry) {
    const only = new Array(this.tape.length).fill(false);
    only[entry] = true;
    return [...keptValues(this.tape, this.active, only)];
  }

  /** Whether the sweep reads the value of a node, or one within the stretch that it stands for. */
  isKept(node) {
    if (node.kind === 'guard') return false;
    if (node.kind !== 'fold') return this.kept.has(node.entry);
    for (let entry = node.first; entry <= node.last; entry += 1) if (this.kept.has(entry)) return true;
    return false;
  }

  /** The lines of the program that a node stands for. */
  linesOf(node) {
    if (node.kind !== 'fold') return node.line === null ? [] : [node.line];
    return this.once(`lines ${node.first} ${node.last}`, () => (
      [...new Set(this.tape.lines.slice(node.first, node.last + 1))].filter((line) => line !== null)));
  }

  /** `bar_b * cos(a)`: what an edge sends. */
  sentText(edge) {
    const [source, target] = [this.graph.nodes[edge.source], this.graph.nodes[edge.target]];
    if (edge.formula.includes(' += ')) return edge.formula.slice(edge.formula.indexOf(' += ') + 4);
    if (target.kind === 'entry' && source.entry !== null) {
      const position = this.tape.operands[target.entry].indexOf(source.entry);
      const twin = this.graph.edges.filter((other) => other.target === edge.target && other.source === edge.source);
      if (twin.length < 2 && position >= 0) return contributionText(this.tape, target.entry, position, this.labels);
    }
    return `${adjointName(target.label)} * ${factorText(edge.formula || '∂')}`;
  }
}

function factorText(formula) {
  return /^[\p{L}\p{N}_.∂/]+(\([^()]*\))?$/u.test(formula) ? formula : `(${formula})`;
}

/** The additions of a sweep, one for each contribution, in order. */
function stepsOf(graph) {
  const edges = graph.edges.map((edge, place) => ({ edge, place })).filter(({ edge }) => edge.contribution !== null);
  edges.sort((one, other) => one.edge.step - other.edge.step);
  const sums = new Map();
  const counts = new Map();
  const steps = edges.map(({ edge, place }) => {
    const { source, target, contribution, step } = edge;
    const before = sums.get(source) ?? eachElement(() => 0, contribution);
    const after = added(before, contribution);
    const nth = (counts.get(source) ?? 0) + 1;
    sums.set(source, after);
    counts.set(source, nth);
    return { step, place, edge, source, target, contribution, before, after, nth };
  });
  return steps.map((one) => ({ ...one, of: counts.get(one.source) }));
}

/** `w[2]`, `X[1, 0]`: an element as the program writes it. */
export function elementName(name, shape, index) {
  const subscripts = shape.length === 1 ? [index] : [Math.floor(index / shape[1]), index % shape[1]];
  return `${name}[${subscripts.join(', ')}]`;
}

/** A point with one number in another place. */
export function withElement(point, name, index, number) {
  if (index === null) return { ...point, [name]: number };
  const data = Float64Array.from(point[name].data);
  data[index] = number;
  return { ...point, [name]: new NDArray(shapeOf(point[name]), data) };
}
