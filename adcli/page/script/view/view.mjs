// A program on the page: what is shown of its study, and how that is drawn again.
import { ProgramError } from '../errors.mjs';
import { WHOLE_PASSES } from '../folding.mjs';
import { studyOf } from '../study.mjs';
import { checkHtml } from './checks.mjs';
import { costsHtml } from './costs.mjs';
import { Covering } from './covering.mjs';
import { inputsHtml, presetsHtml, updateInputs } from './inputs.mjs';
import { MODE_LEADS, outputsHtml, stepsHtml, tabsHtml } from './modes.mjs';
import { pathsHtml } from './paths.mjs';
import { drawPicture, flyContribution, isLinkedEdge } from './picture.mjs';
import { newAnswer, predictHtml, scoreText } from './predict.mjs';
import { programHtml } from './program.mjs';
import { Progress } from './progress.mjs';
import { sentenceHtml } from './sentence.mjs';
import { newState } from './state.mjs';
import { tableOf } from './tables.mjs';
import { sumsHtml } from './tiles.mjs';
import { escaped, markedHtml } from './words.mjs';

const PLAY_EVERY = 1400; // ms
const LONG_TITLE = 32; // characters
// What gets the focus when what had it is gone, by the beginning of its key.
const SUCCESSORS = [
  ...['answer', 'choice', 'commit', 'show', 'hint'].map((start) => [start, '[data-key=next]']),
  ['there', '[data-key="answer here"],[data-key^=choice]'],
  ['again', '[data-key="answer here"],[data-key^=choice]'],
  ['node', '.node[tabindex="0"]'],
];

/** A program section: its state, its study at the present point, and its panels. */
export class ProgramView {
  constructor(section, page) {
    this.section = section;
    this.program = section.program;
    this.page = page;
    this.state = newState(this.program);
    this.progress = new Progress(this.program.source.join('\n'));
    this.study = null;
    this.failure = null;
    this.questions = [];
    this.root = null;
    this.drawnKeys = null;
    this.isReshaped = false;
  }

  /** Put the panels into a place of the page. */
  open(root) {
    this.root = root;
    root.innerHTML = frameHtml(this);
    this.part('inputs').innerHTML = inputsHtml(this);
    this.part('presets').innerHTML = presetsHtml(this);
    updateInputs(this);
    this.record();
    this.followMode();
    this.draw();
  }

  close() {
    this.stop();
    this.root = null;
  }

  part(id) {
    return this.root.querySelector(`#${id}`);
  }

  /** Run and sweep at the present point; where that fails the last good study stays. */
  record() {
    const { state, program } = this;
    try {
      const before = this.study;
      const held = state.held?.map((place) => this.keyOf(place));
      const { output, openPass } = state;
      this.study = studyOf(program, state.point, { output, openPass, words: this.page.words });
      this.failure = null;
      this.keepPlaces(before, held);
    } catch (error) {
      if (!(error instanceof ProgramError)) console.warn(error); // shown on the page as well
      this.failure = { message: error.message, line: error.line ?? null, remedy: error.remedy ?? '' };
    }
    if (this.study) this.keepQuestion();
  }

  /** Hold what was held, by its name: places move when the tape has another shape. */
  keepPlaces(before, held) {
    const keys = this.study.graph.nodes.map((node, place) => this.keyOf(place));
    this.isReshaped = before !== null && before.keys?.join('|') !== keys.join('|');
    this.study.keys = keys;
    const places = held?.map((key) => keys.indexOf(key)).filter((place) => place >= 0);
    this.state.held = places?.length ? places : null;
    this.state.pointed = null;
    this.state.component = Math.min(this.state.component, Math.max(0, this.study.components.length - 1));
  }

  keepQuestion() {
    this.questions = this.study.questions;
    const place = this.questions.findIndex(({ key }) => key === this.state.questionKey);
    if (place >= 0) this.state.question = place;
    else this.state.question = Math.min(this.state.question, Math.max(0, this.questions.length - 1));
  }

  /** A name of a node that stays when the inputs move. */
  keyOf(place) {
    const node = this.study.graph.nodes[place];
    if (!node) return '';
    if (node.kind === 'guard') return `decision ${node.line} ${node.operation} ${node.value}`;
    return `${node.label} ${node.operation}`;
  }

  /* Steps. */

  /** The places of the entries, in order, without the decisions. */
  entryPlaces() {
    const { nodes } = this.study.graph;
    return [...nodes.keys()].filter((place) => nodes[place].kind !== 'guard');
  }

  firstPosition() {
    return this.state.mode === 'forward' ? 0 : 1;
  }

  lastPosition() {
    if (this.state.mode === 'forward') return this.entryPlaces().length;
    return this.study.steps.length + 1;
  }

  position() {
    const kept = this.state.position[this.state.mode];
    const beginning = this.state.mode === 'forward' ? this.lastPosition() : 1;
    return Math.max(this.firstPosition(), Math.min(this.lastPosition(), kept ?? beginning));
  }

  isStepped() {
    const { mode } = this.state;
    return mode === 'forward' || (mode === 'reverse' && this.study.isSwept);
  }

  /** The place of the entry that was recorded last; null for none. */
  nodeNow() {
    if (this.state.mode !== 'forward') return null;
    return this.entryPlaces()[this.position() - 1] ?? null;
  }

  isRecorded(place) {
    if (this.state.mode !== 'forward') return true;
    return place < (this.entryPlaces()[this.position()] ?? Infinity);
  }

  /** The additions up to the present one. */
  stepsDone() {
    return this.state.mode === 'reverse' ? this.study.steps.slice(0, this.position() - 1) : [];
  }

  stepNow() {
    return this.state.mode === 'reverse' ? this.study.steps[this.position() - 2] ?? null : null;
  }

  goTo(position) {
    if (!this.study || !this.isStepped()) return;
    const from = this.position();
    const to = Math.max(this.firstPosition(), Math.min(this.lastPosition(), position));
    if (to === from) return;
    this.state.moved = to > from ? 1 : -1;
    this.state.position[this.state.mode] = to === this.lastPosition() ? Infinity : to; // the end stays the end
    this.draw();
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (this.state.mode === 'reverse' && to - from === 1 && !isCalm) flyContribution(this);
    this.state.moved = 0;
  }

  play() {
    if (this.state.playing) {
      this.stop();
      this.draw();
      return;
    }
    if (this.position() >= this.lastPosition()) this.state.position[this.state.mode] = this.firstPosition();
    this.state.playing = setInterval(() => {
      if (this.position() >= this.lastPosition()) this.stop();
      if (this.state.playing) this.goTo(this.position() + 1);
      else this.draw();
    }, PLAY_EVERY);
    this.draw();
  }

  stop() {
    clearInterval(this.state.playing);
    this.state.playing = null;
  }

  setMode(mode) {
    this.stop();
    this.state.mode = mode;
    this.followMode();
    this.draw();
  }

  /* Questions. */

  question() {
    return this.questions[this.state.question] ?? null;
  }

  /** The question that is open in the present mode; null for none. */
  openQuestion() {
    const question = this.question();
    const isOpen = question && question.mode === this.state.mode && !this.progress.of(question.key);
    return isOpen ? question : null;
  }

  answer(key = this.question().key) {
    if (!this.state.answers.has(key)) this.state.answers.set(key, newAnswer());
    return this.state.answers.get(key);
  }

  choose(place) {
    this.state.question = place;
    this.state.questionKey = this.questions[place]?.key ?? null;
  }

  /** Go to the first open question of the mode, unless the current one is of it. */
  followMode() {
    const { mode } = this.state;
    if (this.question()?.mode === mode && !this.progress.of(this.question().key)) return;
    const place = this.questions.findIndex((one) => one.mode === mode && !this.progress.of(one.key));
    if (place >= 0) this.choose(place);
  }

  /** Go to the step that shows the answer of the current question. */
  showStepOf(question) {
    if (question.mode !== this.state.mode) return;
    if (this.state.mode === 'forward') {
      const place = question.edges.length ? this.study.graph.edges[question.edges[0]].target : question.nodes[0];
      this.state.position.forward = this.entryPlaces().indexOf(place) + 1;
    } else if (this.state.mode === 'reverse') {
      const last = this.study.steps.findLastIndex(({ source, place }) => (
        question.edges.length ? question.edges.includes(place) : question.nodes.includes(source)));
      if (last >= 0) this.state.position.reverse = last + 2;
    }
  }

  /* What is linked, and other choices. */

  /** The places of what the pointer is on, else of what is held. */
  linked() {
    return this.state.pointed ?? this.state.held ?? [];
  }

  /** The node that Tab reaches. */
  tabStop() {
    return this.linked().find((place) => this.study.graph.nodes[place]) ?? 0;
  }

  hold(places) {
    const isHeld = this.state.held?.join() === places.join();
    this.state.held = isHeld ? null : places;
    this.state.pointed = null;
    this.draw();
  }

  letGo() {
    this.state.held = null;
    this.state.pointed = null;
    this.draw();
  }

  component() {
    return this.study.components[this.state.component] ?? null;
  }

  /** How many passes the longest loop has of which some are drawn as one; null where none are. */
  foldedPasses() {
    if (!this.study.graph.nodes.some(({ kind }) => kind === 'fold')) return null;
    const passes = Math.max(0, ...this.study.tape.regions.map(({ iterations }) => iterations.length));
    return passes > WHOLE_PASSES ? passes : null;
  }

  setInput(point, typed = null) {
    this.state.point = point;
    this.record();
    updateInputs(this, typed);
    this.draw();
  }

  /* Drawing. */

  /** Draw everything anew; the focus stays where it is. */
  draw() {
    if (!this.root) return;
    this.root.querySelector('.columns').classList.toggle('is-stale', Boolean(this.failure));
    const failure = this.part('failure');
    failure.hidden = !this.failure;
    failure.innerHTML = this.failure ? failureHtml(this.failure) : '';
    if (!this.study) return;
    const question = this.page.isUncovering ? null : this.openQuestion();
    this.covering = new Covering(this.study, question);
    keepingFocus(this, () => this.drawParts());
    this.isReshaped = false;
  }

  drawParts() {
    const { state } = this;
    this.scrolled = this.root.querySelector('#picture .scroll')?.scrollLeft ?? 0;
    this.fill('listing', programHtml(this));
    this.fill('tabs', tabsHtml(this));
    this.part('stage').setAttribute('aria-labelledby', `tab-${state.mode}`);
    this.fill('outputs', outputsHtml(this));
    this.fill('lead', MODE_LEADS[state.mode]);
    this.part('steps').hidden = !this.isStepped();
    this.fill('steps', this.isStepped() ? stepsHtml(this) : '');
    this.fill('sentence', sentenceHtml(this));
    this.drawFigure();
    this.fill('sums', sumsHtml(this));
    const { heading, note, html } = tableOf(this);
    this.fill('heading', escaped(heading));
    this.fill('note', escaped(note));
    this.fill('table', html);
    this.fill('paths', pathsHtml(this));
    this.fill('score', scoreText(this));
    this.fill('predict', predictHtml(this));
  }

  fill(id, html) {
    const part = this.part(id);
    if (part.drawn !== html) part.innerHTML = html;
    part.drawn = html;
  }

  drawFigure() {
    const host = this.part('picture');
    const width = Math.max(280, host.clientWidth || 640);
    host.drawn = null;
    if (this.isStepped()) drawPicture(this, host);
    else if (this.state.mode === 'cost' && this.study.isSwept) host.innerHTML = costsHtml(this, width);
    else if (this.state.mode === 'check' && this.study.isSwept) host.innerHTML = checkHtml(this, width);
    else host.innerHTML = '';
  }

  /** Mark what is linked on what is there: nothing is built anew under the pointer. */
  mark(places) {
    if (this.state.pointed === places || (places && this.state.pointed?.join() === places.join())) return;
    this.state.pointed = places;
    const linked = new Set(this.linked());
    const lines = new Set([...linked].flatMap((place) => this.study.linesOf(this.study.graph.nodes[place])));
    for (const element of this.root.querySelectorAll('.node[data-nodes],tr[data-nodes],.registers [data-nodes]')) {
      element.classList.toggle('linked', placesIn(element).some((place) => linked.has(place)));
    }
    for (const item of this.root.querySelectorAll('[data-line-item]')) {
      item.classList.toggle('linked', lines.has(Number(item.dataset.lineItem)));
    }
    for (const element of this.root.querySelectorAll('[data-edge],[data-edge-label]')) {
      const edge = this.study.graph.edges[element.dataset.edge ?? element.dataset.edgeLabel];
      element.classList.toggle('linked', isLinkedEdge(linked, edge));
    }
    this.fill('paths', pathsHtml(this));
  }
}

/** The places of the nodes that an element stands for. */
export function placesIn(element) {
  return element.dataset.nodes.split(' ').map(Number);
}

function failureHtml({ message, line, remedy }) {
  const where = line === null ? '' : ` (line ${line})`;
  const help = remedy ? `<p>${markedHtml(remedy[0].toUpperCase() + remedy.slice(1))}.</p>` : '';
  return `<p><b>The program does not run here${where}:</b> ${markedHtml(message)}.</p>${help}`
    + '<p class="soft small">What is shown is the last run that came to an end.</p>';
}

/** Draw, and put the focus and the caret back on what has the same key. */
function keepingFocus(view, draw) {
  const before = document.activeElement;
  const key = view.root.contains(before) ? before?.dataset?.key : null;
  const caret = before?.type === 'text' ? before.selectionStart : null;
  draw();
  if (!key || document.activeElement?.dataset?.key === key) return;
  const after = view.root.querySelector(`[data-key="${CSS.escape(key)}"]`)
    ?? view.root.querySelector(SUCCESSORS.find(([start]) => key.startsWith(start))?.[1] ?? '#stage');
  after?.focus({ preventScroll: true });
  if (caret !== null && after?.type === 'text') after.setSelectionRange(caret, caret);
}

function panelHtml(id, title, aside, content, more = '') {
  return `<section class="panel${more}" aria-labelledby="${id}"><div class="head"><h2 id="${id}">${title}`
    + `</h2>${aside}</div>`
    + `${content}</section>`;
}

function frameHtml({ program, page, section }) {
  const title = program.title || program.name;
  const about = program.about ? `<p>${markedHtml(program.about)}</p>` : '';
  return `<div class="columns"><div class="side"><div class="intro">`
    + `<h1${title.length > LONG_TITLE ? ' class="is-long"' : ''}>${markedHtml(title)}</h1>${about}</div>`
    + panelHtml('program', 'Program', `<small class="soft mono">${escaped(program.name)}.ad</small>`,
      '<ol class="listing" id="listing"></ol>')
    + panelHtml('input-heading', 'Inputs', '', '<div id="inputs"></div>'
      + '<div class="presets" id="presets" role="group" aria-label="Presets"></div>')
    + '</div><div class="work"><div class="modes"><div class="tabs" role="tablist" aria-label="Modes" id="tabs"></div>'
    + '<div id="outputs"></div></div>'
    + '<section class="panel" id="stage" role="tabpanel" tabindex="-1"><p class="lead" id="lead"></p>'
    + '<div class="steps" id="steps" role="group" aria-label="Steps"></div>'
    + '<div class="notice" id="failure" role="alert" hidden></div>'
    + '<p class="sentence" id="sentence" aria-live="polite"></p>'
    + '<figure><div id="picture"></div></figure><div id="sums"></div></section></div>'
    + `<div class="coach">${panelHtml('predict-heading', 'Predict, then see', '<small class="soft" id="score"></small>',
      '<div id="predict"></div>')}`
    + `${panelHtml('paths-heading', 'Sum over paths', '', '<div id="paths"></div>')}</div>`
    + panelHtml('heading', '', '<small class="soft" id="note"></small>', '<div id="table"></div>', ' rows" id="rows')
    + `${page.turningHtml(section)}</div><p class="foot">Left and right arrows step, Home and End go to the first `
    + `and last step. `
    + 'Tab reaches the graph; there the arrows walk along its edges, Enter holds a mark and Escape lets it go. '
    + 'Angles are in radians. Everything on this page is computed in this page.</p>';
}
