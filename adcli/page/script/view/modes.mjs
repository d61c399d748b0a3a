// The modes, the output that is swept from, and the bar of steps.
import { PAGE_MODES } from './state.mjs';
import { countedText, escaped } from './words.mjs';

/** What each mode shows, in a sentence. */
export const MODE_LEADS = {
  forward: 'The program runs once, and every operation is written down with its value and its partials.',
  reverse: 'The tape is read backward. Each entry sends its adjoint, times a partial, to the entries it was made from; '
    + 'what arrives is added.',
  cost: 'One output, many inputs: reverse mode needs one run and one sweep, however many inputs there are.',
  check: 'An independent look: move an input by a small step both ways, and compare the slope with the sweep.',
};

/** The four tabs. */
export function tabsHtml({ state }) {
  return PAGE_MODES.map(([mode, name]) => (
    `<button type="button" role="tab" id="tab-${mode}" data-mode="${mode}" data-key="tab ${mode}" `
    + `aria-selected="${mode === state.mode}" aria-controls="stage" `
    + `tabindex="${mode === state.mode ? 0 : -1}">${name}</button>`
  )).join('');
}

/** Which output is swept from, where there are several. */
export function outputsHtml({ program, state }) {
  if (program.outputs.length < 2) return '';
  const options = program.outputs.map((name) => (
    `<option value="${escaped(name)}"${name === state.output ? ' selected' : ''}>${escaped(name)}</option>`)).join('');
  return `<label class="outputs"><span>Output</span><select id="output" data-key="output">${options}</select></label>`;
}

/** First, back, count, on, last, play. */
export function stepsHtml(view) {
  const { state, study } = view;
  const [at, first, last] = [view.position(), view.firstPosition(), view.lastPosition()];
  const additions = countedText(study.steps.length, 'addition', 'additions');
  const count = state.mode === 'forward' ? `entry ${at} of ${last}`
    : at === first ? `seed, then ${additions}` : `+= ${at - 1} of ${study.steps.length}`;
  return stepButton('first', '⇤', 'First step', at <= first) + stepButton('back', '←', 'Step back', at <= first)
    + `<span class="at">${count}</span>`
    + stepButton('on', '→', 'Step on', at >= last) + stepButton('last', '⇥', 'Last step', at >= last)
    + `<button class="btn last" type="button" data-act="play" data-key="play">${state.playing ? 'Stop' : 'Play'}`
    + `</button>`;
}

function stepButton(act, sign, name, isOff) {
  return `<button class="btn" type="button" data-act="${act}" data-key="${act}" aria-label="${name}" `
    + `aria-disabled="${isOff}">${sign}</button>`;
}
