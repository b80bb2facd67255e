// How old the rows are that are held here, what of them is past the cutoff, and what comes due soon; all of it from the cache.
import { AlignLeft } from 'lucide-react';
import type { RetentionView } from '#shared/contract/retention.ts';
import { useApp } from '../../app/store.ts';
import { Button } from '../../components/Button.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { Time } from '../../components/Time.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import { AgeHistogram } from './AgeHistogram.tsx';
import { DueTable } from './DueSection.tsx';
import { Part } from './Part.tsx';

export function AgesSection({ view: { ages, policy, due, verdict } }: { readonly view: RetentionView }) {
  const go = useApp((state) => state.go);
  if (ages.rows === 0) {
    return (
      <Part title="Rows by age">
        <div className="stack-small">
          <p className="sub">{ages.syncedAt === null ? 'The audit log was never synced, so no row of this deployment is held here and no age is known. Sync it first.' : 'The sync brought no row, so there is no age to show. That says nothing of rows which this token may not read.'}</p>
          <p><Button icon={AlignLeft} onClick={() => go('audit')}>To the audit log</Button></p>
        </div>
      </Part>
    );
  }
  return (
    <Part title="Rows by age" about={<>{plural(ages.rows, 'row')} held here{ages.oldestAt === null ? null : <>, the oldest of <Time iso={ages.oldestAt} style="day" /></>}{ages.newestAt === null ? null : <>, the newest of <Time iso={ages.newestAt} style="day" /></>}</>}>
      <div className="retention-columns">
        <AgeHistogram ages={ages} cutoff={policy.cutoff} />
        <div className="stack">
          <dl className="facts policy-facts">
            <dt>Past the cutoff</dt><dd>{ages.pastCutoff === null ? 'no cutoff is known' : `${plural(ages.pastCutoff, 'row')} held here, at the server or not`}</dd>
            <dt>Seen there late</dt><dd>{ages.seenPastCutoff === null ? 'no cutoff is known' : ages.seenPastCutoff === 0 ? 'none was seen' : <strong className={verdict.state === 'not-deleting' ? 'text-fail' : ''}>at least {plural(ages.seenPastCutoff, 'row')}, more than a day after they came due</strong>}</dd>
          </dl>
          <DueTable due={due} policy={policy} />
        </div>
      </div>
      {ages.gaps.length === 0 ? null : (
        <Note tone="age">
          <p className="note-main">{formatCount(ages.gaps.length)} {ages.gaps.length === 1 ? 'stretch' : 'stretches'} before the cutoff {ages.gaps.length === 1 ? 'was' : 'were'} never read. Nobody knows what is in {ages.gaps.length === 1 ? 'it' : 'them'}, and what is deleted there cannot be restored from here.</p>
          <ul className="retention-gaps small">{ages.gaps.map(({ from, to, reason }, index) => <li key={index}>{from === null ? 'from the beginning' : <Time iso={from} />} to {to === null ? 'an unknown end' : <Time iso={to} />}: <HostileText text={reason} /></li>)}</ul>
        </Note>
      )}
    </Part>
  );
}
