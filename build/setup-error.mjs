// Owns the one kind of failure that the set-up expects; refuses a failure that does not say what to do next.

/** A set-up step that cannot go on: `message` says what happened, `hint` what to do. */
export class SetUpError extends Error {
  /**
   * @param {string} message
   * @param {string} hint
   */
  constructor(message, hint) {
    super(message);
    this.name = 'SetUpError';
    this.hint = hint;
  }
}

/**
 * Runs the main function of a front-door command. An expected failure is printed in two lines; a bug keeps its stack.
 * @param {() => Promise<number | void>} main its number is the exit code
 * @param {number} [expectedFailureCode] exit code of a SetUpError
 */
export function runCommand(main, expectedFailureCode = 1) {
  // `npm start | head` closes our output: nobody listens any more, so there is nothing left to do.
  process.stdout.on('error', (error) => {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPIPE') throw error;
    process.exit(1);
  });
  main().then(
    (code) => {
      process.exitCode = code ?? 0;
    },
    (error) => {
      if (!(error instanceof SetUpError)) throw error;
      process.stderr.write(`${error.message}\n${error.hint}\n`);
      process.exitCode = expectedFailureCode;
    },
  );
}
