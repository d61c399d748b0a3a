// The shape of the costs: what a gradient takes by each method, as the inputs grow.
import { chartSvg } from './chart.mjs';
import { countedText, shownValue } from './words.mjs';

const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const MOST_EXPONENT = 3; // of the inputs in the chart

/** The costs in runs of the program, of its own inputs or of as many as the slider says. */
export function costAt(view, count = view.state.inputCount ?? view.study.cost.inputs) {
  const { cost } = view.study;
  const value = Math.max(1, cost.value);
  const sweep = cost.inputs ? (cost.forward - cost.value) / cost.inputs / value : 0;
  return {
    count,
    reverse: cost.reverse / value,
    forward: count === cost.inputs ? cost.forward / value : 1 + count * sweep,
    differences: 2 * count,
  };
}

/** The chart, with the slider of the inputs below it. */
export function costsHtml(view, width) {
  const at = costAt(view);
  const { cost: covered } = view.covering;
  const of = (method) => COUNTS.map((count) => [count, costAt(view, count)[method]]);
  const hidden = (method) => covered === method;
  const said = (method) => (hidden(method) ? 'covered' : shownValue(Number(at[method].toFixed(2))));
  const label = `Cost of a gradient in runs of the program. With ${countedText(at.count, 'input', 'inputs')}: `
    + `reverse mode `
    + `${said('reverse')}, forward mode ${said('forward')}, central differences ${said('differences')}.`;
  const lines = [
    { method: 'differences', points: of('differences'), colour: '--soft', dash: '2 5', text: 'differences',
      at: [300, 600], anchor: 'end', shift: [-10, 4] },
    { method: 'forward', points: of('forward'), colour: '--partial', dash: '9 5', text: 'forward mode',
      at: [20, costAt(view, 20).forward], shift: [14, 16] },
    { method: 'reverse', points: of('reverse'), colour: '--adjoint', width: 3, text: 'reverse mode',
      at: [300, at.reverse], anchor: 'middle', shift: [0, -12] },
  ].filter(({ method }) => !hidden(method));
  const dots = lines.map(({ method, colour }) => ({
    at: [at.count, at[method]], colour, radius: method === 'reverse' ? 6 : 5,
  }));
  const own = at.count === view.study.cost.inputs;
  const note = own ? 'this program' : 'as if each further input were read as these are';
  return chartSvg({ width, label, x: [0, MOST_EXPONENT], y: [0, 3.4], everyX: 1, everyY: 1, title: 'inputs', lines,
    dots, rule: at.count, right: 22 })
    + `<div class="input"><label for="count"><span>Inputs into one output: <b>${at.count}</b></span>`
    + `<span class="soft small">${note}</span></label><input id="count" data-key="count" type="range" min="0" `
    + `max="${100 * MOST_EXPONENT}" value="${Math.round(100 * Math.log10(at.count))}" `
    + `aria-valuetext="${countedText(at.count, 'input', 'inputs')}"></div>`;
}
