// The page itself: verdict, ages and what is due above, then holds, purges and certificates; beside it the policy, or the truth about what was chosen.
import { useRef, useState } from 'react';
import { X } from 'lucide-react';
import type { RetentionView } from '#shared/contract/retention.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { IconButton } from '../../components/Button.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Pane } from '../../components/Pane.tsx';
import { WordChip } from '../../components/WordChip.tsx';
import { AgeChart } from './ages/AgeChart.tsx';
import { DueList } from './ages/DueList.tsx';
import { HoldDetail } from './holds/HoldDetail.tsx';
import { HoldsSection } from './holds/HoldsSection.tsx';
import { PolicyPane } from './PolicyPane.tsx';
import { CertificateDetail } from './proof/CertificateDetail.tsx';
import { CertificatesSection } from './proof/CertificatesSection.tsx';
import { PurgesSection } from './purge/PurgesSection.tsx';
import { RunDetail } from './purge/RunDetail.tsx';
import { VERDICT_LOOKS } from './retention-words.ts';

export type Chosen = { readonly kind: 'hold' | 'run' | 'certificate'; readonly id: string } | null;

interface RetentionWorkProps {
  readonly deployment: Deployment;
  readonly view: RetentionView;
  readonly onAddHold: () => void;
  readonly onPurge: () => void;
  readonly onSchedule: () => void;
}

export function RetentionWork({ deployment, view, onAddHold, onPurge, onSchedule }: RetentionWorkProps) {
  const [chosen, setChosen] = useState<Chosen>(null);
  const pane = useRef<HTMLElement>(null);
  const { verdict, ages, policy, holds, runs, certificates } = view;
  const look = VERDICT_LOOKS[verdict.state];
  const choose = (next: Chosen): void => setChosen(next !== null && next.kind === chosen?.kind && next.id === chosen.id ? null : next);
  const hold = chosen?.kind === 'hold' ? holds.find(({ id }) => id === chosen.id) : undefined;
  const run = chosen?.kind === 'run' ? runs.find(({ id }) => id === chosen.id) : undefined;
  const certificate = chosen?.kind === 'certificate' ? certificates.find(({ id }) => id === chosen.id) : undefined;
  // What was chosen goes with what it was chosen from.
  function leave(): void {
    const from = chosen;
    setChosen(null);
    if (from !== null) document.getElementById(`choose-${from.id}`)?.focus();
  }
  return (
    <div className="split retention-split">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard. */}
      <div className="split-list retention-page" role="region" aria-label="Retention of this deployment" tabIndex={0}>
        <section className="verdict" aria-label="Verdict">
          <WordChip tone={look.tone} word={look.word} />
          <p><HostileText text={verdict.message} /></p>
        </section>
        <AgeChart ages={ages} policy={policy} />
        <DueList due={view.due} ages={ages} />
        <HoldsSection holds={holds} chosen={chosen} onChoose={(id) => choose({ kind: 'hold', id })} onAdd={onAddHold} />
        <PurgesSection deployment={deployment} view={view} chosen={chosen} onChoose={(id) => choose({ kind: 'run', id })} onPurge={onPurge} onSchedule={onSchedule} />
        <CertificatesSection deployment={deployment} certificates={certificates} chosen={chosen} onChoose={(id) => choose({ kind: 'certificate', id })} />
      </div>
      <Pane label={hold !== undefined ? 'Selected hold' : run !== undefined ? 'Selected purge' : certificate !== undefined ? 'Selected certificate' : 'Policy and evidence'} ref={pane} onEscape={leave}>
        {hold === undefined && run === undefined && certificate === undefined ? <PolicyPane view={view} /> : (
          <>
            <header className="pane-head"><h2 className="cut">{hold !== undefined ? <>Hold <HostileText text={hold.caseId} /></> : run !== undefined ? 'Purge' : 'Certificate'}</h2><span className="grow" /><IconButton icon={X} label="Back to the policy" onClick={leave} /></header>
            {hold === undefined ? null : <HoldDetail key={hold.id} hold={hold} />}
            {run === undefined ? null : <RunDetail key={run.id} run={run} newest={runs[0]} certificates={certificates} />}
            {certificate === undefined ? null : <CertificateDetail key={certificate.id} deployment={deployment} id={certificate.id} />}
          </>
        )}
      </Pane>
    </div>
  );
}
