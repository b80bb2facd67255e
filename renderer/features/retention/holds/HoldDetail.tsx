// One hold: who asked for it and why, what it takes in, how much of that is preserved here, and its release for a reason.
import { useState } from 'react';
import { Unlock } from 'lucide-react';
import type { Hold } from '#shared/domain/retention-hold.ts';
import { DUE_SOON_DAYS } from '#shared/domain/retention.ts';
import { Button } from '../../../components/Button.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Time } from '../../../components/Time.tsx';
import { formatCount, plural } from '../../../lib/format.ts';
import { ReleaseDialog } from './ReleaseDialog.tsx';

export function HoldDetail({ hold }: { readonly hold: Hold }) {
  const { counts, released, isReviewOverdue } = hold;
  const [isReleasing, setReleasing] = useState(false);
  return (
    <>
      {released === null ? null : <Note>Released <Time iso={released.at} style="full" />: <HostileText text={released.reason} /></Note>}
      {released !== null || counts.vanished === 0 ? null : <Note tone="bad"><p className="note-main">{plural(counts.vanished, 'held row was', 'held rows were')} looked for at the deployment and not there.</p><p>{counts.preserved === 0 ? 'None of them was preserved here.' : 'What was preserved here is kept; the certificate says which.'}</p></Note>}
      {released !== null || counts.due + counts.dueSoon === 0 ? null : <Note tone="age"><p className="note-main">{[counts.due > 0 ? `${plural(counts.due, 'row is', 'rows are')} due now` : null, counts.dueSoon > 0 ? `${plural(counts.dueSoon, 'row comes', 'rows come')} due within ${DUE_SOON_DAYS} days` : null].filter((part) => part !== null).join(', ')}.</p><p>The server deletes them by its own schedule, hold or no hold. Copies here stay.</p></Note>}
      {released === null && isReviewOverdue ? <Note tone="age">The review date has passed. Ask the owner whether the hold is still needed: it does not end by itself.</Note> : null}
      <dl className="facts">
        <dt>Owner</dt><dd><HostileText text={hold.owner} /></dd>
        <dt>Reason</dt><dd><HostileText text={hold.reason} layout="block" /></dd>
        <dt>Query</dt><dd className="mono selectable"><HostileText text={hold.query} /></dd>
        <dt>Review</dt><dd>{hold.reviewOn}</dd>
        <dt>Set</dt><dd><Time iso={hold.createdAt} style="full" /></dd>
        <dt>Rows</dt><dd>{formatCount(counts.rows)}</dd>
        <dt>In the vault</dt><dd>{formatCount(counts.preserved)}{counts.preserved < counts.rows ? <span className="text-stale"> of {formatCount(counts.rows)}; the next sync goes on</span> : null}</dd>
        {counts.withoutPayload === 0 ? null : <><dt>No payload</dt><dd className="text-stale">{plural(counts.withoutPayload, 'preserved row')} whose payload was never obtained</dd></>}
        <dt>Next due</dt><dd>{hold.nextDue === null ? <span className="dim">no policy is known, or no row</span> : <Time iso={hold.nextDue} style="full" age />}</dd>
        <dt>Vanished</dt><dd>{counts.vanished === 0 ? 'none seen to be missing' : <span className="text-fail">{formatCount(counts.vanished)}</span>}</dd>
      </dl>
      {released !== null ? null : <div><Button icon={Unlock} onClick={() => setReleasing(true)}>Release this hold…</Button></div>}
      {isReleasing ? <ReleaseDialog hold={hold} onClose={() => setReleasing(false)} /> : null}
    </>
  );
}
