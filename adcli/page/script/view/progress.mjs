// Which questions are settled, kept under a key of the program's text: in the browser,
// or in the page where that refuses.

const PROGRESS_KEY = 'adcli-page';
const COLOURS_KEY = 'adcli-page-colours';
const inThisPage = new Map();

function readStored(key) {
  try {
    return localStorage.getItem(key) ?? inThisPage.get(key) ?? null;
  } catch {
    return inThisPage.get(key) ?? null;
  }
}

function writeStored(key, text) {
  inThisPage.set(key, text);
  try {
    localStorage.setItem(key, text);
  } catch {
    // it stays in the page
  }
}

/** A short key of a text (FNV-1a). */
export function keyOfText(text) {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193) >>> 0;
  }
  return hash.toString(36);
}

/** The progress with one program or text: `right`, `hinted` or `shown` by the keys of its questions. */
export class Progress {
  constructor(text) {
    this.key = `${PROGRESS_KEY}-${keyOfText(text)}`;
    try {
      this.settled = JSON.parse(readStored(this.key) ?? '{}') ?? {};
    } catch {
      this.settled = {};
    }
  }

  of(key) {
    return this.settled[key] ?? null;
  }

  settle(key, how) {
    this.settled[key] = how;
    writeStored(this.key, JSON.stringify(this.settled));
  }

  open(key) {
    delete this.settled[key];
    writeStored(this.key, JSON.stringify(this.settled));
  }
}

/** The colours that were chosen, or those of the system. */
export function storedColours() {
  const stored = readStored(COLOURS_KEY);
  if (stored === 'dark' || stored === 'light') return stored;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** Keep the colours that are chosen. */
export function storeColours(colours) {
  writeStored(COLOURS_KEY, colours);
}
