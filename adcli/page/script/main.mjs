// The page: its sections, one of which is shown, and what the reader does on it.
import {
  clickOnProgram, commitToProgram, focusOnProgram, inputOnProgram, keyOnProgram, placesOn,
} from './view/events.mjs';
import { LessonView } from './view/lesson.mjs';
import { storeColours, storedColours } from './view/progress.mjs';
import { ProgramView } from './view/view.mjs';
import { escaped } from './view/words.mjs';

const REDRAW_AFTER = 120; // ms behind the last change of the window's size

/** The page with all its sections. */
class Page {
  constructor({ title, sections, words }) {
    this.title = title;
    this.sections = sections;
    this.words = words;
    this.isUncovering = false;
    this.views = new Map();
    this.view = null;
  }

  /** Show the section that the address names, else the first one. */
  show() {
    const id = decodeURIComponent(location.hash.slice(1));
    const section = this.sections.find((one) => one.id === id) ?? this.sections[0];
    if (!this.views.has(section.id)) {
      const View = section.kind === 'program' ? ProgramView : LessonView;
      this.views.set(section.id, new View(section, this));
    }
    const view = this.views.get(section.id);
    if (view === this.view) return;
    this.view?.close();
    this.view = view;
    document.title = this.sections.length > 1 ? `${section.title}: ${this.title}` : this.title;
    this.drawContents();
    byId('uncover').hidden = section.kind !== 'program';
    view.open(byId('section'));
  }

  drawContents() {
    const contents = byId('contents');
    contents.hidden = this.sections.length < 2;
    contents.innerHTML = this.sections.map(({ id, title, kind }) => (
      `<a href="#${escaped(id)}"${kind === 'program' ? ' class="is-program"' : ''}`
      + `${id === this.view.section.id ? ' aria-current="page"' : ''}>${escaped(title)}</a>`)).join('');
    contents.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }

  /** The links to the sections before and behind one. */
  turningHtml(section) {
    const at = this.sections.indexOf(section);
    const link = (other, text) => (other ? `<a class="btn" href="#${escaped(other.id)}`
      + `">${text(escaped(other.title))}</a>` : '<i></i>');
    if (this.sections.length < 2) return '';
    return `<nav class="turning" aria-label="Sections before and `
      + `behind">${link(this.sections[at - 1], (title) => `← ${title}`)}`
      + `${link(this.sections[at + 1], (title) => `${title} →`)}</nav>`;
  }

  /** The table of contents, which the first text of a course ends with. */
  listHtml(section) {
    if (this.sections.length < 2 || section !== this.sections[0]) return '';
    const items = this.sections.slice(1).map(({ id, kind, title }) => {
      const text = kind === 'program' ? `<code>${escaped(title)}</code>` : escaped(title);
      return `<li class="of-${kind}"><a href="#${escaped(id)}">${text}</a></li>`;
    });
    return `<nav class="overview" aria-label="All sections"><ol>${items.join('')}</ol></nav>`;
  }

  /** Tell a screen reader something beside the sentence of the step. */
  announce(text) {
    byId('announced').textContent = text;
  }

  get program() {
    return this.view instanceof ProgramView ? this.view : null;
  }
}

function byId(id) {
  return document.getElementById(id);
}

function setColours(colours) {
  document.documentElement.dataset.theme = colours;
  const other = colours === 'dark' ? 'light' : 'dark';
  byId('colours').textContent = other === 'dark' ? 'Dark' : 'Light';
  byId('colours').setAttribute('aria-label', `Switch to ${other} colours`);
}

function listen(page) {
  byId('colours').addEventListener('click', () => {
    const colours = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    setColours(colours);
    storeColours(colours);
  });
  byId('uncover').addEventListener('click', ({ currentTarget }) => {
    page.isUncovering = !page.isUncovering;
    currentTarget.setAttribute('aria-pressed', page.isUncovering);
    page.view.draw();
  });
  byId('skip').addEventListener('click', (event) => {
    event.preventDefault(); // the address names the section
    (byId('stage') ?? byId('section')).focus();
  });
  byId('section').addEventListener('click', ({ target }) => {
    const asking = target.closest('[data-ask]');
    if (page.program) clickOnProgram(page.program, target);
    else if (asking) page.view.ask(asking.dataset.ask, Number(asking.dataset.question));
  });
  document.addEventListener('submit', (event) => {
    event.preventDefault();
    const id = event.target.dataset.questionForm;
    const text = new FormData(event.target).get(`answer-${id}`) ?? '';
    if (page.program) commitToProgram(page.program, text);
    else page.view.commit(Number(id), text);
  });
  document.addEventListener('input', ({ target }) => page.program && inputOnProgram(page.program, target));
  document.addEventListener('focusin', ({ target }) => page.program && focusOnProgram(page.program, target));
  document.addEventListener('pointerover', ({ target, pointerType }) => {
    if (page.program?.study && pointerType === 'mouse') page.program.mark(placesOn(target));
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !page.program) return;
    if (keyOnProgram(page.program, event)) event.preventDefault();
  });
  addEventListener('hashchange', () => {
    page.show();
    scrollTo(0, 0);
    byId('section').focus({ preventScroll: true });
  });
  let waiting = null;
  addEventListener('resize', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => page.view.draw(), REDRAW_AFTER);
  });
}

const THE_PAGE = new Page(JSON.parse(byId('data').textContent));
setColours(storedColours());
listen(THE_PAGE);
THE_PAGE.show();
