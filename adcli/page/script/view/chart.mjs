// Charts over logarithmic axes: every line has a dash and a label of its own.
import { escaped } from './words.mjs';

const HEIGHT = 300;
const LEFT = 58;
const TOP = 14;
const BOTTOM = 42;

/**
 * A chart: `x` and `y` are exponents from and to, with every `everyX`-th and `everyY`-th named; `lines` have `points`,
 * `colour`, and perhaps `dash`, `width`, `text` with its place `at`; `dots` and one upright `rule` mark the reading.
 */
export function chartSvg({ width, label, x, y, everyX, everyY, title, lines, dots, rule, note = '', right = 18 }) {
  const across = (value) => LEFT + ((Math.log10(value) - x[0]) / (x[1] - x[0])) * (width - LEFT - right);
  const down = (value) => {
    const exponent = Math.min(y[1], Math.max(y[0], Math.log10(value)));
    return HEIGHT - BOTTOM - ((exponent - y[0]) / (y[1] - y[0])) * (HEIGHT - BOTTOM - TOP);
  };
  const middle = (LEFT + width - right) / 2;
  const parts = [
    ...exponents(x, width < 480 ? 2 * everyX : everyX).map((exponent) => uprightLine(across(10 ** exponent), exponent)),
    ...exponents(y, everyY).map((exponent) => levelLine(down(10 ** exponent), exponent, width - right)),
    `<text class="scale" x="${middle}" y="${HEIGHT - 5}" text-anchor="middle">${escaped(title)}</text>`,
    ...lines.map((line) => lineSvg(line, across, down)),
    ...dots.map(({ at, colour, radius }) => (
      `<circle cx="${across(at[0])}" cy="${down(at[1])}" r="${radius}" fill="var(--panel)" stroke="var(${colour})" `
      + 'stroke-width="2.5"/>')),
  ];
  if (note) parts.push(`<text class="scale" x="${middle}" y="40" text-anchor="middle">${escaped(note)}</text>`);
  parts.push(`<line x1="${across(rule)}" x2="${across(rule)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" stroke="var(--ink)" `
    + 'stroke-width="1.2"/>');
  return `<svg class="chart" width="${width}" height="${HEIGHT}" role="img" `
    + `aria-label="${escaped(label)}">${parts.join('')}</svg>`;
}

function exponents([from, to], every) {
  const found = [];
  for (let exponent = Math.ceil(from); exponent <= to; exponent += every) found.push(exponent);
  return found;
}

const powerText = (exponent) => (exponent === 0 ? '1' : `1e${exponent}`);

function uprightLine(x, exponent) {
  return `<line class="rule" x1="${x}" x2="${x}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>`
    + `<text class="scale" x="${x}" y="${HEIGHT - BOTTOM + 17}" text-anchor="middle">${powerText(exponent)}</text>`;
}

function levelLine(y, exponent, end) {
  return `<line class="rule" x1="${LEFT}" x2="${end}" y1="${y}" y2="${y}"/>`
    + `<text class="scale" x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${powerText(exponent)}</text>`;
}

function lineSvg(line, across, down) {
  const { points, colour, width = 2.2, dash = '', text = '', at, shift = [8, 4], anchor = 'start' } = line;
  const path = points.map(([x, y]) => `${across(x).toFixed(1)} ${down(y).toFixed(1)}`).join('L');
  const drawn = `<path d="M${path}" fill="none" stroke="var(${colour})" stroke-width="${width}" `
    + `stroke-dasharray="${dash}" `
    + 'stroke-linejoin="round"/>';
  if (!text) return drawn;
  return `${drawn}<text x="${across(at[0]) + shift[0]}" y="${down(at[1]) + shift[1]}" text-anchor="${anchor}" `
    + `style="fill:var(${colour});font-weight:600;paint-order:stroke;stroke:var(--panel);stroke-width:4px">${text}`
    + `</text>`;
}
