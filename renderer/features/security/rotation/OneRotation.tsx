// One rotation: its phases with what each asks for and proves on the left, its tokens, its clock, its nodes and its record on the right.
import { useEffect, useRef, useState } from 'react';
import { CircleSlash } from 'lucide-react';
import type { RotationView } from '#shared/contract/rotation.ts';
import type { RotationPhase } from '#shared/domain/rotation.ts';
import { Button } from '../../../components/Button.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Pane } from '../../../components/Pane.tsx';
import { AbandonDialog } from './AbandonDialog.tsx';
import { CutoverSection } from './CutoverSection.tsx';
import { PhaseNow } from './PhaseNow.tsx';
import { PhasePast } from './PhasePast.tsx';
import { RecordSection } from './RecordSection.tsx';
import { Steps } from './Steps.tsx';
import { TokensSection } from './TokensSection.tsx';
import { useRecord } from './use-rotation.ts';

export function OneRotation({ view }: { readonly view: RotationView }) {
  const { phase, outcome, nodes } = view;
  const [chosen, setChosen] = useState<{ readonly phase: RotationPhase; /** Where it stood when it was chosen: a step leads on. */ readonly at: string } | null>(null);
  const [isAbandoning, setAbandoning] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const at = `${phase} ${outcome}`;
  const shown = chosen !== null && chosen.at === at ? chosen.phase : phase;
  const record = useRecord(view);
  const before = useRef(at);
  useEffect(() => {
    if (before.current !== at) heading.current?.focus();
    before.current = at;
  }, [at]);
  return (
    <div className="split rotation-split">
      <div className="split-list rotation-main">
        <Steps view={view} shown={shown} onShow={(to) => setChosen({ phase: to, at })} />
        {outcome === 'open' && shown === phase ? <PhaseNow view={view} heading={heading} /> : <PhasePast key={shown} view={view} phase={shown} record={record} heading={heading} />}
      </div>
      <Pane label="Tokens, clock and record" onEscape={() => heading.current?.focus()}>
        {outcome === 'open' ? null : <RecordSection view={view} record={record} />}
        <TokensSection view={view} />
        {outcome === 'open' || view.cutover.earliest !== null ? <CutoverSection view={view} /> : null}
        <section className="stack-small" aria-label="Nodes">
          <p className="label">Nodes</p>
          <ul className="nodes">{nodes.map((node) => <li key={node} className="mono selectable"><HostileText text={node} /></li>)}</ul>
        </section>
        {outcome === 'open' ? <RecordSection view={view} record={record} /> : null}
        {outcome === 'open' ? <div><Button look="danger" icon={CircleSlash} onClick={() => setAbandoning(true)}>Abandon this rotation…</Button></div> : null}
      </Pane>
      {isAbandoning ? <AbandonDialog view={view} onClose={() => setAbandoning(false)} /> : null}
    </div>
  );
}
