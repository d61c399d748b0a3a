// What the reader does on a program: clicks, keys, sliders, answers.
import { asArray } from '../../../emit/script/arrays.mjs';
import { evaluated } from '../expression.mjs';
import { numberText } from '../../../emit/script/numbers.mjs';
import { elementName, withElement } from '../study.mjs';
import { updateInputs } from './inputs.mjs';
import { judgedAnswer, newAnswer, shownAnswer } from './predict.mjs';
import { PAGE_MODES } from './state.mjs';
import { placesIn } from './view.mjs';
import { spokenText } from './words.mjs';

const STEP_ACTS = {
  first: (view) => view.goTo(view.firstPosition()),
  back: (view) => view.goTo(view.position() - 1),
  on: (view) => view.goTo(view.position() + 1),
  last: (view) => view.goTo(view.lastPosition()),
};
const STEP_KEYS = { ArrowLeft: 'back', ArrowRight: 'on', Home: 'first', End: 'last' };

/** A click or touch on a program's panels. */
export function clickOnProgram(view, target) {
  const element = target.closest('button,g.node');
  if (!element) return;
  const { mode, act, ask, preset, go, component, elements, nodes } = element.dataset;
  if (mode) view.setMode(mode);
  else if (act === 'play') view.play();
  else if (act) stopAnd(view, () => STEP_ACTS[act](view));
  else if (ask) askProgram(view, ask, element.dataset.question);
  else if (preset) choosePreset(view, Number(preset), element.textContent);
  else if (go) stopAnd(view, () => view.goTo(Number(go)));
  else if (component) redrawn(view, () => { view.state.component = Number(component); });
  else if (elements) redrawn(view, () => toggleIn(view.state.opened, elements));
  else if (nodes) view.hold(placesIn(element));
}

function stopAnd(view, act) {
  const wasPlaying = Boolean(view.state.playing);
  view.stop();
  if (wasPlaying) view.draw(); // before the step, as to draw once more would end what moves in it
  act();
}

function redrawn(view, change) {
  change();
  view.draw();
}

function toggleIn(set, key) {
  if (!set.delete(key)) set.add(key);
}

function choosePreset(view, place, text) {
  const { point } = view.program.presets[place];
  const values = Object.entries(point).map(([name, plain]) => [name, asArray(plain)]);
  view.setInput({ ...view.state.point, ...Object.fromEntries(values) });
  view.page.announce(`Preset ${text}`);
}

/* Questions. */

const ASK_ACTS = {
  choose(view, place) {
    view.choose(Number(place));
    if (view.question().mode !== view.state.mode) view.setMode(view.question().mode);
  },
  there(view) {
    view.setMode(view.question().mode);
  },
  hint(view) {
    const [question, answer] = [view.question(), view.answer()];
    if (answer.hints >= question.hints.length) return;
    answer.hints += 1;
    view.page.announce(question.hints[answer.hints - 1]);
  },
  show(view) {
    const question = view.question();
    view.progress.settle(question.key, 'shown');
    view.answer().reply = shownAnswer(question);
    view.showStepOf(question);
    view.page.announce(spokenText(view.answer().reply));
  },
  next(view) {
    const isOpen = ({ key }) => !view.progress.of(key);
    const later = view.questions.findIndex((one, place) => place > view.state.question && isOpen(one));
    view.choose(later >= 0 ? later : Math.max(0, view.questions.findIndex(isOpen)));
    if (view.question().mode !== view.state.mode) view.setMode(view.question().mode);
    else view.draw();
    view.root.querySelector('#answer-here,[name=answer-here]')?.focus();
  },
  again(view) {
    const { key } = view.question();
    view.progress.open(key);
    view.state.answers.set(key, newAnswer());
  },
};

function askProgram(view, ask, place) {
  view.stop();
  ASK_ACTS[ask](view, place);
  if (view.question()) view.state.questionKey = view.question().key;
  view.draw();
}

/** An answer that is committed. */
export function commitToProgram(view, text) {
  const [question, answer] = [view.question(), view.answer()];
  const { how, reply } = judgedAnswer(question, text, view.study.names, view.page.words);
  Object.assign(answer, { text, reply, isUnread: how === 'unread' });
  view.state.questionKey = question.key;
  if (how !== 'unread') answer.tries += 1;
  if (how === 'right') {
    view.progress.settle(question.key, answer.hints || answer.tries > 1 ? 'hinted' : 'right');
    view.showStepOf(question);
  }
  view.page.announce(spokenText(reply));
  view.draw();
}

/* Sliders, boxes and choices. */

/** Something was moved, typed or chosen. */
export function inputOnProgram(view, target) {
  const { slider, box } = target.dataset;
  const number = Number(target.value);
  if (slider) moveSlider(view, slider, Number(number.toFixed(10)));
  else if (box) typeNumber(view, target);
  else if (target.id === 'count') redrawn(view, () => { view.state.inputCount = Math.round(10 ** (number / 100)); });
  else if (target.id === 'step') redrawn(view, () => { view.state.exponent = 15 - number; });
  else if (target.id === 'component') redrawn(view, () => { view.state.component = number; });
  else if (target.id === 'pass' || target.id === 'output') chooseRun(view, target);
  else if (target.name?.startsWith('answer-')) view.answer().text = target.value;
}

function chooseRun(view, { id, value }) {
  if (id === 'pass') view.state.openPass = Number(value);
  else view.state.output = value;
  if (id === 'output') view.state.inputCount = null;
  view.record();
  if (id === 'output') view.followMode();
  view.draw();
}

function moveSlider(view, name, number) {
  const isNumber = typeof view.state.point[name] === 'number';
  view.setInput(withElement(view.state.point, name, isNumber ? null : view.state.elements[name] ?? 0, number));
}

function typeNumber(view, box) {
  const name = box.dataset.box;
  const index = box.dataset.index === undefined ? null : Number(box.dataset.index);
  const input = view.program.inputs.find((one) => one.name === name);
  const number = evaluated(box.value);
  const problem = view.part(`problem-${CSS.escape(name)}`);
  const label = index === null ? name : elementName(name, view.state.point[name].shape, index);
  problem.textContent = problemWith(number, box.value, input, label);
  problem.hidden = !problem.textContent;
  if (problem.textContent) {
    box.setAttribute('aria-invalid', 'true');
    return;
  }
  box.removeAttribute('aria-invalid');
  view.setInput(withElement(view.state.point, name, index, number), box);
}

function problemWith(number, text, { low, high, declared }, label) {
  if (number === null) return `${text.trim() || 'Nothing'} is not a number; ${label} stays as it is.`;
  if (declared && (number < low || number > high)) {
    return `The program declares ${label} in [${numberText(low)}, ${numberText(high)}].`;
  }
  return '';
}

/* Pointer, focus and keys. */

/** The places of the nodes that the pointer or the focus is on; null for none. */
export function placesOn(target) {
  const element = target.closest?.('[data-nodes]');
  return element ? placesIn(element) : null;
}

/** The focus has moved: an element of an array gets the slider. */
export function focusOnProgram(view, target) {
  if (view.study) view.mark(placesOn(target)); // which may move the target: the paths above it have another height
  if (target.matches(':focus-visible')) target.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const { box, index } = target.dataset ?? {};
  if (box && index !== undefined && view.state.elements[box] !== Number(index)) {
    view.state.elements[box] = Number(index);
    updateInputs(view, target);
  }
}

/** A key; whether something was done. */
export function keyOnProgram(view, { target, key }) {
  if (!view.study) return false;
  if (target.matches('[role=tab]')) return walkTabs(view, key);
  if (target.matches('g.node')) return walkGraph(view, target, key);
  if (key === 'Escape' && view.state.held) {
    view.letGo();
    return true;
  }
  if (target.matches('input,select,textarea,.scroll,nav *') || !STEP_KEYS[key] || !view.isStepped()) return false;
  stopAnd(view, () => STEP_ACTS[STEP_KEYS[key]](view));
  return true;
}

function walkTabs(view, key) {
  const at = PAGE_MODES.findIndex(([mode]) => mode === view.state.mode);
  const count = PAGE_MODES.length;
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: count - 1 }[key];
  if (to === undefined) return false;
  const [mode] = PAGE_MODES[(to + count) % count];
  view.setMode(mode);
  view.part(`tab-${mode}`).focus();
  return true;
}

/** In the graph the arrows walk along edges in its direction, and among one layer across it. */
function walkGraph(view, element, key) {
  if (key === 'Enter' || key === ' ') {
    view.hold(placesIn(element));
    return true;
  }
  if (key === 'Escape') {
    view.letGo();
    return true;
  }
  if (!/^Arrow/.test(key)) return false;
  const place = Number(element.dataset.node);
  const to = neighbourOf(view, place, key);
  if (to === null) return true;
  for (const node of view.root.querySelectorAll('g.node[tabindex="0"]')) node.setAttribute('tabindex', '-1');
  const next = view.root.querySelector(`g.node[data-node="${to}"]`);
  next.setAttribute('tabindex', '0');
  next.focus();
  return true;
}

function neighbourOf(view, place, key) {
  const { edges } = view.study.graph;
  const { down, nodes } = view.layout;
  if (key === (down ? 'ArrowDown' : 'ArrowRight')) return edges.find(({ source }) => source === place)?.target ?? null;
  if (key === (down ? 'ArrowUp' : 'ArrowLeft')) return edges.find(({ target }) => target === place)?.source ?? null;
  const axis = down ? 'x' : 'y';
  const peers = [...nodes.keys()].filter((other) => nodes[other].layer === nodes[place].layer)
    .sort((one, other) => nodes[one][axis] - nodes[other][axis]);
  const step = key === 'ArrowDown' || key === 'ArrowRight' ? 1 : -1;
  return peers[peers.indexOf(place) + step] ?? null;
}
