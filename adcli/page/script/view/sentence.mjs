// The sentence above the picture: what happens in this step.
import { adjointName, enumeratedTexts } from '../describe.mjs';
import { sharedDigits } from '../differences.mjs';
import { briefText } from '../layout.mjs';
import { costAt } from './costs.mjs';
import {
  codeHtml, countedText, coverable, escaped, ordinalText, placeText, shownValue, sizeText,
} from './words.mjs';

/** What is said of the present step, as HTML. */
export function sentenceHtml(view) {
  const { mode } = view.state;
  if (mode === 'forward') return forwardSentence(view);
  if (!view.study.isSwept) {
    return `The output ${codeHtml(view.state.output)} is an array. A sweep starts from one number: `
      + 'choose another output, or add one to the program that is a number.';
  }
  return { reverse: reverseSentence, cost: costSentence, check: checkSentence }[mode](view);
}

function forwardSentence(view) {
  const { study } = view;
  const place = view.nodeNow();
  if (place === null) return 'The tape is empty. Step on to record the first entry.';
  const node = study.graph.nodes[place];
  const decisions = guardsBehind(view, place).map((guard) => decisionSentence(view, guard)).join('');
  if (node.kind === 'fold') {
    const what = node.of ? `${node.operation} of ${node.of}` : node.operation;
    const out = node.entry === null ? '' : ` ${codeHtml(`${node.label} = ${briefText(node.value)}`)} comes out.`;
    return `<b>${escaped(what)}</b>: ${countedText(node.hides, 'entry', 'entries')}, drawn as one with partials of `
      + `its own.`
      + `${out}${decisions}`;
  }
  const shown = briefText(node.value);
  if (node.kind === 'input') {
    return `${codeHtml(`${node.label} = ${shown}`)} is an <b>input</b> (line ${node.line}). It starts the `
      + `tape.${decisions}`;
  }
  const where = node.line === null ? 'A function that the program uses' : `Line ${node.line}`;
  return `<b>${where}</b> records ${codeHtml(`${node.label} = ${node.operation} = ${shown}`)}. `
    + `${finiteSentence(node.value)}${keptSentence(view, node)}${decisions}`;
}

function finiteSentence(value) {
  const numbers = typeof value === 'number' ? [value] : [...value.data];
  if (numbers.every(Number.isFinite)) return '';
  return 'This is not a finite number, and what is computed from it may not be either. ';
}

function keptSentence({ study }, node) {
  if (study.isSwept && !study.reached[node.entry]) {
    return `Nothing on the way to ${codeHtml(study.output)} passes on what it sends, so nothing is kept for it.`;
  }
  const read = study.readBy(node.entry);
  const names = [...new Set(read.map((entry) => study.labels.of(entry)))];
  if (!names.length) return 'Its partials are plain numbers: nothing has to be kept for them.';
  const shown = names.length > 4 ? [...names.slice(0, 3).map(codeHtml), `${names.length - 3} `
    + `more`] : names.map(codeHtml);
  return `Its partials read ${enumeratedTexts(shown)}, so ${names.length > 1 ? 'these values are' : 'this value is'} `
    + `kept for the `
    + 'way back.';
}

function guardsBehind({ study }, place) {
  const { nodes } = study.graph;
  const guards = [];
  for (let next = place + 1; next < nodes.length && nodes[next].kind === 'guard'; next += 1) guards.push(nodes[next]);
  return guards;
}

function decisionSentence({ study }, node) {
  const guard = study.tape.guards.find(({ position, line, holds }) => (
    position === node.first && line === node.line && holds === node.value));
  const sides = guard ? [guard.left, guard.right].map((side) => briefText(study.tape.values[side])) : null;
  const at = sides ? ` at ${sides[0]} against ${sides[1]}` : '';
  return ` The decision ${codeHtml(node.operation)} <b>${shownValue(node.value)}</b>${at} (${placeText(node.line)}); `
    + 'the other branch is not on this tape.';
}

function reverseSentence(view) {
  const { study, covering } = view;
  const step = view.stepNow();
  const output = study.graph.swept;
  if (!step) {
    return `<b>Seed.</b> ${codeHtml(`${adjointName(output)} = 1`)}: when ${codeHtml(output)} grows by one, `
      + `${codeHtml(output)} grows by one. All other adjoints are 0.`;
  }
  const [source, target] = [study.graph.nodes[step.source], study.graph.nodes[step.target]];
  const sent = coverable(covering.contributions.has(step.place), codeHtml(briefText(step.contribution)));
  const sender = target.kind === 'fold' ? `${target.operation} (${target.label})` : `${target.label} `
    + `= ${target.operation}`;
  const start = `<b>Step ${step.step}.</b> ${codeHtml(sender)} sends ${codeHtml(study.sentText(step.edge))} `
    + `= ${sent} into `
    + `${codeHtml(adjointName(source.label))}. `;
  if (step.of === 1) return `${start}Nothing else sends to ${codeHtml(source.label)}.`;
  const nth = `It is the <b>${ordinalText(step.nth)} of ${step.of}</b> that ${codeHtml(source.label)} receives`;
  if (step.nth === 1) return `${start}${nth}; more will be added.`;
  const before = coverable(covering.before(step), escaped(briefText(step.before)));
  const after = coverable(covering.after(step), escaped(briefText(step.after)));
  return `${start}${nth}, so it is added: ${before} + ${sent} = ${after}.`;
}

function costSentence(view) {
  const { count, reverse, forward, differences } = costAt(view);
  const inputs = countedText(count, 'input', 'inputs');
  const { cost } = view.covering;
  const shown = (number) => escaped(shownValue(Number(number.toFixed(2))));
  return `With <b>${inputs}</b>, reverse mode costs as much as ${shown(reverse)} runs of the program, forward mode `
    + `${coverable(cost === 'forward', shown(forward))}, central differences `
    + `${coverable(cost === 'differences', shown(differences))}.`;
}

function checkSentence(view) {
  const component = view.component();
  if (!component) return 'This program has no input to move.';
  const step = 10 ** -view.state.exponent;
  const found = view.study.differenceAt(component, step);
  const start = `The sweep says ${codeHtml(shownValue(component.derivative))}. The central difference with `
    + `${codeHtml(`h = ${sizeText(step)}`)}`;
  if (!Number.isFinite(found)) return `${start} has no finite value: the program does not run, or has none, at both `
    + `sides.`;
  const digits = sharedDigits(found, component.derivative);
  const agreeing = countedText(digits, 'digit agrees', 'digits agree');
  return `${start} says ${codeHtml(shownValue(found))}: `
    + `${digits > 15 ? 'the same to the last digit' : `the first ${agreeing}`}.`;
}
