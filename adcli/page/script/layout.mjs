// Where nodes and edges of a graph stand: in layers, what is read before what reads it.
//
// Sugiyama, Tagawa and Toda's method (1981): longest paths give the layers, barycentres the order in them, and places
// come from the means of the neighbours. An edge that has a label has a place for it in a layer between two layers of
// nodes, as in Gansner et al. (1993), so no label can stand on anything else.

import { adjointName } from './describe.mjs';
import { countText, numberText } from '../../emit/script/numbers.mjs';

const ROUNDS = 24; // of ordering, and of placing
const LAYER_GAP = 20; // between layers, for curves to turn
const MOST_GAP = 55; // where there is room
const NODES_APART = 14; // in a layer
const LANE = 12; // what an edge takes that passes through a layer
const MARGIN = 12;
const PORTS_APART = 14; // between the ends of edges at a node
const TIP = 8; // length of the head of an arrow
const NARROW = 560; // px, below which what is too wide goes from top to bottom
const WIDEST = 1800; // of what goes from left to right, if nobody asks for it

/** Heights of a box, and of the block of an adjoint below it. */
export const BOX = 50;
export const BLOCK = 23;

/** Sizes of letters: of names, of values, of formulas and contributions. */
export const TEXT_SIZES = { text: 12.5, value: 14.5, small: 11.5 };

const LEAST_BOX = 76;
const LEAST_LOZENGE = 40;
const LONGEST_LINE = 30; // letters of a line in a box
const LONGEST_NUMBER = 18; // letters in a lozenge, and of a formula above it
const SHORT_FORMULA = 8; // letters of a formula in place of a partial
const COVERED = '?'; // wherever an answer is not to be seen, so that its width tells nothing

/**
 * The texts of a graph: of each node `heading` (its name and the rest), `value` and `adjoint` (its block); of each edge
 * `partial` (in the lozenge), `formula` (above) and `contribution` (below); empty where there is none.
 *
 * `sweep` is whether adjoints and contributions are there, `covered` what `coveredBy` gives, or null.
 */
export function textsOf(graph, { sweep = Boolean(graph.swept), covered = null } = {}) {
  return {
    nodes: graph.nodes.map((node, place) => ({
      heading: headingTexts(node),
      value: valueText(node),
      adjoint: sweep ? adjointText(node, covered?.adjoints.has(place)) : '',
    })),
    edges: graph.edges.map((edge, place) => edgeTexts(edge, sweep, covered, place)),
  };
}

/**
 * A graph with its places: from left to right, or from top to bottom (`down`, or null for what suits a width).
 *
 * `measure(text, size, weight)` is how wide a text is. Of each node `x` and `y` are the middle of its box and block
 * together, `w` and `h` their size, and `layer` counts from the inputs; of each edge `path` is the data of a path,
 * `tip` and `back` the corners of an arrow at its target and, for a sweep, at its source, `points` its ends, `label`
 * the middle of its lozenge, `w` how wide that is, and `h` how high it is with its formula and contribution (null for
 * none). What fits leaves the rest of the width at both sides.
 */
export function layoutOf(graph, measure, width = Infinity, down = null, texts = textsOf(graph)) {
  const nodes = texts.nodes.map((own) => boxSize(own, measure));
  const lozenges = texts.edges.map(({ partial }) => (
    partial ? Math.max(LEAST_LOZENGE, measure(partial, TEXT_SIZES.text, 600) + 24) : 0));
  const labels = texts.edges.map((own, place) => labelSize(own, lozenges[place], measure));
  const ends = graph.edges.map(({ source, target }) => [source, target]);
  let isDown = Boolean(down);
  let placed = placesOf(nodes, ends, labels, isDown);
  if (down === null && placed.width > (width < NARROW ? width : WIDEST)) {
    isDown = true;
    placed = placesOf(nodes, ends, labels, isDown);
  } else if (!isDown && Number.isFinite(width) && placed.width < width && placed.gaps) {
    const gap = Math.min(MOST_GAP, LAYER_GAP + (width - placed.width) / placed.gaps);
    placed = placesOf(nodes, ends, labels, isDown, gap);
  }
  const wide = Number.isFinite(width) ? Math.max(width, placed.width) : placed.width;
  const shift = (wide - placed.width) / 2;
  const moved = ({ x, y }) => ({ x: x + shift, y });
  return {
    width: wide,
    height: placed.height,
    down: isDown,
    texts,
    nodes: placed.nodes.map((place, at) => ({
      ...moved(place), w: nodes[at].width, h: nodes[at].height, layer: placed.layers[at],
    })),
    edges: placed.routes.map((route, at) => {
      const points = route.points.map(moved);
      return {
        path: pathOf(points, isDown),
        tip: headOf(points.at(-1), -TIP, isDown),
        back: headOf(points[0], TIP, isDown),
        points,
        label: route.label === null ? null : { ...moved(route.label), w: lozenges[at], h: labels[at].height },
      };
    }),
  };
}

/* Texts. */

function headingTexts(node) {
  if (node.kind === 'guard') return ['', shortened(`if ${node.operation}`, LONGEST_LINE)];
  if (node.kind === 'input') return [shortened(node.label, LONGEST_LINE - 6), ' input'];
  const label = shortened(node.label, LONGEST_LINE / 2);
  return [label, ` = ${shortened(node.operation, LONGEST_LINE - 3 - label.length)}`];
}

function valueText(node) {
  if (node.kind === 'guard') return node.value ? 'holds' : 'fails';
  return node.entry === null ? `${countText(node.hides)} entries` : shortened(briefText(node.value), LONGEST_LINE);
}

function adjointText(node, isCovered) {
  if (node.kind === 'guard' || node.entry === null || node.adjoint === null) return '';
  return shortened(`${adjointName(node.label)} ${isCovered ? COVERED : briefText(node.adjoint)}`, LONGEST_LINE + 4);
}

function edgeTexts(edge, sweep, covered, place) {
  if (edge.guard) return { partial: '', formula: '', contribution: '' };
  const received = sweep && edge.contribution !== null;
  const contribution = !received ? '' : covered?.contributions.has(place) ? COVERED : signedText(edge.contribution);
  if (covered?.partials.has(place)) return { partial: COVERED, formula: '', contribution };
  const partial = slopeText(edge);
  const isShown = edge.formula.length <= LONGEST_NUMBER && edge.formula !== partial;
  return { partial, formula: isShown ? edge.formula : '', contribution };
}

/** A partial as a number; of arrays its formula where that is short, else a sign. */
function slopeText(edge) {
  if (edge.partial !== null) return shortened(briefText(edge.partial), LONGEST_NUMBER);
  return edge.formula && edge.formula.length <= SHORT_FORMULA ? edge.formula : '∂';
}

function signedText(value) {
  const text = shortened(briefText(value), LONGEST_LINE);
  return '-['.includes(text[0]) ? text : `+${text}`;
}

/** A value as it stands beside much else: a number, or of an array no more than two elements, with fewer digits. */
export function briefText(value) {
  if (typeof value === 'number') return numberText(value, 6);
  const { shape, data } = value;
  const isMatrix = shape.length === 2;
  const shown = (numbers, digits) => Array.from(numbers, (number) => numberText(number, digits)).join(', ');
  if (data.length > 3) {
    const leading = shown(data.slice(0, 2), 3);
    return isMatrix ? `[[${leading}, …], …]` : `[${leading}, …]`;
  }
  if (!isMatrix) return `[${shown(data, 6)}]`;
  const rows = Array.from({ length: shape[0] }, (_, row) => data.slice(row * shape[1], (row + 1) * shape[1]));
  return `[${rows.map((row) => `[${shown(row, 6)}]`).join(', ')}]`;
}

/** A text without its middle where it is long. */
export function shortened(text, most) {
  if (text.length <= most) return text;
  const half = Math.floor((most - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(text.length - (most - 1 - half))}`;
}

/* Sizes. */

function boxSize({ heading, value, adjoint }, measure) {
  const name = measure(heading[0], TEXT_SIZES.text, 700) + measure(heading[1], TEXT_SIZES.text, 400);
  const width = Math.max(LEAST_BOX, 20 + name, 20 + measure(value, TEXT_SIZES.value, 400),
    adjoint ? 12 + measure(adjoint, TEXT_SIZES.text, 600) : 0);
  return { width, height: adjoint ? BOX + BLOCK : BOX };
}

function labelSize({ partial, formula, contribution }, lozenge, measure) {
  if (!partial) return null;
  const small = (text, weight) => (text ? measure(text, TEXT_SIZES.small, weight) + 4 : 0);
  const width = Math.max(lozenge, small(formula, 400), small(contribution, 700));
  return { width, height: 22 + 2 * (formula || contribution ? 15 : 2) };
}

/* Curves. */

/** Curves with straight pieces between them: each leaves and arrives along the direction of the edges. */
function pathOf(points, down) {
  const text = ({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`;
  const curves = [];
  for (let at = 0; at < points.length; at += 2) {
    const [start, end] = [points[at], points[at + 1]];
    const middle = down ? (start.y + end.y) / 2 : (start.x + end.x) / 2;
    const [one, two] = down
      ? [{ x: start.x, y: middle }, { x: end.x, y: middle }]
      : [{ x: middle, y: start.y }, { x: middle, y: end.y }];
    curves.push(`${text(start)}C${text(one)} ${text(two)} ${text(end)}`);
  }
  return `M${curves.join('L')}`;
}

/** The corners of the head of an arrow, as the points of a polygon. */
function headOf({ x, y }, size, down) {
  const half = TIP / 2;
  const corners = down
    ? [[x, y], [x - half, y + size], [x + half, y + size]]
    : [[x, y], [x + size, y - half], [x + size, y + half]];
  return corners.map((corner) => corner.map((number) => number.toFixed(1)).join(',')).join(' ');
}

/* Places. */

/**
 * The middles of nodes and the routes of edges: `nodes` and `labels` are sizes (a label null for none), `edges` pairs
 * of places. `gaps` is how many gaps there are between layers, `layers` the layer of each node.
 */
export function placesOf(nodes, edges, labels, down = false, gap = LAYER_GAP) {
  const extent = ({ width, height }) => (down ? [height, width] : [width, height]);
  const ranks = ranksOf(nodes.length, edges);
  const places = nodes.map((size, node) => layerPlace(2 * ranks[node], ...extent(size), true));
  const chains = edges.map(([source, target], edge) => (
    chainOf(places[source], places[target], labels[edge] === null ? null : extent(labels[edge]))));
  const layers = Array.from({ length: 1 + Math.max(0, ...places.map((place) => place.layer)) }, () => []);
  for (const place of [...places, ...chains.flatMap((chain) => chain.slice(1, -1))]) layers[place.layer].push(place);
  orderLayers(layers);
  const across = placeAcross(layers, chains);
  const along = placeAlong(layers, gap);
  const turned = (one, other) => (down ? { x: other, y: one } : { x: one, y: other });
  const ends = portsOf(places, chains);
  const size = turned(along, across);
  return {
    nodes: places.map((place) => turned(place.along, place.across)),
    routes: chains.map((chain, edge) => routeOf(chain, ends[edge], labels[edge] !== null, turned)),
    layers: ranks,
    gaps: layers.length - 1,
    width: size.x,
    height: size.y,
  };
}

/** A node, a label, or an edge on its way through a layer. */
function layerPlace(layer, length, breadth, isReal = false) {
  return { layer, length, breadth, isReal, order: 0, along: 0, across: 0, before: [], behind: [] };
}

/** The layer of each node: as early as what it reads allows, then as late as its readers allow. */
function ranksOf(count, edges) {
  const reads = Array.from({ length: count }, () => []);
  const readers = Array.from({ length: count }, () => []);
  for (const [source, target] of edges) {
    reads[target].push(source);
    readers[source].push(target);
  }
  const ranks = new Array(count).fill(0);
  for (let node = 0; node < count; node += 1) {
    ranks[node] = Math.max(0, ...reads[node].map((source) => ranks[source] + 1));
  }
  for (let node = count - 1; node >= 0; node -= 1) {
    if (readers[node].length) ranks[node] = Math.min(...readers[node].map((reader) => ranks[reader])) - 1;
  }
  const least = count ? Math.min(...ranks) : 0;
  return ranks.map((rank) => rank - least);
}

/** The places of an edge in each layer from its source to its target; its label stands before the target. */
function chainOf(source, target, label) {
  const chain = [source];
  for (let layer = source.layer + 1; layer < target.layer; layer += 1) {
    const [length, breadth] = layer === target.layer - 1 && label ? label : [0, LANE];
    chain.push(layerPlace(layer, length, breadth));
  }
  chain.push(target);
  for (let at = 1; at < chain.length; at += 1) {
    chain[at - 1].behind.push(chain[at]);
    chain[at].before.push(chain[at - 1]);
  }
  return chain;
}

/** Order the places of each layer so that few edges cross: by the barycentres of their neighbours. */
function orderLayers(layers) {
  numberLayers(layers);
  let best = layers.map((layer) => [...layer]);
  let least = crossingsOf(layers);
  for (let turn = 0; turn < ROUNDS && least; turn += 1) {
    if (turn === ROUNDS / 2) { // once more, from another beginning
      layers.forEach((layer) => layer.reverse());
      numberLayers(layers);
    }
    const forward = turn % 2 === 0;
    for (const layer of forward ? layers : [...layers].reverse()) {
      const keys = new Map(layer.map((place) => [place, barycentreOf(place, forward)]));
      layer.sort((one, other) => keys.get(one) - keys.get(other));
      numberLayers([layer]);
    }
    const crossings = crossingsOf(layers);
    if (crossings < least) {
      best = layers.map((layer) => [...layer]);
      least = crossings;
    }
  }
  best.forEach((layer, number) => { layers[number] = layer; });
  numberLayers(layers);
}

function numberLayers(layers) {
  layers.forEach((layer) => layer.forEach((place, order) => { place.order = order; }));
}

function barycentreOf(place, forward) {
  const neighbours = forward ? place.before : place.behind;
  if (!neighbours.length) return place.order;
  return neighbours.reduce((sum, other) => sum + other.order, 0) / neighbours.length;
}

/** How many pairs of edges between neighbouring layers cross. */
function crossingsOf(layers) {
  let crossings = 0;
  for (const layer of layers) {
    const ends = layer.flatMap((place) => place.behind.map((other) => other.order).sort((one, other) => one - other));
    ends.forEach((end, at) => {
      for (let later = at + 1; later < ends.length; later += 1) if (ends[later] < end) crossings += 1;
    });
  }
  return crossings;
}

/** Place everything across the direction: near its neighbours, and apart in its layer; the size of all. */
function placeAcross(layers, chains) {
  layers.forEach((layer) => spreadLayer(layer, layer.map(() => 0)));
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    for (const layer of turn % 2 === 0 ? layers : [...layers].reverse()) spreadLayer(layer, layer.map(wishOf));
  }
  const sorted = [...chains].sort((one, other) => other.length - one.length); // the longest choose first
  for (const chain of [...sorted, ...sorted]) straighten(layers, chain.slice(1, -1).filter((place) => !place.length));
  const everything = layers.flat();
  if (!everything.length) return 2 * MARGIN;
  const low = Math.min(...everything.map((place) => place.across - place.breadth / 2));
  const high = Math.max(...everything.map((place) => place.across + place.breadth / 2));
  everything.forEach((place) => { place.across += MARGIN - low; });
  return high - low + 2 * MARGIN;
}

/** The mean of the neighbours; a straight line matters more to what is on its way. */
function wishOf(place) {
  const neighbours = [...place.before, ...place.behind];
  if (!neighbours.length) return place.across;
  const weights = neighbours.map((other) => (place.isReal || other.isReal ? 1 : 4));
  const total = neighbours.reduce((sum, other, at) => sum + weights[at] * other.across, 0);
  return total / weights.reduce((sum, weight) => sum + weight, 0);
}

/**
 * Place a layer as near to the wishes as its order and sizes allow, by least squares: neighbours that would stand on
 * each other move together, at the mean of what they wish.
 */
function spreadLayer(layer, wishes) {
  const offsets = [];
  let reach = 0;
  layer.forEach((place, at) => {
    if (at) reach += (layer[at - 1].breadth + place.breadth) / 2 + NODES_APART;
    offsets.push(reach);
  });
  const blocks = []; // the mean of each, and of how many
  wishes.forEach((wish, at) => {
    let [mean, count] = [wish - offsets[at], 1];
    while (blocks.length && blocks.at(-1)[0] >= mean) {
      const [other, others] = blocks.pop();
      mean = (mean * count + other * others) / (count + others);
      count += others;
    }
    blocks.push([mean, count]);
  });
  const means = blocks.flatMap(([mean, count]) => new Array(count).fill(mean));
  layer.forEach((place, at) => { place.across = means[at] + offsets[at]; });
}

/** Give an edge the same place in neighbouring layers, as far as what stands beside it there allows. */
function straighten(layers, lanes) {
  let run = [];
  let [low, high] = [-Infinity, Infinity];
  for (const place of [...lanes, null]) {
    const [least, most] = place === null ? [Infinity, -Infinity] : roomOf(layers[place.layer], place);
    if (Math.max(low, least) > Math.min(high, most)) {
      const mean = run.reduce((sum, one) => sum + one.across, 0) / Math.max(run.length, 1);
      for (const one of run) one.across = Math.min(Math.max(mean, low), high);
      run = [];
      [low, high] = [-Infinity, Infinity];
    }
    if (place !== null) {
      run.push(place);
      [low, high] = [Math.max(low, least), Math.min(high, most)];
    }
  }
}

/** Between which places a place of a layer may stand. */
function roomOf(layer, place) {
  let [least, most] = [-Infinity, Infinity];
  const apart = (other) => (other.breadth + place.breadth) / 2 + NODES_APART;
  if (place.order) {
    const other = layer[place.order - 1];
    least = other.across + apart(other);
  }
  if (place.order < layer.length - 1) {
    const other = layer[place.order + 1];
    most = other.across - apart(other);
  }
  return [Math.min(least, place.across), Math.max(most, place.across)]; // where it stands it may stay
}

/** Place the layers behind each other; the size of all. */
function placeAlong(layers, gap) {
  let reach = MARGIN;
  layers.forEach((layer, number) => {
    const length = Math.max(0, ...layer.map((place) => place.length));
    for (const place of layer) {
      place.along = reach + length / 2;
      if (!place.length) place.length = length; // what passes through does so straight, beside what stands there
    }
    reach += length + (number < layers.length - 1 ? gap : MARGIN);
  });
  return reach;
}

/** Where each edge leaves its source and reaches its target, across: in the order of where they come from. */
function portsOf(places, chains) {
  const ends = chains.map((chain) => [chain[0].across, chain.at(-1).across]);
  const numbersAt = (end) => {
    const numbers = new Map(places.map((place) => [place, []]));
    chains.forEach((chain, number) => numbers.get(chain.at(end)).push(number));
    return numbers;
  };
  for (const [side, own, near] of [[0, numbersAt(0), 1], [1, numbersAt(-1), -2]]) {
    for (const place of places) {
      const acrossOf = (number) => chains[number].at(near).across;
      const numbers = own.get(place).sort((one, other) => acrossOf(one) - acrossOf(other));
      const room = Math.min(PORTS_APART, (place.breadth - 16) / Math.max(numbers.length, 1));
      numbers.forEach((number, at) => { ends[number][side] = place.across + (at - (numbers.length - 1) / 2) * room; });
    }
  }
  return ends;
}

/** The way of an edge, in pairs of points: a curve goes from the first of a pair to the second. */
function routeOf(chain, [first, last], hasLabel, turned) {
  const [source, target] = [chain[0], chain.at(-1)];
  const points = [turned(source.along + source.length / 2, first)];
  for (const place of chain.slice(1, -1)) {
    points.push(turned(place.along - place.length / 2, place.across));
    points.push(turned(place.along + place.length / 2, place.across));
  }
  points.push(turned(target.along - target.length / 2, last));
  return { points, label: hasLabel ? turned(chain.at(-2).along, chain.at(-2).across) : null };
}
