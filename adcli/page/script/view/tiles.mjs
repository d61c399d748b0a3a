// Under the picture of the sweep: the addition of this step, and a register for each adjoint.
import { adjointName } from '../describe.mjs';
import { briefText } from '../layout.mjs';
import { classNames, escaped } from './words.mjs';

const MOST_BARS = 4; // of a register
const BAR = 8; // height

/** The addition and the registers, in reverse mode. */
export function sumsHtml(view) {
  if (view.state.mode !== 'reverse' || !view.study.isSwept) return '';
  return additionHtml(view) + registersHtml(view);
}

function tileHtml(kind, value, label) {
  return `<div class="tile ${kind}"><b>${escaped(value)}</b><small>${escaped(label)}</small></div>`;
}

function additionHtml(view) {
  const { study, covering } = view;
  const step = view.stepNow();
  if (!step) return `<div class="addition">${tileHtml('sum', '1', `${adjointName(study.graph.swept)}, the seed`)}`
    + `</div>`;
  const name = adjointName(study.graph.nodes[step.source].label);
  const shown = (isCovered, value) => (isCovered ? '?' : briefText(value));
  const before = shown(covering.before(step), step.before);
  const sent = shown(covering.contributions.has(step.place), step.contribution);
  const after = shown(covering.after(step), step.after);
  const label = `${name}: ${before} plus ${sent} gives ${after}`.replaceAll('?', 'covered');
  const isMoving = view.state.moved > 0;
  return `<div class="addition${isMoving ? ' moving' : ''}" role="img" aria-label="${escaped(label)}">`
    + `${tileHtml('', before, `${name} so far`)}<span class="sign">+</span>`
    + `${tileHtml('sent', sent, study.sentText(step.edge))}<span class="sign">=`
    + `</span>${tileHtml('sum', after, `${name} now`)}</div>`;
}

function registersHtml(view) {
  const { study } = view;
  const done = view.stepsDone();
  const cells = [...study.graph.nodes.keys()].reverse().filter((place) => study.graph.nodes[place].adjoint !== null)
    .map((place) => registerHtml(view, place, done)).join('');
  return `<ul class="registers" aria-label="Adjoints so far; one bar for each contribution">${cells}</ul>`;
}

function registerHtml(view, place, done) {
  const { study, covering } = view;
  const node = study.graph.nodes[place];
  const own = done.filter(({ source }) => source === place);
  const isOutput = place === study.outputPlace;
  const isCovered = covering.adjointAfter(place, done);
  const value = isCovered ? '?' : own.length ? briefText(own.at(-1).after) : isOutput ? '1' : '0';
  const marks = classNames(view.stepNow()?.source === place && 'now', view.linked().includes(place) && 'linked');
  return `<li class="${marks}" data-nodes="${place}"><span>${escaped(adjointName(node.label))}</span>`
    + `<span class="value">${escaped(value)}</span>${barsSvg(view, place, own, isCovered, isOutput)}</li>`;
}

/** One bar for each contribution, from the sum before it to the sum behind it: filled upward, hollow downward. */
function barsSvg(view, place, own, isCovered, isOutput) {
  const all = view.study.steps.filter(({ source }) => source === place);
  const isNumber = all.every(({ after }) => typeof after === 'number' && Number.isFinite(after));
  const bars = isOutput && !all.length ? [{ before: 0, after: 1 }] : own;
  if (!isNumber) return '';
  const ends = isOutput && !all.length ? [1] : all.map(({ after }) => after);
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const span = high - low || 1;
  const zero = 1 - (98 * low) / span;
  const at = (number) => zero + (98 * number) / span;
  const height = Math.min(Math.max(1, ends.length), MOST_BARS) * BAR + 2;
  const drawn = isCovered ? [] : bars.slice(0, MOST_BARS);
  const rects = drawn.map(({ before, after }, number) => {
    const left = Math.min(at(before), at(after));
    const width = Math.max(0.8, Math.abs(at(after) - at(before)));
    return `<rect${after < before ? ' class="down"' : ''} vector-effect="non-scaling-stroke" x="${left.toFixed(2)}" `
      + `width="${width.toFixed(2)}" y="${number * BAR + 1}" height="${BAR - 2}"/>`;
  }).join('');
  return `<svg viewBox="0 0 100 ${height}" preserveAspectRatio="none" height="${height}" aria-hidden="true">`
    + `<line x1="${zero}" x2="${zero}" y1="0" y2="${height}" vector-effect="non-scaling-stroke"/>${rects}</svg>`;
}
