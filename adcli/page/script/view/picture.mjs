// The picture of the graph: boxes, lozenges on edges, and blocks of adjoints, as far as the steps have gone.
import { adjointName } from '../describe.mjs';
import { BLOCK, BOX, briefText, layoutOf, textsOf } from '../layout.mjs';
import { classNames, countedText, escaped, placeText, shownValue } from './words.mjs';

const LEAST_SCALE = 0.86; // letters are read above it; what is wider scrolls
const HEADING_LINE = 20; // below the top of a box
const VALUE_LINE = 40;
const ADJOINT_LINE = 66.5;
const POINTED = 12; // how far the ends of a decision go out
const pen = { context: null, family: '' };

/** How wide a text is in the font of the picture. */
export function measuredWidth(text, size, weight) {
  if (!pen.context) {
    pen.context = document.createElement('canvas').getContext('2d');
    pen.family = getComputedStyle(document.documentElement).getPropertyValue('--mono');
  }
  pen.context.font = `${weight} ${size}px ${pen.family}`;
  return pen.context.measureText(text).width;
}

/** Draw the graph into its place; nodes that were not there before fade in. */
export function drawPicture(view, host) {
  const { graph } = view.study;
  const width = Math.max(280, host.clientWidth || 640);
  const isReverse = view.state.mode === 'reverse';
  const texts = textsOf(graph, { sweep: isReverse, covered: view.covering.any ? view.covering : null });
  if (isReverse) {
    texts.nodes.forEach((own, place) => { own.adjoint = widestAdjoint(view, graph.nodes[place], place); });
  }
  const layout = layoutOf(graph, measuredWidth, width, null, texts);
  const scale = layout.width * LEAST_SCALE <= width ? Math.min(1, width / layout.width) : 1;
  const scrolls = layout.width * scale > width + 1;
  const way = layout.down ? 'inputs on top, outputs at the bottom' : 'inputs at the left, outputs at the right';
  const label = `Computation graph: ${graphWords(graph)}, ${way}. Arrow keys walk along the edges.`;
  const region = scrolls ? ' tabindex="0" role="region" aria-label="Graph, scrolls sideways"' : '';
  const drawing = pictureParts(view, layout);
  host.innerHTML = `<div class="scroll"${region}><svg id="graph" role="group" aria-label="${escaped(label)}" `
    + `viewBox="0 0 ${layout.width.toFixed(0)} ${layout.height.toFixed(0)}" `
    + `width="${(layout.width * scale).toFixed(0)}" `
    + `height="${(layout.height * scale).toFixed(0)}">${drawing}<g id="flight" aria-hidden="true"></g></svg></div>`
    + `${passHtml(view)}<ul class="legend">${legendHtml(view)}</ul>`;
  view.layout = layout;
  view.drawnKeys = new Set(graph.nodes.map((node, place) => view.keyOf(place)));
  if (scrolls) followStep(view, host.firstChild, layout, width, scale);
}

function graphWords(graph) {
  const guards = graph.nodes.filter(({ kind }) => kind === 'guard').length;
  const folds = graph.nodes.filter(({ kind }) => kind === 'fold').length;
  const parts = [countedText(graph.nodes.length - guards, 'node', 'nodes')];
  if (folds) parts.push(`${folds} of them for many entries`);
  if (guards) parts.push(countedText(guards, 'decision', 'decisions'));
  return parts.join(', ');
}

function pictureParts(view, layout) {
  const { edges, nodes } = view.study.graph;
  const progress = progressOf(view);
  const lines = edges.map((edge, place) => edgeSvg(view, layout, progress, edge, place)).join('');
  const boxes = nodes.map((node, place) => nodeSvg(view, layout, progress, node, place)).join('');
  const labels = edges.map((edge, place) => labelSvg(layout, progress, edge, place, view)).join('');
  return lines + boxes + labels;
}

/** What has been recorded, or added, up to the present step. */
function progressOf(view) {
  const isReverse = view.state.mode === 'reverse';
  const done = isReverse ? view.stepsDone() : [];
  return {
    isReverse,
    done,
    flowed: new Set(done.map(({ place }) => place)),
    last: done.at(-1) ?? null,
    isLater: (place) => !isReverse && !view.isRecorded(place),
    nodeNow: view.nodeNow(),
    linked: new Set(view.linked()),
  };
}

function edgeSvg(view, layout, progress, edge, place) {
  const route = layout.edges[place];
  const isDone = progress.flowed.has(place);
  const marks = classNames('edge', edge.guard && 'guard', progress.isLater(edge.target) && 'later', isDone && 'done',
    progress.last?.place === place && 'now', isLinkedEdge(progress.linked, edge) && 'linked');
  return `<g class="${marks}" data-edge="${place}"><path d="${route.path}"/>`
    + `<polygon points="${isDone ? route.back : route.tip}"${edge.guard ? ' visibility="hidden"' : ''}/></g>`;
}

/** Whether an edge belongs to what is linked. */
export function isLinkedEdge(linked, edge) {
  return !edge.guard && (linked.has(edge.source) || linked.has(edge.target));
}

function labelSvg(layout, progress, edge, place, view) {
  const { label } = layout.edges[place];
  if (!label) return '';
  const texts = layout.texts.edges[place];
  const isCovered = view.covering.partials.has(place);
  const half = label.w / 2;
  const marks = classNames('label', progress.isLater(edge.target) && 'later',
    isLinkedEdge(progress.linked, edge) && 'linked');
  const lozenge = `M${-half} 0l10-10h${label.w - 20}l10 10-10 10h${20 - label.w}z`;
  const sent = progress.flowed.has(place) && texts.contribution
    ? `<text class="contribution" y="23">${escaped(contributionShown(view, place, texts.contribution))}</text>` : '';
  const formula = texts.formula ? `<text class="formula" y="-14">${escaped(texts.formula)}</text>` : '';
  return `<g class="${marks}" data-edge-label="${place}" transform="translate(${label.x.toFixed(1)}`
    + ` ${label.y.toFixed(1)})">`
    + `<title>${escaped(edgeTitle(view, edge, isCovered))}</title>`
    + `<path class="lozenge${isCovered ? ' covered' : ''}" d="${lozenge}"/>`
    + `<text class="partial" y="4.2">${escaped(texts.partial)}</text>${formula}${sent}</g>`;
}

function contributionShown(view, place, text) {
  return view.covering.contributions.has(place) ? '+?' : text;
}

function edgeTitle({ study }, edge, isCovered) {
  const [source, target] = [study.graph.nodes[edge.source], study.graph.nodes[edge.target]];
  if (edge.formula.includes(' += ')) return edge.formula;
  const name = `∂${target.label}/∂${source.label}`;
  if (isCovered) return `${name}, covered`;
  const formula = edge.formula && edge.formula !== name ? ` = ${edge.formula}` : '';
  return `${name}${formula}${edge.partial === null ? '' : ` = ${briefText(edge.partial)}`}`;
}

function nodeSvg(view, layout, progress, node, place) {
  const box = layout.nodes[place];
  const texts = layout.texts.nodes[place];
  const isGuard = node.kind === 'guard';
  const isLater = progress.isLater(place);
  const adjoint = progress.isReverse ? adjointShown(view, progress, node, place) : null;
  const isNow = progress.isReverse
    ? place === (progress.last ? progress.last.source : view.study.outputPlace) : place === progress.nodeNow;
  const isFresh = view.drawnKeys && view.isReshaped && !view.drawnKeys.has(view.keyOf(place));
  const marks = classNames('node', node.kind, progress.linked.has(place) && 'linked', isNow && !isGuard && 'now',
    isLater && 'later', adjoint?.isEmpty && 'empty', isFresh && 'fresh');
  const [name, rest] = texts.heading;
  const middle = (box.w / 2).toFixed(1);
  const shown = isLater ? '·' : texts.value;
  const isKept = !progress.isReverse && !isLater && view.study.isKept(node);
  return `<g class="${marks}" data-nodes="${place}" data-node="${place}" `
    + `data-key="node ${escaped(view.keyOf(place))}" role="button" `
    + `aria-pressed="${Boolean(view.state.held?.includes(place))}" tabindex="${place === view.tabStop() ? 0 : -1}" `
    + `aria-label="${escaped(nodeWords(view, progress, node, place))}" `
    + `transform="translate(${(box.x - box.w / 2).toFixed(1)} ${(box.y - box.h / 2).toFixed(1)})">`
    + shapeSvg(node, box.w) + blockSvg(texts, adjoint, box.w)
    + `<text x="${middle}" y="${HEADING_LINE}" xml:space="preserve">`
    + (name ? `<tspan class="name">${escaped(name)}</tspan>` : '')
    + `<tspan class="operation">${escaped(rest)}</tspan></text>`
    + `<text class="value" x="${middle}" y="${VALUE_LINE}">${escaped(shown)}</text>`
    + (isKept ? `<path class="ear" d="M${box.w - 16} 0H${box.w - 8}Q${box.w} 0 ${box.w} 8V16z"/>` : '')
    + `<rect class="ring" x="-5" y="-5" width="${box.w + 10}" height="${box.h + 10}" rx="12"/></g>`;
}

function shapeSvg(node, width) {
  if (node.kind === 'guard') {
    const middle = BOX / 2;
    return `<path class="box" d="M${POINTED} 0H${width - POINTED}L${width} ${middle} ${width - POINTED} ${BOX}`
      + `H${POINTED}L0 ${middle}z"/>`;
  }
  const under = node.kind !== 'fold' ? '' : [7, 3.5].map((shift) => (
    `<rect class="under" x="${shift}" y="${-shift}" width="${width}" height="${BOX}" rx="9"/>`)).join('');
  return `${under}<rect class="box" width="${width}" height="${BOX}" rx="9"/>`;
}

function blockSvg(texts, adjoint, width) {
  if (!texts.adjoint || !adjoint) return '';
  return `<rect class="block" y="${BOX + 1}" width="${width}" height="${BLOCK}" rx="2"/>`
    + `<text class="adjoint" x="${(width / 2).toFixed(1)}" y="${ADJOINT_LINE}">${escaped(adjoint.text)}</text>`;
}

/** The longest text that a block has on the way through the sweep, so that no step moves the picture. */
function widestAdjoint(view, node, place) {
  const { steps } = view.study;
  const ends = steps.filter(({ source }) => source === place).map((step) => steps.slice(0, steps.indexOf(step) + 1));
  const shown = [[], ...ends].map((done) => adjointShown(view, { done }, node, place)?.text ?? '');
  return shown.reduce((longest, text) => (text.length > longest.length ? text : longest), '');
}

/** The adjoint of a node after the additions that have been done; null where the sweep does not reach it. */
function adjointShown(view, progress, node, place) {
  if (node.entry === null || node.adjoint === null) return null;
  const name = adjointName(node.label);
  const own = progress.done.filter(({ source }) => source === place).at(-1);
  if (view.covering.adjointAfter(place, progress.done)) return { text: `${name} ?`, isEmpty: false, isCovered: true };
  if (!own && place !== view.study.outputPlace) return { text: `${name} 0`, isEmpty: true, isCovered: false };
  return { text: `${name} ${briefText(own ? own.after : 1)}`, isEmpty: false, isCovered: false };
}

/** What a screen reader says of a node. */
function nodeWords(view, progress, node, place) {
  const { graph } = view.study;
  if (node.kind === 'guard') return `decision ${node.operation}: ${shownValue(node.value)}, ${placeText(node.line)}`;
  const parts = [node.kind === 'input' ? `input ${node.label}` : `${node.label} = ${node.operation}`];
  if (node.of) parts.push(`of ${node.of}`);
  if (node.kind === 'fold') parts.push(`${countedText(node.hides, 'entry', 'entries')} in one`);
  if (node.entry !== null) {
    parts.push(progress.isLater(place) ? 'value not yet recorded' : `value ${briefText(node.value)}`);
  }
  const partials = graph.edges.map((edge, at) => ({ edge, at }))
    .filter(({ edge }) => edge.target === place && edge.partial !== null)
    .map(({ edge, at }) => (
      `by ${graph.nodes[edge.source].label} ${view.covering.partials.has(at) ? 'covered' : briefText(edge.partial)}`));
  if (partials.length) parts.push(`partials ${partials.join(', ')}`);
  const readers = graph.edges.filter(({ source }) => source === place).map(({ target }) => graph.nodes[target])
    .map((reader) => reader.label || `if ${reader.operation}`);
  if (readers.length) parts.push(`read by ${[...new Set(readers)].join(', ')}`);
  const adjoint = progress.isReverse ? adjointShown(view, progress, node, place) : null;
  const number = adjoint?.text.slice(adjointName(node.label).length + 1);
  if (adjoint) parts.push(`adjoint ${adjoint.isCovered ? 'covered' : number}`);
  if (view.study.isKept(node)) parts.push('kept for the sweep');
  return parts.join('; ');
}

function passHtml(view) {
  const passes = view.foldedPasses();
  if (!passes) return '';
  const { leftOut } = view.study.graph;
  const left = leftOut ? `; ${countedText(leftOut, 'entry', 'entries')} that no input reaches or nothing reads left `
    + `out` : '';
  return `<div class="input"><label for="pass"><span>Open pass <b>${view.state.openPass}</b> of ${passes}</span>`
    + `<span class="soft small">${countedText(view.study.tape.length, 'entry', 'entries')} on the tape${left}</span>`
    + `</label>`
    + `<input type="range" id="pass" data-key="pass" min="1" max="${passes}" value="${view.state.openPass}"></div>`;
}

function legendHtml(view) {
  const { study } = view;
  const items = [
    '<svg aria-hidden="true"><rect x="1" y="1" width="20" height="12" rx="4" fill="none" stroke="var(--ink)"/></svg>'
      + 'value',
    '<svg aria-hidden="true"><path d="M1 7l6-6h8l6 6-6 6H7z" fill="var(--partial-bg)" stroke="var(--partial)"/></svg>'
      + 'partial, on its edge',
  ];
  if (view.state.mode === 'reverse') {
    items.push('<svg aria-hidden="true"><rect x="1" y="1" width="20" height="12" fill="var(--adjoint)"/></svg>adjoint');
  } else if (study.isSwept) {
    const [kept, all] = [study.kept.size, study.tape.length];
    items.push('<svg aria-hidden="true"><path d="M8 2h10v10z" fill="var(--ink)"/></svg>kept for the way back: '
      + `${kept} of ${all} (${Math.round((100 * kept) / all)} %)`);
  }
  if (view.covering.partials.size || view.covering.adjoints.size) {
    items.push('<span class="chip">?</span> covered until you commit');
  }
  return items.map((item) => `<li>${item}</li>`).join('');
}

/** Scroll so that the node of the present step is in the middle. */
function followStep(view, scroll, layout, width, scale) {
  const step = view.stepNow();
  const place = view.state.mode === 'reverse' ? step?.source ?? view.study.outputPlace : view.nodeNow();
  const moved = view.lastFollowed !== view.position();
  view.lastFollowed = view.position();
  if (!moved) scroll.scrollLeft = view.scrolled ?? 0;
  else if (place !== null && layout.nodes[place]) scroll.scrollLeft = layout.nodes[place].x * scale - width / 2;
}

/** Let the contribution of the present step travel against its edge. */
export function flyContribution(view) {
  const step = view.stepNow();
  const path = view.root.querySelector(`[data-edge="${step.place}"] path`);
  const host = view.root.querySelector('#flight');
  if (!path || !host) return;
  const text = view.covering.contributions.has(step.place) ? '?' : briefText(step.contribution);
  const width = measuredWidth(text, 12, 700) + 16;
  const length = path.getTotalLength();
  const begun = performance.now();
  const draw = (time) => {
    const part = Math.min(1, Math.max(0, (time - begun) / 600));
    const eased = part < 0.5 ? 2 * part * part : 1 - (2 - 2 * part) ** 2 / 2;
    if (!host.isConnected) return;
    if (part >= 1) {
      host.innerHTML = '';
      return;
    }
    const { x, y } = path.getPointAtLength(length * (1 - eased));
    host.innerHTML = `<g class="flight" transform="translate(${x} ${y})"><rect x="${-width / 2}" y="-11" `
      + `width="${width}" `
      + `height="22" rx="2"/><text y="4">${escaped(text)}</text></g>`;
    requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
}
