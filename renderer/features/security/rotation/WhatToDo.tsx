// What the admin does in a phase, and the lines of the environment that it means; keys stand as placeholders, for they never come here.
import type { RotationPhase } from '#shared/domain/rotation.ts';
import { LINES_TITLE } from '#shared/domain/rotation-words.ts';
import { CopyButton } from '../../../components/CopyButton.tsx';

interface WhatToDoProps {
  readonly phase: RotationPhase;
  readonly todo: readonly string[];
  readonly environment: readonly string[];
  /** Folded where answers are there to be read first; the admin can open it. */
  readonly isOpen: boolean;
}

export function WhatToDo({ phase, todo, environment, isOpen }: WhatToDoProps) {
  return (
    <details className="to-do-fold" open={isOpen}>
      <summary>What to do, and the lines of the environment</summary>
      <div className="to-do">
        <section aria-label="What to do">
          <p className="label">What to do</p>
          <ol className="to-do-list">{todo.map((text) => <li key={text}>{text}</li>)}</ol>
        </section>
        <section aria-label={LINES_TITLE[phase]}>
          <p className="label">{LINES_TITLE[phase]}</p>
          <pre className="payload env-lines">{environment.join('\n')}</pre>
          <div className="row row-wrap env-foot"><CopyButton text={environment.join('\n')} what="The lines" label="Copy the lines" /></div>
          <p className="small dim">Put the keys in on the node. Holdfast never asks for a signing key.</p>
        </section>
      </div>
    </details>
  );
}
