// The sum over paths: along a path partials multiply, where paths meet they add.
import { adjointName } from '../describe.mjs';
import { briefText } from '../layout.mjs';
import { numberText } from '../../../emit/script/numbers.mjs';
import { pathText, pathsBetween, productOf } from '../questions.mjs';
import { codeHtml, COVERED_CHIP, coverable, escaped } from './words.mjs';

const MOST_SHOWN = 8;

/** The paths from what is linked, else from what is asked about, else from the node that receives most. */
export function pathsHtml(view) {
  const { study } = view;
  const { graph, outputPlace } = study;
  const place = study.isSwept ? chosenPlace(view) : null;
  if (place === null) return '<p class="small soft">There is nothing that a sweep reaches.</p>';
  const { label, adjoint } = graph.nodes[place];
  const output = codeHtml(graph.swept);
  if (place === outputPlace) {
    return `<p class="small soft">${codeHtml(label)} is the output: its adjoint is the seed, 1. Touch another entry `
      + `to see its `
      + 'paths.</p>';
  }
  const paths = pathsBetween(graph, place, outputPlace);
  const isHidden = view.covering.adjoints.has(place);
  const lead = `<p class="small soft">From ${codeHtml(label)} to ${output}: multiply along a path, add the paths.</p>`;
  const sum = (isCovered) => `<li><span>${escaped(adjointName(label))}</span><span class="product">`
    + `${coverable(isCovered, escaped(briefText(adjoint ?? 0)))}</span></li>`;
  if (paths === null) {
    return `${lead}<p class="small soft">These paths are too many to be listed, or go through arrays; the sweep `
      + `adds them all.</p>`
      + `<ul class="paths">${sum(isHidden)}</ul>`;
  }
  const covers = (path) => isHidden || path.edges.some((edge) => view.covering.partials.has(graph.edges.indexOf(edge)));
  const shown = paths.slice(0, MOST_SHOWN).map((path) => pathHtml(path, graph, covers(path))).join('')
    || '<li><span>no path on this tape</span><span class="product">0</span></li>';
  const more = paths.length > MOST_SHOWN ? `<li><span>and ${paths.length - MOST_SHOWN} more</span><span></span>`
    + `</li>` : '';
  return `${lead}<ul class="paths">${shown}${more}${sum(paths.some(covers))}</ul>`;
}

function pathHtml(path, graph, isCovered) {
  const factors = path.edges.map(({ partial }) => numberText(partial)).join(' · ');
  return `<li><span>${escaped(pathText(path, graph))}<em>${isCovered ? '' : escaped(factors)}</em></span>`
    + `<span class="product">${isCovered ? COVERED_CHIP : numberText(productOf(path))}</span></li>`;
}

function chosenPlace(view) {
  const { graph } = view.study;
  const isReached = (place) => (graph.nodes[place]?.entry ?? null) !== null; // no decision, no node of many values
  const linked = view.linked().filter(isReached);
  if (linked.length) return linked.at(-1);
  const asked = view.openQuestion()?.nodes.filter(isReached) ?? [];
  if (asked.length && view.state.mode === 'reverse') return asked[0];
  const counts = new Map();
  view.study.steps.forEach(({ source, of }) => counts.set(source, of));
  const most = Math.max(0, ...counts.values());
  const found = [...counts.keys()].filter((place) => counts.get(place) === most && isReached(place));
  return found.length ? Math.max(...found) : null;
}
