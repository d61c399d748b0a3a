// The table of each mode: the tape, the sweep, the costs, the derivatives.
import { shapeOf } from '../../../emit/script/arrays.mjs';
import { adjointName } from '../describe.mjs';
import { sharedDigits } from '../differences.mjs';
import { briefText } from '../layout.mjs';
import { numberText } from '../../../emit/script/numbers.mjs';
import { verdictWord } from './checks.mjs';
import { costAt } from './costs.mjs';
import { classNames, countedText, coverable, escaped, ordinalText, shownValue, sizeText } from './words.mjs';

/** The heading, a note beside it, and the table of the present mode. */
export function tableOf(view) {
  const { mode } = view.state;
  if (mode === 'forward') return tapeTable(view);
  if (!view.study.isSwept) return { heading: 'Reverse sweep', note: '', html: '' };
  return { reverse: sweepTable, cost: costTable, check: checkTable }[mode](view);
}

function cellHtml(column, html, kind = '') {
  return `<td role="cell" data-column="${column}"${kind ? ` class="${kind}"` : ''}>${html}</td>`;
}

function tableHtml(kind, caption, columns, rows) {
  const heads = columns.map(([name, isNumber]) => (
    `<th role="columnheader" scope="col"${isNumber ? ' class="number"' : ''}>${escaped(name)}</th>`)).join('');
  return `<table class="table ${kind}" role="table"><caption class="unseen">${caption}</caption>`
    + `<thead role="rowgroup"><tr role="row">${heads}</tr></thead><tbody role="rowgroup">${rows.join('')}</tbody>`
    + `</table>`;
}

function tapeTable(view) {
  const { nodes } = view.study.graph;
  const rows = nodes.map((node, place) => (
    node.kind === 'guard' ? guardRow(view, node, place) : entryRow(view, node, place)));
  const columns = [['entry'], ['name'], ['operation'], ['value', true], ['partials'], ['kept'], ['line', true]];
  const folds = nodes.some(({ kind }) => kind === 'fold');
  const note = folds ? 'many entries are drawn as one' : '';
  return { heading: 'Tape', note, html: tableHtml('stepped', 'The tape', columns, rows) };
}

function guardRow(view, node, place) {
  const isLater = !view.isRecorded(place);
  return `<tr role="row" class="${classNames(isLater && 'later')}`
    + `">${cellHtml('entry', 'decision')}${cellHtml('name', '')}`
    + `${cellHtml('operation', `if ${escaped(node.operation)}`)}`
    + `${cellHtml('value', isLater ? '·' : shownValue(node.value), 'number')}`
    + `${cellHtml('partials', '')}${cellHtml('kept', '')}`
    + `${cellHtml('line', node.line ?? '', 'number')}</tr>`;
}

function entryRow(view, node, place) {
  const { study, state } = view;
  const isLater = !view.isRecorded(place);
  const marks = classNames(isLater && 'later', view.linked().includes(place) && 'linked',
    place === view.nodeNow() && 'now');
  const key = escaped(view.keyOf(place));
  const number = node.entry === null ? countedText(node.hides, 'entry', 'entries') : study.labels.number(node.entry);
  const name = node.entry === null ? node.label : study.tape.names[node.entry] === null ? '' : node.label;
  const operation = node.kind === 'fold' && node.of ? `${node.operation} of ${node.of}` : node.operation;
  const isKept = !isLater && study.isKept(node);
  return `<tr role="row" class="${marks}" data-nodes="${place}">`
    + cellHtml('entry', `<button type="button" data-nodes="${place}" data-key="row ${key}" `
      + `aria-pressed="${Boolean(state.held?.includes(place))}">${escaped(number)}</button>`)
    + cellHtml('name', escaped(name)) + cellHtml('operation', escaped(operation))
    + cellHtml('value', isLater ? '·' : valueHtml(view, node, place), 'number')
    + cellHtml('partials', isLater ? '' : partialsHtml(view, place))
    + cellHtml('kept', isKept ? '<span class="kept">kept</span>' : '')
    + cellHtml('line', node.line ?? '', 'number') + '</tr>';
}

/** A value; of an array its first elements, and all of them on demand. */
function valueHtml(view, node, place) {
  if (node.entry === null) return '';
  if (typeof node.value === 'number') return escaped(numberText(node.value));
  const key = view.keyOf(place);
  const isOpen = view.state.opened.has(key);
  const size = `${shapeOf(node.value).join(' × ')} ${isOpen ? 'less' : 'all'}`;
  const button = `<button type="button" data-elements="${escaped(key)}" data-key="elements ${escaped(key)}" `
    + `aria-expanded="${isOpen}" aria-label="All elements of ${escaped(node.label)}">${size}</button>`;
  return isOpen ? `${button}<span class="elements-text">${escaped(numberText(node.value, 6, true))}</span>`
    : `${escaped(briefText(node.value))} ${button}${rangeHtml(node.value)}`;
}

function rangeHtml({ data }) {
  if (data.length <= 3) return '';
  const [low, high] = data.reduce(([least, most], number) => [Math.min(least, number), Math.max(most, number)],
    [Infinity, -Infinity]);
  return `<span class="nth">from ${numberText(low, 3)} to ${numberText(high, 3)}</span>`;
}

function partialsHtml(view, place) {
  const { graph } = view.study;
  return graph.edges.map((edge, at) => {
    if (edge.target !== place || edge.guard) return '';
    const [source, target] = [graph.nodes[edge.source], graph.nodes[edge.target]];
    if (edge.formula.includes(' += ')) return `<span class="partial">${escaped(edge.formula)}</span>`;
    const name = `∂${target.label}/∂${source.label}`;
    const shown = edge.partial === null ? '' : numberText(edge.partial);
    const formula = edge.formula === shown || edge.formula === name || !edge.formula ? '' : ` `
      + `= ${escaped(edge.formula)}`;
    const number = edge.partial === null ? '' : ` = ${coverable(view.covering.partials.has(at), shown)}`;
    return `<span class="partial">${escaped(name)}${formula}${number}</span>`;
  }).join('');
}

function sweepTable(view) {
  const { study } = view;
  const at = view.position();
  const seed = `<tr role="row" class="${classNames(at === 1 && 'now')}" `
    + `data-nodes="${study.outputPlace}">${cellHtml('step', 'seed')}`
    + cellHtml('entry', '')
    + cellHtml('contribution', `<span class="adjoint">${escaped(adjointName(study.graph.swept))} = 1</span>`)
    + `${cellHtml('=', '', 'number')}${cellHtml('accumulates', '')}</tr>`;
  const rows = study.steps.map((step, number) => stepRow(view, step, number, at));
  const columns = [['step'], ['entry'], ['contribution'], ['=', true], ['accumulates']];
  return {
    heading: `Reverse sweep from ${study.graph.swept}`, note: '',
    html: tableHtml('stepped', 'The reverse sweep, one row for each contribution', columns, [seed, ...rows]),
  };
}

function stepRow(view, step, number, at) {
  const { study, covering } = view;
  const [source, target] = [study.graph.nodes[step.source], study.graph.nodes[step.target]];
  const name = adjointName(source.label);
  const isLater = number + 2 > at;
  const isFirst = !number || study.steps[number - 1].target !== step.target;
  const linked = view.linked();
  const marks = classNames(isLater && 'later', number + 2 === at && 'now',
    (linked.includes(step.source) || linked.includes(step.target)) && 'linked');
  const sent = coverable(covering.contributions.has(step.place),
    `<span class="adjoint">${escaped(briefText(step.contribution))}</span>`);
  const before = coverable(covering.before(step), escaped(briefText(step.before)));
  const after = coverable(covering.after(step), escaped(briefText(step.after)));
  const nth = step.of > 1 ? `<span class="nth">${ordinalText(step.nth)} of ${step.of} into ${escaped(source.label)}`
    + `</span>` : '';
  return `<tr role="row" class="${marks}" data-nodes="${step.source} ${step.target}">`
    + cellHtml('step', `<button type="button" data-go="${number + 2}" data-key="go ${number}" `
      + `aria-label="Go to step ${step.step}, into ${escaped(name)}">${step.step}</button>`)
    + cellHtml('entry', isFirst ? escaped(`${target.label} = ${target.operation}`) : '')
    + cellHtml('contribution', escaped(`${name} += ${study.sentText(step.edge)}`))
    + cellHtml('=', isLater ? '' : sent, 'number')
    + cellHtml('accumulates', isLater ? '' : `<span>${escaped(name)}: ${before} → ${after}${nth}</span>`) + '</tr>';
}

function costTable(view) {
  const { cost, graph } = view.study;
  const at = costAt(view);
  const inputs = countedText(cost.inputs, 'input', 'inputs');
  const column = `with ${countedText(at.count, 'input', 'inputs')}`;
  const value = Math.max(1, cost.value);
  const sweeps = countedText(cost.inputs, 'forward sweep', 'forward sweeps');
  const row = (method, takes, entries, there, key = '') => {
    const shown = (text) => coverable(key && view.covering.cost === key, text);
    return `<tr role="row">${cellHtml('method', method)}${cellHtml('takes', takes)}`
      + `${cellHtml('entries', shown(String(entries)), 'number')}`
      + `${cellHtml('per value', shown((entries / value).toFixed(2)), 'number')}`
      + `${cellHtml(column, shown(there.toFixed(2)), 'number')}</tr>`;
  };
  const rows = [
    row('value', '1 run', cost.value, 1),
    row('reverse mode', '1 run, 1 reverse sweep', cost.reverse, at.reverse),
    row('forward mode', `1 run, ${sweeps}`, cost.forward, at.forward, 'forward'),
    row('central differences', `${2 * cost.inputs} runs`, cost.differences, at.differences, 'differences'),
  ];
  const columns = [['method'], ['takes'], ['entries', true], ['per value', true], [column, true]];
  return {
    heading: `Cost of the gradient of ${graph.swept} by ${inputs}`, note: '',
    html: tableHtml('counted', 'Cost by method', columns, rows),
  };
}

function checkTable(view) {
  const { study, state } = view;
  const step = 10 ** -state.exponent;
  const rows = study.components.map((component, place) => {
    const { name, derivative } = component;
    const found = study.differenceAt(component, step);
    const forward = study.forwardDerivative(component);
    const apart = Math.abs(found - derivative);
    return `<tr role="row" class="${classNames(place === state.component && 'now')}`
      + `">${cellHtml('input', escaped(name))}`
      + cellHtml('reverse', `<span class="adjoint">${numberText(derivative)}</span>`, 'number')
      + cellHtml('forward', forward === null ? '' : numberText(forward), 'number')
      + cellHtml('difference', numberText(found), 'number')
      + cellHtml('apart', Number.isFinite(apart) ? (apart ? sizeText(apart) : '0') : '', 'number')
      + cellHtml('digits', Number.isFinite(found) ? sharedDigits(found, derivative) : '', 'number')
      + `${cellHtml('verdict', verdictWord(view, component, step))}</tr>`;
  });
  const columns = [['input'], ['reverse', true], ['forward', true], ['difference', true], ['apart', true],
    ['digits', true], ['verdict']];
  return {
    heading: `Derivatives of ${study.graph.swept}`, note: `step ${sizeText(step)}`,
    html: tableHtml('counted', 'Derivatives, three ways', columns, rows),
  };
}
