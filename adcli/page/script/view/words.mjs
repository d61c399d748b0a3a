// Texts as the page writes them: HTML of names, numbers and lists.
import { countText, numberText } from '../../../emit/script/numbers.mjs';

const HTML_SIGNS = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A text that stands in HTML. */
export function escaped(text) {
  return String(text).replace(/[&<>"]/g, (sign) => HTML_SIGNS[sign]);
}

/** A name, a number or a formula in the sentences of the page. */
export function codeHtml(text) {
  return `<code>${escaped(text)}</code>`;
}

/** A text in which names stand between backticks. */
export function markedHtml(text) {
  return escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

/** What a screen reader is told of some HTML. */
export function spokenText(html) {
  return html.replace(/<[^>]*>/g, ' ').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&').replace(/\s+/g, ' ').trim();
}

/** A value with all that a line has room for. */
export function shownValue(value) {
  if (value === true || value === false) return value ? 'holds' : 'fails';
  return numberText(value, 6);
}

/** `1.0e-05`: how large a step or an error is about. */
export function sizeText(number) {
  const [digits, exponent] = number.toExponential(1).split('e');
  const sign = exponent.startsWith('-') ? '-' : '+';
  return `${digits}e${sign}${exponent.replace(/[+-]/, '').padStart(2, '0')}`;
}

/** `2nd`. */
export function ordinalText(number) {
  const isTeen = number % 100 > 10 && number % 100 < 14;
  return `${number}${(isTeen ? null : ['', 'st', 'nd', 'rd'][number % 10]) || 'th'}`;
}

/** `line 7`; of what a program uses, which stands in another file, that. */
export function placeText(line) {
  return line === null ? 'in a function that the program uses' : `line ${line}`;
}

/** `1 entry`, `3 entries`. */
export function countedText(number, one, several) {
  return `${countText(number)} ${number === 1 ? one : several}`;
}

/** What stands in the place of an answer; its width tells nothing. */
export const COVERED_CHIP = '<span class="chip"><span aria-hidden="true">?</span>'
  + '<span class="unseen">covered</span></span>';

/** Some HTML, or the chip that covers it. */
export function coverable(isCovered, html) {
  return isCovered ? COVERED_CHIP : html;
}

/** Names of classes, those that hold. */
export function classNames(...names) {
  return names.filter(Boolean).join(' ');
}
