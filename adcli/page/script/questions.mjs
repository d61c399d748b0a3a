// Questions on a run, with hints, and what wrong answers may come from.

import { adjointName, enumeratedTexts } from './describe.mjs';
import { numberText } from '../../emit/script/numbers.mjs';

const NEAR = 5e-3; // of an answer, relative to the truth
const NEAR_ZERO = 5e-4;
const MOST_SLIPS = 2; // that are told of one answer
const MOST_PATHS = 12; // that are told one by one
const FEWEST_SENT = 2; // contributions into a node that is asked about
const MOST_SENT = 4;
const PLAIN_PARTIAL = /^-?[\d.]+( \/ [\d.]+)?$/; // a partial that is no more than a number
const TRIGONOMETRIC = /(?<![\p{L}\p{N}_])(sin|cos|tan)\(([\p{L}\p{N}_]+)\)/gu;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/gu;
const ONE_NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;
const FACTOR = /^[\p{L}\p{N}_.]+(\([^()]*\))?$/u;
const HOW_OFTEN = { 2: 'twice', 3: 'three times', 4: 'four times' };
const CHECKED_STEPS = [1e-1, 1e-5, 1e-13];
const CLEARLY = 10; // how many times nearer the nearest step is

const MODES = {
  partial: 'forward', tangent: 'forward', contribution: 'reverse', adjoint: 'reverse', gradient: 'reverse',
  growth: 'reverse', which: 'reverse', cost: 'cost', check: 'check',
};

/**
 * All questions on a run.
 *
 * The subject has `graph` (of a run, with its sweep), `evaluate` (the value of a formula over the names of the
 * program), `cost` (of the gradient), and where a step of a difference is to be asked about `errorAt(label, step)`
 * (how far the central difference by an input is from its derivative). The words are the table of sentences.
 */
export function questionsOf(subject, words) {
  const makers = [partialQuestions, contributionQuestions, adjointQuestions, gradientQuestions, growthQuestions,
    whichQuestions, tangentQuestions, costQuestions, checkQuestions];
  const told = toldBy(words);
  const all = makers.flatMap((make) => [...make(subject, told)]).filter((one) => Number.isFinite(one.truth));
  const met = new Map(); // `x * x` has two partials by x
  for (const one of all) {
    const times = (met.get(one.key) ?? 0) + 1;
    met.set(one.key, times);
    if (times > 1) one.key += ` (${times})`;
  }
  return all;
}

/**
 * The questions that a page asks: at first one of each kind, then a second one, by rank; in the order of the modes.
 *
 * The question on the step of a difference comes on top of `most`.
 */
export function chosenQuestions(subject, words, most = 8) {
  const pools = new Map();
  for (const question of questionsOf(subject, words)) {
    pools.set(question.kind, [...(pools.get(question.kind) ?? []), question]);
  }
  for (const [kind, pool] of pools) pools.set(kind, ranked(kind, pool, subject));
  const kinds = ['adjoint', 'partial', 'gradient', 'tangent', 'which', 'growth', 'cost', 'contribution'];
  const rounds = [0, 1].flatMap((round) => kinds.map((kind) => pools.get(kind)?.[round])).filter(Boolean);
  const chosen = rounds.slice(0, most);
  for (const mode of ['forward', 'reverse']) {
    const missing = rounds.find((one) => one.mode === mode);
    if (missing && chosen.length && !chosen.some((one) => one.mode === mode)) chosen[chosen.length - 1] = missing;
  }
  chosen.push(...(pools.get('check') ?? []).slice(0, 1));
  const order = Object.keys(MODES);
  const modes = ['forward', 'reverse', 'cost', 'check'];
  const place = (one) => modes.indexOf(one.mode) * order.length + order.indexOf(one.kind);
  return chosen.sort((one, other) => place(one) - place(other));
}

/** Whether a number is right to about three digits. */
export function isNear(number, truth) {
  return Math.abs(number - truth) <= (truth === 0 ? NEAR_ZERO : NEAR * Math.abs(truth));
}

/** What is said of a wrong number: of all that it fits, and that does not fit the truth as well. */
export function diagnosisOf(question, number, text, words) {
  const fits = (slip) => Number.isFinite(slip.number) && isNear(number, slip.number)
    && !isNear(slip.number, question.truth);
  const fitting = question.slips.filter(fits).map((slip) => slip.says);
  if (!fitting.length) return saidOf(words, 'no guess', { text });
  return [...new Set(fitting.slice(0, MOST_SLIPS))].join(saidOf(words, 'or'));
}

/** A sentence of the table, with what stands in its places. */
export function saidOf(words, key, fields = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => String(fields[name]));
}

/**
 * What has to be covered while a question is open: its answer, and all that is computed from it.
 *
 * Places of nodes whose adjoints or tangents, and of edges whose partials or contributions, are not to be seen.
 */
export function coveredBy(graph, question) {
  const covered = { adjoints: new Set(), tangents: new Set(), partials: new Set(), contributions: new Set() };
  const { kind } = question;
  if (kind === 'partial') question.edges.forEach((edge) => coverAlike(graph, edge, covered.partials));
  if (kind === 'partial' || kind === 'contribution') question.edges.forEach((edge) => covered.contributions.add(edge));
  if (kind === 'tangent') coverTangents(graph, question.nodes, covered);
  else question.nodes.forEach((node) => covered.adjoints.add(node));
  // what is read stands before what reads it: one walk from the last node to the first one finds all
  const entering = graph.nodes.map(() => []);
  graph.edges.forEach((edge, place) => entering[edge.target].push(place));
  for (let node = graph.nodes.length - 1; node >= 0; node -= 1) {
    for (const place of entering[node]) {
      const edge = graph.edges[place];
      if (edge.contribution === null) continue;
      if (covered.adjoints.has(node)) covered.contributions.add(place);
      if (covered.contributions.has(place)) covered.adjoints.add(edge.source);
    }
  }
  return covered;
}

/** A partial, and those of the same rule with the same number, which would tell it. */
function coverAlike(graph, place, partials) {
  const { formula, partial } = graph.edges[place];
  const ruleOf = (text) => text.replace(NAME, namesApart);
  graph.edges.forEach((other, at) => {
    if (other.partial === partial && ruleOf(other.formula) === ruleOf(formula)) partials.add(at);
  });
}

function coverTangents(graph, nodes, covered) {
  nodes.forEach((node) => covered.tangents.add(node));
  const leaving = edgesBySource(graph);
  for (let node = 0; node < graph.nodes.length; node += 1) {
    if (covered.tangents.has(node)) for (const edge of leaving.get(node) ?? []) covered.tangents.add(edge.target);
  }
}

const toldBy = (words) => (key, fields) => saidOf(words, key, fields);

/** A question as an object: of a kind, with a key that stays the same when the inputs move. */
function question(kind, key, parts) {
  return {
    kind, key: `${kind}: ${key}`, mode: MODES[kind], slips: [], choices: [], leads: '', nodes: [], edges: [], ...parts,
  };
}

/* Words for numbers and nodes. */

const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);
const asNumber = (value) => (typeof value === 'number' ? value : NaN);
const numberWords = (number) => numberText(number + 0, 6);
const tangentLabel = (label) => `dot_${label}`;
const bracketed = (formula) => (FACTOR.test(formula) ? formula : `(${formula})`);
const entryWords = (node, told) => told('entry', { label: node.label, operation: node.operation });
const atLine = (node, told) => (node.line === null ? '' : told('at line', { line: node.line }));
const soOften = (count, told) => told(HOW_OFTEN[count] ?? 'so often', { count });

function sentWords(edge, reader) {
  return `${adjointName(reader.label)} * ${bracketed(edge.formula || '∂')}`;
}

/** `x = 2 and y = 3`: the inputs that are numbers. */
function pointWords(subject) {
  const numbers = subject.graph.nodes.filter((node) => node.kind === 'input' && isNumber(node.value));
  return enumeratedTexts(numbers.map((node) => `${node.label} = ${numberWords(node.value)}`));
}

function valueOf(subject, formula) {
  return subject.evaluate(formula) ?? NaN;
}

function isKnown(subject, name) {
  return subject.graph.nodes.some((node) => node.label === name) && Number.isFinite(valueOf(subject, name));
}

/** `x = 2 and y = 3`: the values of the names in a formula. */
function statedNames(subject, formula) {
  const names = [...new Set(formula.match(NAME) ?? [])].filter((name) => isKnown(subject, name));
  return enumeratedTexts(names.map((name) => `${name} = ${numberWords(valueOf(subject, name))}`));
}

/** The nodes of inputs that are numbers and reach the output. */
function inputPlaces(graph) {
  return [...graph.nodes.keys()].filter((place) => {
    const node = graph.nodes[place];
    return node.kind === 'input' && isNumber(node.value) && isNumber(node.adjoint);
  });
}

const outputPlace = (graph) => graph.nodes.findIndex((node) => node.label === graph.swept);

/* Paths. */

/** The edges that derivatives go along, by the node that is read. */
export function edgesBySource(graph) {
  const readers = new Map();
  for (const edge of graph.edges) {
    if (edge.guard) continue;
    if (!readers.has(edge.source)) readers.set(edge.source, []);
    readers.get(edge.source).push(edge);
  }
  return readers;
}

/** All paths between two nodes, each with its nodes and edges; null for too many, or a partial that is no number. */
export function pathsBetween(graph, source, target) {
  const readers = edgesBySource(graph);
  const found = [];
  const todo = [{ nodes: [source], edges: [] }];
  while (todo.length) {
    const path = todo.pop();
    const last = path.nodes.at(-1);
    if (last === target) {
      found.push(path);
      if (found.length > MOST_PATHS) return null;
      continue;
    }
    for (const edge of [...(readers.get(last) ?? [])].reverse()) {
      if (edge.target > target) continue;
      if (edge.partial === null) return null;
      todo.push({ nodes: [...path.nodes, edge.target], edges: [...path.edges, edge] });
    }
    if (todo.length > 20 * MOST_PATHS) return null;
  }
  return found;
}

/** The product of the partials along a path. */
export function productOf(path) {
  return path.edges.reduce((product, edge) => product * edge.partial, 1);
}

/** `x → a → L`. */
export function pathText(path, graph) {
  return path.nodes.map((node) => graph.nodes[node].label).join(' → ');
}

/* One step. */

/** Partials that are more than a number of their rule. */
function* partialQuestions(subject, told) {
  const { graph } = subject;
  for (const [place, edge] of graph.edges.entries()) {
    const source = graph.nodes[edge.source];
    const target = graph.nodes[edge.target];
    const plain = !edge.formula || PLAIN_PARTIAL.test(edge.formula);
    if (!isNumber(edge.partial) || target.kind !== 'entry' || plain) continue;
    const truth = edge.partial;
    const stated = statedNames(subject, target.operation);
    const step = { target: target.label, source: source.label, formula: edge.formula };
    const slips = [{ number: -truth, says: told('partial sign', step) }];
    if (edge.formula.search(TRIGONOMETRIC) >= 0) {
      const number = valueOf(subject, edge.formula.replace(TRIGONOMETRIC, '$1($2 * pi / 180)'));
      slips.push({ number, says: told('partial degrees') });
    }
    slips.push({ number: asNumber(target.value), says: told('partial value', step) });
    slips.push({ number: asNumber(source.value), says: told('partial source', step) });
    if (truth !== 0) slips.push({ number: 1 / truth, says: told('partial inverse') });
    if (isNumber(source.adjoint)) {
      const way = { ...step, bar: adjointName(source.label), swept: graph.swept };
      slips.push({ number: source.adjoint, says: told('partial whole way', way) });
    }
    const key = stated ? 'partial where' : 'partial';
    yield question('partial', `∂${target.label}/∂${source.label}`, {
      asked: told(key, { ...step, operation: target.operation, stated }),
      truth,
      hints: [told('partial hint 1', step), told('partial hint 2', step), putIn(subject, edge.formula, told)],
      because: told('partial because', step),
      slips,
      edges: [place],
    });
  }
}

/** The last hint to a partial, which has the numbers, and not the result. */
function putIn(subject, formula, told) {
  if (ONE_NAME.test(formula)) return told('partial name', { formula });
  const stated = statedNames(subject, formula);
  return told(stated ? 'partial put in' : 'partial work out', { stated, formula });
}

/** What the sweep adds to an adjoint at one entry. */
function* contributionQuestions(subject, told) {
  const { graph } = subject;
  for (const [place, edge] of graph.edges.entries()) {
    const source = graph.nodes[edge.source];
    const target = graph.nodes[edge.target];
    const { contribution: truth, partial } = edge;
    if (!isNumber(truth) || !isNumber(partial) || !isNumber(target.adjoint)) continue;
    if (target.label === graph.swept || source.kind === 'guard') continue;
    const adjoint = target.adjoint;
    const step = {
      bar: adjointName(target.label), into: adjointName(source.label), source: source.label,
      factor: bracketed(edge.formula || `∂${target.label}/∂${source.label}`),
    };
    const numbers = { adjoint: numberWords(adjoint), partial: numberWords(partial) };
    const slips = [
      { number: -truth, says: told('other sign') },
      { number: partial, says: told('contribution partial', step) },
      { number: adjoint, says: told('contribution adjoint', step) },
      { number: adjoint + partial, says: told('contribution sum') },
    ];
    if (partial !== 0) slips.push({ number: adjoint / partial, says: told('contribution quotient') });
    if (isNumber(source.adjoint)) slips.push({ number: source.adjoint, says: told('contribution end', step) });
    const added = told('contribution added', step);
    yield question('contribution', `${target.label} to ${source.label}`, {
      asked: told('contribution', { ...step, ...numbers, target: target.label, operation: target.operation }),
      truth,
      hints: [told('contribution hint 1', step), added, told('contribution numbers', numbers)],
      because: added,
      slips,
      edges: [place],
    });
  }
}

/* Sums. */

/** The adjoint of what is read a few times. */
function* adjointQuestions(subject, told) {
  const { graph } = subject;
  for (const [place, edges] of edgesBySource(graph)) {
    const node = graph.nodes[place];
    const sent = edges.filter((edge) => isNumber(edge.contribution) && isNumber(edge.partial));
    const few = sent.length >= FEWEST_SENT && sent.length <= MOST_SENT;
    if (!few || sent.length < edges.filter((edge) => edge.contribution !== null).length) continue;
    if (!isNumber(node.adjoint) || node.kind === 'fold') continue;
    const readers = sent.map((edge) => graph.nodes[edge.target]);
    const numbers = sent.map((edge, at) => (
      `${numberWords(asNumber(readers[at].adjoint))} · ${numberWords(edge.partial)}`));
    const { label } = node;
    yield question('adjoint', label, {
      asked: told('adjoint', {
        label, often: soOften(sent.length, told), bar: adjointName(label), swept: graph.swept,
      }),
      truth: node.adjoint,
      hints: [
        told('adjoint hint 1', { label }),
        told('adjoint hint 2', { terms: enumeratedTexts(sent.map((edge, at) => sentWords(edge, readers[at]))) }),
        told('numbers', { numbers: numbers.join(' + ') }),
      ],
      because: told('adjoint because'),
      slips: slipsOfSums(node, sent, readers, told),
      nodes: [place],
    });
  }
}

/** What a wrong adjoint of a node may come from that is read several times. */
function slipsOfSums(node, sent, readers, told) {
  const truth = node.adjoint;
  const slips = [];
  sent.forEach((edge, at) => {
    const reader = readers[at];
    const part = edge.contribution;
    const place = {
      label: node.label, reader: reader.label, entry: entryWords(reader, told), line: atLine(reader, told),
    };
    if (sent.length === 2) {
      slips.push({ number: truth - part, says: told('adjoint other', { ...place, other: readers[1 - at].label }) });
    } else {
      slips.push({ number: truth - part, says: told('adjoint without', place) });
      slips.push({ number: part, says: told('adjoint alone', place) });
    }
    slips.push({ number: truth - 2 * part, says: told('adjoint taken off', place) });
    if (!isNear(edge.partial, 1)) {
      const says = told('adjoint no partial', { bar: adjointName(reader.label), formula: edge.formula });
      slips.push({ number: truth - part + asNumber(reader.adjoint), says });
    }
  });
  const product = sent.reduce((all, edge) => all * edge.contribution, 1);
  slips.push({ number: -truth, says: told('other sign') });
  slips.push({ number: product, says: told('adjoint product') });
  slips.push({ number: asNumber(node.value), says: told('adjoint value', { label: node.label }) });
  return slips;
}

/** The derivative by an input, where its paths can be told. */
function* gradientQuestions(subject, told) {
  const { graph } = subject;
  for (const place of inputPlaces(graph)) {
    const node = graph.nodes[place];
    const paths = pathsBetween(graph, place, outputPlace(graph));
    if (!paths?.length) continue;
    const numbers = paths.map((path) => path.edges.map((edge) => numberWords(edge.partial)).join(' · ')).join(' + ');
    const way = { label: node.label, swept: graph.swept, point: pointWords(subject) };
    const count = paths.length;
    const texts = enumeratedTexts(paths.map((path) => pathText(path, graph)));
    const all = ['the one path', 'both paths'][count - 1] ?? 'all paths';
    yield question('gradient', node.label, {
      asked: told('gradient', way),
      truth: node.adjoint,
      hints: [
        told('gradient hint 1', way),
        told(count === 1 ? 'gradient path' : 'gradient paths', { count, paths: texts }),
        told('numbers', { numbers }),
      ],
      because: told('gradient because', { paths: told(all, { count }) }),
      slips: slipsOfPaths(graph, place, paths, told),
      nodes: [place],
    });
  }
}

/** What a wrong derivative by an input may come from. */
function slipsOfPaths(graph, place, paths, told) {
  const node = graph.nodes[place];
  const truth = node.adjoint;
  const slips = [];
  const key = paths.length === 2 ? 'gradient other right' : 'gradient others right';
  for (const path of paths.length > 1 ? paths : []) {
    slips.push({ number: truth - productOf(path), says: told(key, { path: pathText(path, graph) }) });
  }
  slips.push({ number: -truth, says: told('other sign') });
  for (const edge of edgesBySource(graph).get(place) ?? []) {
    const reader = graph.nodes[edge.target];
    if (isNumber(reader.adjoint) && edge.partial !== null && !isNear(edge.partial, 1)) {
      const says = told('gradient reader', { bar: adjointName(reader.label), entry: entryWords(reader, told) });
      slips.push({ number: reader.adjoint, says });
    }
  }
  for (const other of inputPlaces(graph).filter((input) => input !== place)) {
    const says = told('gradient other', { other: graph.nodes[other].label, label: node.label });
    slips.push({ number: graph.nodes[other].adjoint, says });
  }
  slips.push({ number: 2 * truth, says: told('gradient twice') });
  slips.push({ number: truth / 2, says: told('gradient half') });
  const output = graph.nodes[outputPlace(graph)];
  slips.push({ number: asNumber(output.value), says: told('gradient value', { swept: graph.swept }) });
  return slips;
}

/* Comparisons. */

/** Whether the output grows, falls or stays as an input grows. */
function* growthQuestions(subject, told) {
  const { graph } = subject;
  for (const place of inputPlaces(graph)) {
    const node = graph.nodes[place];
    const slope = node.adjoint;
    const paths = pathsBetween(graph, place, outputPlace(graph));
    const products = (paths ?? []).map((path) => numberWords(productOf(path)));
    const way = { label: node.label, swept: graph.swept };
    const bar = adjointName(node.label);
    yield question('growth', node.label, {
      asked: told('growth', { ...way, value: numberWords(node.value) }),
      truth: slope > 0 ? 0 : slope < 0 ? 1 : 2,
      hints: [
        told('growth hint 1', { bar }),
        told('growth hint 2', way),
        told('growth hint 3', { brings: products.length ? enumeratedTexts(products) : told('too many') }),
      ],
      because: told('growth because', { bar, adjoint: numberWords(slope) }),
      choices: ['grows', 'falls', 'stays'].map((key) => ({ key, text: told(key) })),
      leads: told('growth leads', way),
      nodes: [place],
    });
  }
}

/** Which of two inputs moves the output more. */
function* whichQuestions(subject, told) {
  const { graph } = subject;
  const inputs = inputPlaces(graph);
  for (const [at, second] of inputs.entries()) {
    if (!at) continue;
    const first = inputs[at - 1];
    const [one, two] = [graph.nodes[first], graph.nodes[second]];
    const sizes = [Math.abs(one.adjoint), Math.abs(two.adjoint)];
    if (isNear(sizes[0], sizes[1]) || isNear(sizes[1], sizes[0])) continue;
    const bars = { bar_one: adjointName(one.label), bar_two: adjointName(two.label) };
    const adjoints = { adjoint_one: numberWords(one.adjoint), adjoint_two: numberWords(two.adjoint) };
    const steps = { steps_one: lastSteps(graph, first), steps_two: lastSteps(graph, second) };
    yield question('which', `${one.label}, ${two.label}`, {
      asked: told('which', { one: one.label, two: two.label, swept: graph.swept }),
      truth: sizes[0] > sizes[1] ? 0 : 1,
      hints: [told('which hint 1'), told('which hint 2', bars), told('which hint 3', steps)],
      because: told('which because', { ...bars, ...adjoints }),
      choices: [one, two].map(({ label }) => ({ key: label, text: label })),
      leads: told('which leads'),
      nodes: [first, second],
    });
  }
}

function lastSteps(graph, place) {
  const sent = (edgesBySource(graph).get(place) ?? []).filter((edge) => edge.contribution !== null);
  return sent.map((edge) => sentWords(edge, graph.nodes[edge.target])).join(' + ') || '0';
}

/* Forward mode, and costs. */

/** The tangent of an entry as one input moves. */
function* tangentQuestions(subject, told) {
  const { graph } = subject;
  const entering = graph.nodes.map(() => []);
  for (const edge of graph.edges) if (!edge.guard) entering[edge.target].push(edge);
  for (const place of inputPlaces(graph)) {
    const moved = movedBy(graph, entering, place);
    for (const [target, tangent] of moved) {
      const node = graph.nodes[target];
      if (target === place || node.kind !== 'entry' || !isNumber(node.value)) continue;
      const parts = entering[target].filter((edge) => moved.has(edge.source));
      if (parts.every((edge) => isNear(asNumber(edge.partial), 1))) continue;
      yield tangentQuestion(subject, place, target, tangent, parts, moved, told);
    }
  }
}

/** The tangent of each node that moves with an input, where it is a number. */
function movedBy(graph, entering, place) {
  const moved = new Map([[place, 1]]);
  for (const [target, node] of graph.nodes.entries()) {
    const parts = entering[target].filter((edge) => moved.has(edge.source));
    if (!parts.length) continue;
    if (node.kind === 'guard' || !parts.every((edge) => isNumber(edge.partial))) break; // what follows may be unknown
    moved.set(target, parts.reduce((sum, edge) => sum + edge.partial * moved.get(edge.source), 0));
  }
  return moved;
}

function tangentQuestion(subject, place, target, truth, parts, moved, told) {
  const { graph } = subject;
  const start = graph.nodes[place];
  const node = graph.nodes[target];
  const operandOf = (edge) => graph.nodes[edge.source].label;
  const dot = tangentLabel(node.label);
  const terms = parts.map((edge) => `${tangentLabel(operandOf(edge))} * ${bracketed(edge.formula || '∂')}`);
  const numbers = parts.map((edge) => `${numberWords(moved.get(edge.source))} · ${numberWords(edge.partial)}`);
  const added = told('tangent sum', { dot, terms: terms.join(' + ') });
  const slips = [];
  for (const edge of parts.length > 1 ? parts : []) {
    const says = told('tangent without', { operand: operandOf(edge) });
    slips.push({ number: truth - edge.partial * moved.get(edge.source), says });
  }
  slips.push({ number: -truth, says: told('other sign') });
  slips.push({ number: asNumber(node.adjoint), says: told('tangent adjoint', { bar: adjointName(node.label) }) });
  slips.push({ number: asNumber(node.value), says: told('tangent value', { label: node.label }) });
  slips.push({ number: asNumber(start.adjoint), says: told('tangent further', { swept: graph.swept }) });
  for (const edge of parts) {
    const moving = { moving: tangentLabel(operandOf(edge)), tangent: numberWords(moved.get(edge.source)) };
    slips.push({ number: asNumber(edge.partial), says: told('tangent partial', moving) });
  }
  return question('tangent', `${node.label} by ${start.label}`, {
    asked: told('tangent', {
      dot_start: tangentLabel(start.label), point: pointWords(subject), dot, label: node.label,
      operation: node.operation,
    }),
    truth,
    hints: [
      told('tangent hint 1', { label: node.label, start: start.label }),
      added,
      told('numbers', { numbers: numbers.join(' + ') }),
    ],
    because: added,
    slips,
    nodes: [target],
    input: place,
  });
}

/** How many entries a gradient executes by forward mode, and by differences. */
function* costQuestions(subject, told) {
  const { cost, graph } = subject;
  if (cost.inputs < 2) return;
  const { value, inputs, reverse, forward, differences } = cost;
  const known = { value, inputs, reverse, swept: graph.swept, sweeps: forward - value };
  const slip = (number, key) => ({ number, says: told(key) });
  const asked = (kind, truth, slips) => question('cost', kind, {
    asked: told(`cost ${kind}`, known),
    truth,
    hints: [1, 2, 3].map((number) => told(`cost ${kind} hint ${number}`, known)),
    because: told(`cost ${kind} because`, known),
    slips,
  });
  yield asked('forward', forward, [
    slip(forward - value, 'cost sweeps'), slip(reverse, 'cost of reverse'), slip(differences, 'cost of differences'),
  ]);
  yield asked('differences', differences, [
    slip(differences / 2, 'cost one run'), slip(forward, 'cost of forward'), slip(reverse, 'cost of reverse'),
    slip(value * (inputs + 1), 'cost one-sided'),
  ]);
}

/** Which of three steps gives the best central difference, where one of them clearly does. */
function* checkQuestions(subject, told) {
  const { graph } = subject;
  for (const place of subject.errorAt ? inputPlaces(graph) : []) {
    const { label } = graph.nodes[place];
    const errors = CHECKED_STEPS.map((step) => Math.abs(subject.errorAt(label, step) ?? NaN));
    const truth = errors.indexOf(Math.min(...errors));
    if (truth !== 1 || !errors.every((error, at) => at === truth || error >= CLEARLY * errors[truth])) continue;
    yield question('check', label, {
      asked: told('check', { label }),
      truth,
      hints: [1, 2, 3].map((number) => told(`check hint ${number}`)),
      because: told('check because'),
      choices: CHECKED_STEPS.map(stepText).map((step) => ({ key: step, text: told('check step', { step }) })),
      leads: told('check leads'),
      nodes: [place],
    });
    return; // it is the same question by each input, and each costs six runs
  }
}

const stepText = (step) => step.toExponential().replace('e+', 'e');

/* The choice. */

/** The questions of a kind, those first that show most; of equals the one first that comes first in the program. */
function ranked(kind, pool, subject) {
  const rank = (one) => ({
    adjoint: () => -one.nodes[0], // the last fan-out is the first one that the sweep meets
    partial: () => -partialWorth(subject.graph.edges[one.edges[0]]),
    contribution: () => -contributionWorth(subject.graph.edges[one.edges[0]]),
    tangent: () => -tangentWorth(subject.graph, one),
    // by the second input first: the gradient is asked by the first one
    growth: () => (pool.length > 1 && one === pool[0] ? pool.length : pool.indexOf(one)),
  }[kind] ?? (() => 0))();
  const places = new Map(pool.map((one, place) => [one, place]));
  const sorted = [...pool].sort((one, other) => rank(one) - rank(other) || places.get(one) - places.get(other));
  // a partial or a step of the same rule twice teaches less than another one
  const { edges } = subject.graph;
  const ruleOf = (one) => (one.edges.length ? edges[one.edges[0]].formula.replace(NAME, namesApart) : null);
  const fresh = sorted.filter((one, place) => {
    const rule = ruleOf(one);
    return rule === null || sorted.findIndex((earlier) => ruleOf(earlier) === rule) === place;
  });
  return [...fresh, ...sorted.filter((one) => !fresh.includes(one))];
}

/** Of a formula's names only the functions stay, so that `cos(a)` and `cos(b)` are the same rule. */
function namesApart(name, offset, formula) {
  return formula[offset + name.length] === '(' ? name : 'x';
}

function partialWorth(edge) {
  const trigonometric = edge.formula.search(TRIGONOMETRIC) >= 0;
  return (trigonometric ? 4 : 0) + (edge.partial < 0 ? 3 : 0) + (/\(/.test(edge.formula) ? 1 : 0)
    + (ONE_NAME.test(edge.formula) ? -2 : 0);
}

function contributionWorth(edge) {
  return (isNear(edge.partial, 1) || edge.contribution === 0 ? -4 : 0) + (edge.partial < 0 ? 2 : 0)
    + (PLAIN_PARTIAL.test(edge.formula) ? 0 : 1);
}

/** An operand that is no input has a tangent of its own; that of the output is the gradient, which is asked as well. */
function tangentWorth(graph, one) {
  const [target] = one.nodes;
  const parts = graph.edges.filter((edge) => edge.target === target && !edge.guard);
  const inner = parts.some((edge) => graph.nodes[edge.source].kind !== 'input');
  return (inner ? 3 : 0) + (parts.length > 1 ? 1 : 0) + (graph.nodes[target].label === graph.swept ? -5 : 0);
}
