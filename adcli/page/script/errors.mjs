// What is wrong with a run, as it is told.

/** Why a program does not run at a point: a code, a message, the line, and what may help. */
export class ProgramError extends Error {
  constructor(code, message, line = null, remedy = '') {
    super(message);
    this.code = code;
    this.line = line;
    this.remedy = remedy;
  }
}
