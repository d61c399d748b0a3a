// The panel with the inputs: a slider and a box for each, a grid of boxes for an array, and the presets.
import { asArray } from '../../../emit/script/arrays.mjs';
import { numberText } from '../../../emit/script/numbers.mjs';
import { elementName } from '../study.mjs';
import { isSameValue } from './state.mjs';
import { escaped } from './words.mjs';

const MOST_BOXES = 144; // of an array

/** The inputs as they are when the program is shown; `updateInputs` moves what is there. */
export function inputsHtml(view) {
  return view.program.inputs.map((input) => (
    typeof view.state.point[input.name] === 'number' ? numberHtml(view, input) : arrayHtml(view, input))).join('');
}

function numberHtml(view, input) {
  const { name, help } = input;
  const id = `slider-${name}`;
  return `<div class="input"><label for="${id}"><b>${escaped(name)}</b><span class="soft `
    + `small">${escaped(help ?? '')}</span></label>`
    + `<div class="row">${sliderHtml(input, id, `slider ${name}`)}<input type="text" inputmode="decimal" `
    + `autocomplete="off" `
    + `spellcheck="false" aria-label="${escaped(name)}, typed" aria-describedby="problem-${name}" data-box="${name}" `
    + `data-key="box ${name}">${endsHtml(input)}</div><p class="problem" id="problem-${name}" role="alert" hidden>`
    + `</p></div>`;
}

function arrayHtml(view, input) {
  const { name, help } = input;
  const { shape, data } = view.state.point[name];
  const count = Math.min(data.length, MOST_BOXES);
  const boxes = Array.from({ length: count }, (_, index) => {
    const label = elementName(name, shape, index);
    return `<input type="text" inputmode="decimal" autocomplete="off" spellcheck="false" `
      + `aria-label="${escaped(label)}" `
      + `data-box="${name}" data-index="${index}" data-key="box ${label}">`;
  }).join('');
  const matrix = shape.length === 2 ? ` is-matrix" style="--across:${shape[1]}` : '';
  const more = data.length > count ? `<p class="soft small">the first ${count} of ${data.length} elements</p>` : '';
  return `<div class="input"><div class="label"><b>${escaped(name)}[${shape.join(', ')}]</b>`
    + `<span class="soft small">${escaped(help ?? '')}</span></div>`
    + `<div class="elements${matrix}" role="group" aria-label="${escaped(name)}, elements">${boxes}</div>${more}`
    + `<div class="row"><input type="range" id="slider-${name}" data-slider="${name}" data-key="slider ${name}" `
    + `min="${input.low}" max="${input.high}" step="${input.step}">`
    + `<output class="mono" id="chosen-${name}"></output>${endsHtml(input)}</div>`
    + `<p class="problem" id="problem-${name}" role="alert" hidden></p></div>`;
}

function sliderHtml({ name, low, high, step }, id, key) {
  return `<input type="range" id="${id}" data-slider="${name}" data-key="${key}" min="${low}" max="${high}" `
    + `step="${step}">`;
}

function endsHtml({ low, high, declared }) {
  const chosen = declared ? '' : '<span class="unseen">, a range chosen by the page</span>';
  return `<div class="ends"><span>${numberText(low)}</span><span>${numberText(high)}${chosen}</span></div>`;
}

/** Points to begin with. */
export function presetsHtml(view) {
  return view.program.presets.map(({ text }, place) => (
    `<button class="btn" type="button" data-preset="${place}" data-key="preset ${place}">${escaped(text)}`
      + `</button>`)).join('');
}

/** Show the point in sliders and boxes; a box that is typed in keeps its text. */
export function updateInputs(view, typed = null) {
  const { point, elements } = view.state;
  for (const { name } of view.program.inputs) {
    const value = point[name];
    const index = typeof value === 'number' ? null : elements[name] ?? 0;
    const number = index === null ? value : value.data[index];
    const label = index === null ? name : elementName(name, value.shape, index);
    const slider = view.root.querySelector(`[data-slider="${name}"]`);
    slider.value = number;
    slider.setAttribute('aria-valuetext', `${label} = ${numberText(number)}`);
    if (index !== null) {
      slider.setAttribute('aria-label', label);
      view.root.querySelector(`#chosen-${CSS.escape(name)}`).textContent = label;
    }
    for (const box of view.root.querySelectorAll(`[data-box="${name}"]`)) {
      const own = box.dataset.index === undefined ? null : Number(box.dataset.index);
      box.classList.toggle('chosen', own !== null && own === index);
      if (box === typed) continue;
      box.value = numberText(own === null ? value : value.data[own]);
      box.removeAttribute('aria-invalid');
    }
    if (!typed || typed.dataset.box !== name) view.root.querySelector(`#problem-${CSS.escape(name)}`).hidden = true;
  }
  for (const button of view.root.querySelectorAll('[data-preset]')) {
    const { point: preset } = view.program.presets[button.dataset.preset];
    const holds = Object.entries(preset).every(([name, plain]) => isSameValue(asArray(plain), point[name]));
    button.setAttribute('aria-pressed', holds);
  }
}
