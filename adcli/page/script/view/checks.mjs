// The check: the central difference over its step, held against the sweep.
import { roundingError, sharedDigits } from '../differences.mjs';
import { chartSvg } from './chart.mjs';
import { codeHtml, escaped, placeText, sizeText } from './words.mjs';

const BUTTONS = 6; // for as many components; more are chosen from a list
const LEAST_ERROR = -17; // exponent
const CURVED = 1e-13; // an error below it tells nothing of curvature

/** The chart with its two slopes, the choice of the component, and the slider of the step. */
export function checkHtml(view, width) {
  const component = view.component();
  if (!component) return '';
  const step = 10 ** -view.state.exponent;
  const isCovered = view.covering.curve;
  const curve = isCovered ? [] : view.study.curveOf(component);
  const apart = Math.abs(view.study.differenceAt(component, step) - component.derivative);
  const shown = Number.isFinite(apart) ? (apart ? sizeText(apart) : '0') : 'no value';
  const crossed = view.study.crossing(component, step);
  return choiceHtml(view) + curveSvg(view, component, curve, step, apart, width)
    + `<div class="input"><label for="step"><span>Step h = <b>${sizeText(step)}</b></span>`
    + `<span class="soft small">apart by <b class="mono">${shown}</b></span></label>`
    + `<input id="step" data-key="step" type="range" min="0" max="15" step=".25" value="${15 - view.state.exponent}" `
    + `aria-valuetext="h = ${sizeText(step)}"></div>`
    + (crossed ? crossedHtml(crossed) : '');
}

function choiceHtml(view) {
  const { components } = view.study;
  const output = view.study.graph.swept;
  const chosen = view.state.component;
  if (components.length > BUTTONS) {
    const options = components.map(({ name }, place) => (
      `<option value="${place}"${place === chosen ? ' selected' : ''}>d${escaped(output)}/d${escaped(name)}`
        + `</option>`)).join('');
    return `<label class="input"><span class="small soft">Derivative</span> <select id="component" `
      + `data-key="component">`
      + `${options}</select></label>`;
  }
  return `<div class="buttons" role="group" aria-label="Derivative by" style="margin:0 0 `
    + `8px">${components.map(({ name }, place) => (
    `<button class="btn mono" type="button" data-component="${place}" data-key="component ${place}" `
    + `aria-pressed="${place === chosen}">d${escaped(output)}/d${escaped(name)}</button>`)).join('')}</div>`;
}

function curveSvg(view, component, curve, step, apart, width) {
  const isCovered = view.covering.curve;
  const least = curve.reduce((best, point) => (!best || point.error < best.error ? point : best), null);
  const top = Math.ceil(Math.max(0, ...curve.map(({ error }) => Math.log10(error))));
  const value = view.study.tape.values[view.study.end];
  const lines = isCovered ? [] : [
    { points: curve.map(({ step: at, error }) => [at, error]), colour: '--ink' },
    { points: [1e-15, 1e-10].map((at) => [at, Math.max(2e-17, roundingError(value, at))]), colour: '--soft',
      dash: '2 5', width: 1.6, text: 'rounding, as 1/h', at: [2e-15, 1e-10], shift: [0, 4] },
    ...curvatureLine(curve),
  ];
  const reading = isCovered ? 'The curve is covered until you commit.'
    : least ? `It is least near h = ${sizeText(least.step)}. With h = ${sizeText(step)} they are apart `
      + `by ${sizeText(apart || 0)}.`
      : 'The program does not run beside this point.';
  return chartSvg({
    width, label: `Distance of the central difference from the derivative, over its step. ${reading}`, x: [-15.2, 0.3],
    y: [LEAST_ERROR, top], everyX: 3, everyY: 3, title: 'step h', rule: step, lines,
    note: isCovered ? 'the curve is covered until you commit' : '',
    dots: isCovered || !Number.isFinite(apart) ? []
      : [{ at: [step, Math.max(apart, 1e-17)], colour: '--ink', radius: 6.5 }],
  });
}

/** The slope of the curvature, through a point of the curve near a step of 0.1. */
function curvatureLine(curve) {
  const near = curve.findLast(({ step }) => step <= 0.11);
  if (!near || near.error < CURVED || near.step < 1e-3) return [];
  const at = (step) => [step, near.error * (step / near.step) ** 2];
  return [{ points: [at(near.step / 1000), at(near.step)], colour: '--partial', dash: '9 5', width: 1.6,
    text: 'curvature, as h²', at: at(near.step / 5), anchor: 'end', shift: [-8, -4] }];
}

function crossedHtml(guard) {
  const place = placeText(guard.line);
  const what = guard.text ? `${codeHtml(guard.text)} (${place})` : place;
  return `<div class="notice"><p><b>The step crosses the decision ${what}.</b> On `
    + `one side of the `
    + 'point another branch runs, so this difference mixes two formulas. A smaller step, or a point further away, '
    + 'tells more.</p></div>';
}

/** What the difference says of a derivative, in a word or two. */
export function verdictWord(view, component, step) {
  const found = view.study.differenceAt(component, step);
  if (!Number.isFinite(found)) return 'does not run here';
  const digits = sharedDigits(found, component.derivative);
  if (digits >= 6) return 'agrees';
  if (view.study.crossing(component, step)) return 'crosses a decision';
  return digits >= 3 ? 'roughly' : 'this step cannot tell';
}
