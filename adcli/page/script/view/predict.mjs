// The panel of predictions: a question, an answer that is committed, hints, and what a wrong answer may come from.
import { evaluated } from '../expression.mjs';
import { numberText } from '../../../emit/script/numbers.mjs';
import { diagnosisOf, isNear } from '../questions.mjs';
import { modeName } from './state.mjs';
import { escaped, markedHtml } from './words.mjs';

const SETTLED_WORDS = { right: 'right', hinted: 'right with hints', shown: 'shown' };
const TICK = 'M7.2 11.4l2.7 2.6 5-5.6';

/** What the reader has done with a question that was not asked before. */
export function newAnswer() {
  return { text: '', hints: 0, reply: '', tries: 0, isUnread: false };
}

/** Judge an answer: `right`, `wrong` or `unread`, with what is replied to it. */
export function judgedAnswer(question, text, names, words) {
  if (question.choices.length) return judgedChoice(question, text);
  const number = evaluated(text, names);
  if (number === null) {
    return { how: 'unread', reply: '<p>This could not be read as a number or a formula. Names of the program, '
      + '<code>+ - * / ^</code>, brackets and functions such as <code>cos</code> are understood.</p>' };
  }
  if (isNear(number, question.truth)) {
    return { how: 'right', reply: `<p><b>Right.</b> It is <code>${numberText(question.truth)}</code>. `
      + `${markedHtml(question.because)}</p>` };
  }
  return { how: 'wrong', reply: `<p><b>Not yet.</b> ${markedHtml(diagnosisOf(question, number, text.trim(), words))}`
    + `</p>${COVERED_NOTE}` };
}

const COVERED_NOTE = '<p class="soft small">The answer stays covered. Change your prediction, or take a hint.</p>';

function judgedChoice(question, text) {
  if (text === '') return { how: 'unread', reply: '<p>Choose one of these first.</p>' };
  if (Number(text) === question.truth) {
    return { how: 'right', reply: `<p><b>Right.</b> ${markedHtml(question.because)}</p>` };
  }
  return { how: 'wrong', reply: `<p><b>Not yet.</b> ${markedHtml(question.leads)}</p>${COVERED_NOTE}` };
}

/** The answer itself, with why it is that. */
export function shownAnswer(question) {
  const answer = question.choices.length ? question.choices[question.truth].text : numberText(question.truth);
  return `<p>It is <code>${escaped(answer)}</code>. ${markedHtml(question.because)}</p>`;
}

/** A question with its form, its reply and its hints; `id` tells those of one page apart. */
export function questionHtml(question, answer, settled, id, asks = 'A number, or a formula') {
  const hints = question.hints.slice(0, answer.hints).map((hint, place) => (
    `<li><b>Hint ${place + 1} of ${question.hints.length}</b>${markedHtml(hint)}</li>`)).join('');
  const reply = answer.reply ? `<div class="reply${settled && settled !== 'shown' ? ' right' : ''}">${answer.reply}`
    + `</div>` : '';
  return `<p class="asked" id="asked-${id}">${markedHtml(question.asked)}</p>`
    + (settled ? '' : `<form class="answer" data-question-form="${id}">${fieldHtml(question, answer, id, asks)}</form>`)
    + `<div>${reply}</div>${hints ? `<ol class="hints">${hints}</ol>` : ''}`;
}

function fieldHtml(question, answer, id, asks) {
  const commit = `<button class="btn main" type="submit" data-key="commit ${id}">Commit</button>`;
  if (question.choices.length) {
    const choices = question.choices.map(({ text }, place) => (
      `<label><input type="radio" name="answer-${id}" value="${place}" data-key="choice ${id} ${place}"`
      + `${answer.text === String(place) ? ' checked' : ''}> <span>${markedHtml(text)}</span></label>`)).join('');
    return `<fieldset class="choices"><legend class="unseen">Your prediction</legend>${choices}</fieldset>${commit}`;
  }
  return `<label for="answer-${id}" class="small soft">${asks}</label>`
    + `<div class="line"><input type="text" id="answer-${id}" name="answer-${id}" data-key="answer ${id}" `
    + `autocomplete="off" `
    + `spellcheck="false" autocapitalize="off" value="${escaped(answer.text)}`
    + `"${answer.isUnread ? ' aria-invalid="true"' : ''}>`
    + `${commit}</div>`;
}

/** The buttons below a question: hints and the answer. */
export function helpHtml(question, answer, id) {
  const left = question.hints.length - answer.hints;
  const hint = question.hints.length
    ? `<button class="btn" type="button" data-ask="hint" data-question="${id}" `
      + `data-key="hint ${id}"${left ? '' : ' aria-disabled="true"'}>`
      + `${answer.hints ? 'Next hint' : 'Hint'} (${left} left)</button>` : '';
  return `${hint}<button class="btn quiet" type="button" data-ask="show" data-question="${id}" `
    + `data-key="show ${id}">Show the answer</button>`;
}

/** The panel: the rings of the progress, and the current question. */
export function predictHtml(view) {
  const { questions, state, progress } = view;
  if (!questions.length) return '<p class="small soft">There is nothing to be asked at this point.</p>';
  const settledCount = questions.filter(({ key }) => progress.of(key)).length;
  const question = view.question();
  const settled = progress.of(question.key);
  const answer = view.answer();
  const rings = questions.map((one, place) => {
    const how = progress.of(one.key);
    return `<li><button type="button" data-ask="choose" data-question="${place}" data-key="ring ${place}"`
      + `${place === state.question ? ' aria-current="step"' : ''} `
      + `aria-label="Question ${place + 1}, ${modeName(one.mode)}: `
      + `${SETTLED_WORDS[how] ?? 'open'}">${ringSvg(how)}</button></li>`;
  }).join('');
  const there = question.mode === state.mode ? '' : `<div class="buttons"><button class="btn" type="button" `
    + `data-ask="there" `
    + `data-key="there">Go to ${modeName(question.mode).toLowerCase()}</button></div>`;
  const asks = 'A number, or a formula over the names of the program';
  const asked = questionHtml(question, answer, settled, 'here', asks);
  const buttons = settled
    ? `<button class="btn main" type="button" data-ask="next" `
      + `data-key="next">${settledCount < questions.length ? 'Next question' : 'Look again'}`
      + '</button><button class="btn quiet" type="button" data-ask="again" data-key="again">Ask again here</button>'
    : helpHtml(question, answer, 'here');
  return `<div class="meter" aria-hidden="true"><i style="width:${(100 * settledCount) / questions.length}%"></i></div>`
    + `<ol class="rings">${rings}</ol>${asked}${there}<div `
    + `class="buttons">${buttons}</div>`;
}

/** `2 of 7 settled`. */
export function scoreText({ questions, progress }) {
  const settled = questions.filter(({ key }) => progress.of(key)).length;
  return questions.length ? `${settled} of ${questions.length} settled` : '';
}

function ringSvg(how) {
  const circle = {
    right: '<circle cx="11" cy="11" r="8" fill="var(--link)" stroke="var(--link)"/>',
    hinted: '<circle cx="11" cy="11" r="8" stroke="var(--link)"/>',
    shown: '<circle cx="11" cy="11" r="8" stroke-dasharray="3 3"/>'
      + '<circle cx="11" cy="11" r="2" fill="currentColor" stroke="none"/>',
  }[how] ?? '<circle cx="11" cy="11" r="8"/>';
  const tick = { right: `<path d="${TICK}" stroke="var(--panel)" stroke-width="2.2"/>`,
    hinted: `<path d="${TICK}" stroke="var(--link)"/>` }[how] ?? '';
  return `<svg viewBox="0 0 22 22" aria-hidden="true" fill="none" stroke="currentColor" `
    + `stroke-width="1.8">${circle}${tick}</svg>`;
}
