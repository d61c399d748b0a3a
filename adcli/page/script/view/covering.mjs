// What is not to be seen while a question is open: its answer, and all that is computed from it.
import { coveredBy } from '../questions.mjs';

const NOTHING = { adjoints: new Set(), partials: new Set(), contributions: new Set() };

/** What the open question covers in a study, and how much of the sweep has gone. */
export class Covering {
  constructor(study, question) {
    this.study = study;
    this.question = question;
    const sets = question && !['cost', 'check'].includes(question.mode) ? coveredBy(study.graph, question) : NOTHING;
    this.partials = sets.partials;
    this.adjoints = sets.adjoints;
    this.contributions = new Set(sets.contributions);
    for (const { place, source, of } of study.steps) { // the only contribution is the sum
      if (of === 1 && this.adjoints.has(source)) this.contributions.add(place);
    }
    this.any = question !== null;
    this.cost = question?.kind === 'cost' ? question.key.replace(/^cost: /, '') : '';
    this.curve = question?.kind === 'check';
  }

  /** Whether the sum before a step, or behind it, is covered. */
  before(step) {
    return this.study.steps.some((other) => (
      other.source === step.source && other.nth < step.nth && this.contributions.has(other.place)));
  }

  after(step) {
    return this.before(step) || this.contributions.has(step.place)
      || (this.adjoints.has(step.source) && step.nth === step.of);
  }

  /** Whether the adjoint of a node is covered after some additions; what nothing has arrived at is 0. */
  adjointAfter(place, steps) {
    const own = steps.filter(({ source }) => source === place);
    if (own.length) return this.after(own.at(-1));
    return this.adjoints.has(place) && !this.study.steps.some(({ source }) => source === place)
      && place === this.study.outputPlace;
  }
}
