// The panel with the program's text.
import { classNames, countedText, escaped } from './words.mjs';

const KEYWORD = /^(\s*)(\} else if|\} else|input|output|if|for|while|def|return|require|state|use|let)\b/;

/** The lines of the program; those that have entries are buttons. */
export function programHtml(view) {
  const { study, program, state } = view;
  const lines = linesWithNodes(study);
  const now = lineNow(view);
  const linked = new Set(view.linked().flatMap((place) => study.linesOf(study.graph.nodes[place])));
  const failed = view.failure?.line;
  const described = commentLines(program.source);
  return program.source.map((text, at) => {
    const line = at + 1;
    if (line > 1 && line <= described) return ''; // it stands above the listing
    const marks = classNames(line === now && 'now', linked.has(line) && 'linked', line === failed && 'failed',
      line === 1 && described && 'is-heading');
    const content = coloured(line === 1 && described > 1 ? `${text} …` : text);
    const number = `<span class="number${text.trim() ? '' : ' blank'}" aria-hidden="true">${line}</span>`;
    const nodes = lines.get(line);
    if (!nodes) {
      const blank = text.trim() ? '' : ' blank';
      return `<li class="${marks}" data-line-item="${line}">${number}<span class="line${blank}">${content || ' '}`
        + `</span></li>`;
    }
    const holds = state.held && nodes.some((place) => state.held.includes(place));
    const label = `Line ${line}: ${text.trim()}, ${countedText(nodes.length, 'entry', 'entries')}`;
    return `<li class="${marks}" data-line-item="${line}">${number}<button type="button" class="line" `
      + `data-line="${line}" `
      + `data-nodes="${nodes.join(' ')}" data-key="line ${line}" aria-pressed="${Boolean(holds)}" `
      + `aria-label="${escaped(label)}">${content}</button></li>`;
  }).join('');
}

/** For each line the places of the nodes that it has. */
export function linesWithNodes(study) {
  const lines = new Map();
  study.graph.nodes.forEach((node, place) => {
    for (const line of study.linesOf(node)) lines.set(line, [...(lines.get(line) ?? []), place]);
  });
  return lines;
}

/** How many lines the comment has that begins the program. */
function commentLines(source) {
  const end = source.findIndex((text) => !text.startsWith('#'));
  return end < 0 ? source.length : end;
}

function lineNow(view) {
  const { study, state } = view;
  if (state.mode === 'forward') return study.graph.nodes[view.nodeNow()]?.line ?? null;
  if (state.mode !== 'reverse' || !study.isSwept) return null;
  const step = view.stepNow();
  return study.graph.nodes[step ? step.target : study.outputPlace]?.line ?? null;
}

function coloured(text) {
  const [code, comment] = splitComment(text);
  const marked = escaped(code).replace(KEYWORD, '$1<span class="keyword">$2</span>');
  return comment ? `${marked}<span class="comment">${escaped(comment)}</span>` : marked;
}

function splitComment(text) {
  const place = text.indexOf('#');
  return place < 0 ? [text, ''] : [text.slice(0, place), text.slice(place)];
}
