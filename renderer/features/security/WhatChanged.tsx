// Two looks compared, from what is kept here: what broke, what was fixed, what is no longer known; and the look that was reviewed last.
import { useState } from 'react';
import { BadgeCheck } from 'lucide-react';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { CheckChange, SnapshotHead } from '#shared/domain/posture.ts';
import { Button } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { StateChip } from '../../components/StateChip.tsx';
import { Time } from '../../components/Time.tsx';
import { WordChip } from '../../components/WordChip.tsx';
import { Workspace } from '../../components/Workspace.tsx';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { plural } from '../../lib/format.ts';
import { refetch, useQuery } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';
import { CountsBar } from './CountsBar.tsx';
import { CHANGE_WORDS, diffSentence } from './posture-words.ts';
import { Trend } from './Trend.tsx';

const LOOKS_READ = 200;

interface WhatChangedProps { readonly deployment: Deployment; readonly onClose: () => void; readonly onCheck: (checkId: string) => void }

export function WhatChanged({ deployment, onClose, onCheck }: WhatChangedProps) {
  const history = useQuery('security.history', { deploymentId: deployment.id, limit: LOOKS_READ });
  const looks = history.data?.snapshots;
  const [chosen, setChosen] = useState<{ readonly from: number | null; readonly to: number | null }>({ from: null, to: null });
  const to = looks?.find(({ id }) => id === chosen.to) ?? looks?.[0];
  const older = looks?.filter(({ id }) => to !== undefined && id < to.id) ?? [];
  const reviewed = older.find(({ isReviewed }) => isReviewed);
  const from = looks?.find(({ id }) => id === chosen.from) ?? reviewed ?? older[0];
  const mark = useAction(async (snapshotId: number) => {
    await call('security.markReviewed', { deploymentId: deployment.id, snapshotId });
    refetch('security.history');
    announce(`Look ${snapshotId} is marked as reviewed.`);
  });
  return (
    <Workspace title="What changed" back="Back to the checks" onClose={onClose}
      about={looks === undefined ? null : <>{plural(looks.length, 'look')} kept here</>}
      actions={to === undefined ? null : (
        <>
          {reviewed === undefined ? null : <Button look="quiet" aria-pressed={from?.id === reviewed.id} onClick={() => setChosen({ from: reviewed.id, to: to.id })}>Since the last review</Button>}
          {older[0] === undefined ? null : <Button look="quiet" aria-pressed={from?.id === older[0].id} onClick={() => setChosen({ from: older[0]?.id ?? null, to: to.id })}>Since the look before</Button>}
          <Button icon={BadgeCheck} busy={mark.busy} disabled={to.isReviewed} onClick={() => { void mark.run(to.id); }}>{to.isReviewed ? `Look ${to.id} is reviewed` : `Mark look ${to.id} as reviewed`}</Button>
        </>
      )}>
      {mark.error === null ? null : <div className="pad"><ErrorNote error={mark.error} /></div>}
      {looks === undefined ? <div className="pad">{history.error === null ? <Skeleton lines={8} /> : <ErrorNote error={history.error} onRetry={() => { void history.reload(); }} />}</div>
        : to === undefined ? <EmptyState title="No look is kept yet"><p>Every look at this deployment, and every evaluation, is kept as it was. From the second one on, two can be compared here, also without a network.</p></EmptyState>
          : (
            <div className="split split-looks">
              <div className="split-list"><Trend looks={looks ?? []} /><Looks looks={looks} from={from?.id ?? null} to={to.id} onChoose={setChosen} /></div>
              <section className="pane changes" aria-label="Changes" tabIndex={-1}>
                {from === undefined ? <p className="pane-empty">{looks.length === 1 ? 'There is only this look. The next one can be compared with it.' : 'There is no earlier look to compare with.'}</p> : <Changes deploymentId={deployment.id} from={from} to={to} onCheck={onCheck} />}
              </section>
            </div>
          )}
    </Workspace>
  );
}

interface LooksProps { readonly looks: readonly SnapshotHead[]; readonly from: number | null; readonly to: number; readonly onChoose: (chosen: { readonly from: number | null; readonly to: number | null }) => void }

function Looks({ looks, from, to, onChoose }: LooksProps) {
  return (
    <table className="table looks" aria-label="Looks">
      <thead><tr><th scope="col" className="look-pick">From</th><th scope="col" className="look-pick">To</th><th scope="col" className="look-at">Look</th><th scope="col">Known and fresh</th><th scope="col" className="look-baseline">Baseline</th></tr></thead>
      <tbody>
        {looks.map((look) => (
          <tr key={look.id} className={look.id === from || look.id === to ? 'look-chosen' : ''}>
            <td><input type="radio" name="look-from" aria-label={`From look ${look.id}`} checked={look.id === from} disabled={look.id >= to} onChange={() => onChoose({ from: look.id, to })} /></td>
            <td><input type="radio" name="look-to" aria-label={`To look ${look.id}`} checked={look.id === to} onChange={() => onChoose({ from: from !== null && from < look.id ? from : null, to: look.id })} /></td>
            <td><span className="dim">{look.id}</span> <Time iso={look.at} />{look.isReviewed ? <> <span className="reviewed"><BadgeCheck size={12} aria-hidden /> reviewed</span></> : null}</td>
            <td title={look.summary}>{look.summary}<CountsBar counts={look.counts} /></td>
            <td className="dim" title={`sha256 ${look.baseline.digest}`}><HostileText text={`${look.baseline.id} ${look.baseline.version}`} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Changes({ deploymentId, from, to, onCheck }: { readonly deploymentId: string; readonly from: SnapshotHead; readonly to: SnapshotHead; readonly onCheck: (checkId: string) => void }) {
  const diff = useQuery('security.diff', { deploymentId, from: from.id, to: to.id });
  const { data } = diff;
  if (data === undefined) return diff.error === null ? <Skeleton lines={6} label="Comparing" /> : <ErrorNote error={diff.error} onRetry={() => { void diff.reload(); }} />;
  return (
    <>
      <header><h3>{diffSentence(data)}</h3><p className="small sub">From look {from.id}, <Time iso={from.at} age />{from.isReviewed ? ', the last that was reviewed' : ''}, to look {to.id}, <Time iso={to.at} age />.</p></header>
      {from.baseline.digest === to.baseline.digest ? null : <p className="small text-stale">The two looks were evaluated with different baselines: some of it may be due to that.</p>}
      {CHANGE_WORDS.map(({ change, title, about, tone, word }) => {
        const own = data.changes.filter((one) => one.change === change);
        return own.length === 0 ? null : (
          <section key={change} aria-label={title}>
            <p className="row"><WordChip tone={tone} word={word} count={own.length} /><span className="small dim">{about}</span></p>
            <ul className="change-list">{own.map((one) => <ChangeItem key={one.checkId} change={one} onCheck={onCheck} />)}</ul>
          </section>
        );
      })}
    </>
  );
}

function ChangeItem({ change: { checkId, title, severity, from, to, seenBefore, seenNow }, onCheck }: { readonly change: CheckChange; readonly onCheck: (checkId: string) => void }) {
  return (
    <li>
      <p className="row"><button type="button" className="link-plain" disabled={to === null} onClick={() => onCheck(checkId)}>{title}</button><span className="small dim">{severity}</span></p>
      <p className="small change-states">{from === null ? <span className="dim">not there</span> : <StateChip state={from} />}<span className="sub">{seenBefore === null ? null : <HostileText text={seenBefore} />}</span></p>
      <p className="small change-states">{to === null ? <span className="dim">not there</span> : <StateChip state={to} />}<span>{seenNow === null ? null : <HostileText text={seenNow} />}</span></p>
    </li>
  );
}
