// A text of a course, with its questions in it.
import { helpHtml, judgedAnswer, newAnswer, questionHtml, shownAnswer } from './predict.mjs';
import { Progress } from './progress.mjs';
import { escaped, spokenText } from './words.mjs';

/** A text section of the page. */
export class LessonView {
  constructor(section, page) {
    this.section = section;
    this.page = page;
    this.questions = section.questions.map((question, place) => ({ ...question, key: `course: ${place}` }));
    this.answers = this.questions.map(newAnswer);
    this.progress = new Progress(`${section.title}\n${section.html}`);
    this.root = null;
  }

  open(root) {
    this.root = root;
    root.innerHTML = `<article class="panel prose"><h1>${escaped(this.section.title)}</h1>${this.section.html}`
      + `${this.page.listHtml(this.section)}${this.page.turningHtml(this.section)}</article>`;
    for (const place of root.querySelectorAll('[data-question]')) place.className = 'question';
    this.draw();
  }

  close() {
    this.root = null;
  }

  draw() {
    const before = document.activeElement?.dataset?.key;
    this.questions.forEach((question, place) => {
      const host = this.root.querySelector(`.question[data-question="${place}"]`);
      if (!host) return;
      const settled = this.progress.of(question.key);
      const buttons = settled
        ? `<button class="btn quiet" type="button" data-ask="again" data-question="${place}" `
          + `data-key="again ${place}">Ask again</button>`
        : helpHtml(question, this.answers[place], place);
      host.innerHTML = `${questionHtml(question, this.answers[place], settled, place)}<div `
        + `class="buttons">${buttons}</div>`;
    });
    if (!before) return;
    const place = before.split(' ')[1]; // where it is gone its question has been settled, or asked again
    const after = this.root.querySelector(`[data-key="${CSS.escape(before)}"]`)
      ?? this.root.querySelector(`[data-key="again ${place}"],[data-key="answer ${place}"],[data-key="choice ${place} 0"]`);
    after?.focus({ preventScroll: true });
  }

  /** Answer one of the questions. */
  commit(place, text) {
    const [question, answer] = [this.questions[place], this.answers[place]];
    const { how, reply } = judgedAnswer(question, text, new Map(), this.page.words);
    Object.assign(answer, { text, reply, isUnread: how === 'unread' });
    if (how !== 'unread') answer.tries += 1;
    if (how === 'right') this.progress.settle(question.key, answer.hints || answer.tries > 1 ? 'hinted' : 'right');
    this.page.announce(spokenText(reply));
    this.draw();
  }

  /** `hint`, `show` or `again`. */
  ask(act, place) {
    const [question, answer] = [this.questions[place], this.answers[place]];
    if (act === 'hint' && answer.hints < question.hints.length) {
      answer.hints += 1;
      this.page.announce(question.hints[answer.hints - 1]);
    } else if (act === 'show') {
      this.progress.settle(question.key, 'shown');
      answer.reply = shownAnswer(question);
      this.page.announce(spokenText(answer.reply));
    } else if (act === 'again') {
      this.progress.open(question.key);
      this.answers[place] = newAnswer();
    }
    this.draw();
  }
}
