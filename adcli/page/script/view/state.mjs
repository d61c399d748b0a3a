// What the reader has chosen: the one place where the page remembers anything.
import { asArray } from '../../../emit/script/arrays.mjs';

/** The modes, with their names. */
export const PAGE_MODES = [
  ['forward', 'Forward tape'], ['reverse', 'Reverse sweep'], ['cost', 'Cost shape'], ['check', 'Check'],
];

/** The name of a mode. */
export function modeName(mode) {
  return PAGE_MODES.find(([key]) => key === mode)[1];
}

/** The state of a program when the page is opened. */
export function newState(program) {
  return {
    point: Object.fromEntries(program.inputs.map(({ name, value }) => [name, asArray(value)])),
    mode: 'forward',
    output: program.outputs[0],
    openPass: 1,
    position: { forward: null, reverse: null }, // null: all of the tape, the seed of the sweep
    pointed: null, // places of nodes that the pointer or the focus is on
    held: null, // and that the reader has chosen
    question: 0,
    questionKey: null,
    answers: new Map(), // by the keys of questions: what was typed, which hints were shown, what was replied
    component: 0, // of the check
    exponent: 5, // of its step
    inputCount: null, // of the chart of costs; null for the program's own
    elements: {}, // by the names of array inputs: which element the slider moves
    opened: new Set(), // rows of the table that show all elements
    playing: null,
    moved: 0, // which way the last step went
  };
}

/** Whether two values are the same in every number. */
export function isSameValue(one, other) {
  if (typeof one === 'number' || typeof other === 'number') return Object.is(one, other) || one === other;
  return one.data.length === other.data.length && one.data.every((number, place) => number === other.data[place]);
}
