// Which entries of a tape are a node of their own in a picture, and which stretches of others are drawn as one.
//
// A short tape is drawn whole. Of a longer one passes of loops are put together first, then calls, then loops, then the
// entries of a line, and at last neighbours.

import { regionText } from './describe.mjs';
import { countText } from '../../emit/script/numbers.mjs';

/** The most passes of a loop that is drawn whole. */
export const WHOLE_PASSES = 3;

/** Of a stretch that has a node for each of its results, the most. */
export const MOST_RESULTS = 3;

/** The entries of a tape that are drawn, in one way or another; `ends` are read from outside, such as the outputs. */
export class Wanted {
  constructor(tape, wanted, ends) {
    this.tape = tape;
    this.entries = [];
    wanted.forEach((drawn, entry) => { if (drawn) this.entries.push(entry); });
    this.lastReader = new Array(wanted.length).fill(-1);
    for (const entry of this.entries) {
      for (const operand of tape.operands[entry]) this.lastReader[operand] = entry;
    }
    for (const { left, right, position } of tape.guards) {
      for (const side of [left, right]) this.lastReader[side] = Math.max(this.lastReader[side], position);
    }
    for (const entry of ends) this.lastReader[entry] = wanted.length;
  }

  /** The entries of a stretch that are drawn. */
  within({ start, end }) {
    return this.entries.slice(placeOf(this.entries, start), placeOf(this.entries, end));
  }

  /** Those of them that are read behind it. */
  results(stretch) {
    return this.within(stretch).filter((entry) => this.lastReader[entry] >= stretch.end);
  }

  /** How many nodes a stretch becomes. */
  nodes(stretch) {
    if (!stretch.text) return 1;
    const count = this.results(stretch).length;
    return count <= MOST_RESULTS ? count : 1;
  }
}

/** The place of the first entry that is not below a number. */
function placeOf(entries, number) {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle] < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The tape in stretches that become no more than about `most` nodes; of each loop the `openPass` stays open. */
export function stretchesOf(wanted, most, openPass) {
  let parts = [];
  for (const fold of [() => [], foldedPasses, foldedCalls, foldedLoops]) {
    parts = coveredStretches(wanted, fold(wanted.tape, openPass));
    if (countNodes(wanted, parts) <= most) return parts;
  }
  parts = joinedStretches(wanted, parts, ofOneLine(wanted.tape));
  return countNodes(wanted, parts) <= most ? parts : joinedStretches(wanted, parts, soMany(parts, most));
}

/** Entries in a row that are drawn together: `text` says what they are, and is empty for an entry by itself. */
function stretch(start, end, text = '', of = '') {
  return { start, end, text, of };
}

function countNodes(wanted, parts) {
  return parts.reduce((sum, part) => sum + wanted.nodes(part), 0);
}

/** The folded stretches, without those inside another one, and the entries between them one by one. */
function coveredStretches(wanted, folded) {
  const parts = [];
  const { length } = wanted.tape;
  let covered = 0;
  const sorted = [...folded].sort((one, other) => one.start - other.start || other.end - one.end);
  for (const part of [...sorted, stretch(length, length)]) {
    if (part.start < covered) continue;
    for (const entry of wanted.within({ start: covered, end: part.start })) parts.push(stretch(entry, entry + 1));
    const within = wanted.within(part);
    if (within.length === 1) parts.push(stretch(within[0], within[0] + 1));
    else if (within.length) parts.push(part);
    covered = Math.max(covered, part.end);
  }
  return parts;
}

/** Of each loop the passes before the open one, and those behind it. */
function foldedPasses(tape, openPass) {
  return tape.regions.flatMap((region) => {
    const starts = region.iterations;
    if (region.kind === 'call' || starts.length <= WHOLE_PASSES) return [];
    const opened = Math.min(Math.max(openPass, 1), starts.length);
    const text = regionText(region);
    const parts = [];
    if (opened > 1) parts.push(stretch(region.start, starts[opened - 1], passesText(1, opened - 1), text));
    if (opened < starts.length) {
      parts.push(stretch(starts[opened], region.end, passesText(opened + 1, starts.length), text));
    }
    return parts;
  });
}

function passesText(first, last) {
  return first === last ? `pass ${countText(first)}` : `passes ${countText(first)} to ${countText(last)}`;
}

/** Each call, and passes as above. */
function foldedCalls(tape, openPass) {
  return [...foldedPasses(tape, openPass), ...tape.regions.filter(({ kind }) => kind === 'call').map(wholeRegion)];
}

/** Each loop and each call. */
function foldedLoops(tape) {
  return tape.regions.map(wholeRegion);
}

function wholeRegion(region) {
  const text = regionText(region);
  if (region.kind === 'call') return stretch(region.start, region.end, text);
  return stretch(region.start, region.end, `${countText(region.iterations.length)} passes`, text);
}

/** Entries that stand in one line of the program are put together. */
function ofOneLine(tape) {
  return (count, first, part) => !(first.text || part.text) && tape.lines[first.start] === tape.lines[part.start];
}

/** Neighbours are, so that about as many are left as may be drawn: each may have several results. */
function soMany(parts, most) {
  const together = Math.ceil((parts.length * 2) / most);
  return (count) => count < together;
}

/** The parts, some of them put together; inputs stay by themselves, unless they are most of what there is. */
function joinedStretches(wanted, parts, join) {
  const { tape } = wanted;
  const single = parts.filter((part) => tape.operations[part.start] === 'input');
  const apart = new Set(single.length <= Math.floor(parts.length / 2) ? single.map(stretchKey) : []);
  const groups = [];
  for (const part of parts) {
    const group = groups.at(-1);
    const isApart = group && (apart.has(stretchKey(group[0])) || apart.has(stretchKey(part)));
    if (group && !isApart && join(group.length, group[0], part)) group.push(part);
    else groups.push([part]);
  }
  return groups.map((group) => (
    group.length === 1 ? group[0] : stretch(group[0].start, group.at(-1).end, linesText(tape, group))));
}

function stretchKey({ start, end, text, of }) {
  return `${start} ${end} ${text} ${of}`;
}

function linesText(tape, group) {
  const ends = [tape.lines[group[0].start], tape.lines[group.at(-1).end - 1]];
  const lines = ends.filter((line) => line !== null);
  if (!lines.length) return `${group.length} entries`;
  const [low, high] = [Math.min(...lines), Math.max(...lines)];
  return low === high ? `line ${lines[0]}` : `lines ${low} to ${high}`;
}
