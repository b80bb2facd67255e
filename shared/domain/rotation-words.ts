// What to do in each phase of a rotation, and the lines of the environment that it means; keys stand as placeholders, for they never come here.
import type { RotationPhase } from './rotation.ts';

const NEW = '<NEW_SIGNING_KEY>';
const OLD = '<OLD_SIGNING_KEY>';
const BOTH = [`JWT_SECRET=${NEW}`, `JWT_SECRET_PREVIOUS=${OLD}`] as const;

export interface PhaseWords {
  readonly title: string;
  /** What the admin does, in order. */
  readonly todo: readonly string[];
  /** As every node should have it at the end of this phase; with placeholders. */
  readonly environment: readonly string[];
}

export const PHASE_WORDS: Readonly<Record<RotationPhase, PhaseWords>> = {
  prepare: {
    title: 'Prepare',
    todo: [
      'Make a new signing key in the issuer, and a token with it. Do not give the key to Holdfast.',
      'Make one more token with the old key that outlives the cutover and that nobody uses: at the end it proves that the old key is refused.',
      'Get the next roll-out ready with the lines that stand here. The nodes still run with the old key alone: ask them now.',
    ],
    environment: [`JWT_SECRET=${OLD}`],
  },
  deploy: { title: 'Deploy', todo: ['Roll the lines out to every node. Where there are several old keys, JWT_SECRET_PREVIOUS holds them with commas in between.', 'Ask the nodes until each accepts the old and the new token.'], environment: BOTH },
  validate: { title: 'Validate', todo: ['Let the issuer sign with the new key only.', 'Keep both keys in force until the earliest safe cutover.', 'Ask the nodes again: now, and once more when that moment has come.'], environment: BOTH },
  cutover: { title: 'Cutover', todo: ['Remove the line JWT_SECRET_PREVIOUS, do not leave it empty, and roll out to every node.', 'Ask the nodes until each refuses the old token and accepts the new one.'], environment: [`JWT_SECRET=${NEW}`] },
};

/** The lines that the next roll-out brings: those of the phase that follows, or of this one where it is a roll-out. */
export function nextEnvironment(phase: RotationPhase): readonly string[] {
  return PHASE_WORDS[phase === 'prepare' ? 'deploy' : phase].environment;
}

/** What the lines of `nextEnvironment` are, by phase. */
export const LINES_TITLE: Readonly<Record<RotationPhase, string>> = {
  prepare: 'Lines for the roll-out that comes next', deploy: 'Lines to roll out to every node', validate: 'Lines as every node has them now', cutover: 'Lines to roll out to every node',
};
