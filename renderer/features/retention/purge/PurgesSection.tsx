// The plan that is open and the purges that were carried out, with what is not settled first; where there is no route it leads to a schedule.
import { CalendarClock, ListChecks } from 'lucide-react';
import type { RetentionView } from '#shared/contract/retention.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../../components/Button.tsx';
import { Note } from '../../../components/Note.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { formatCount, plural } from '../../../lib/format.ts';
import type { Chosen } from '../RetentionWork.tsx';
import { isUnsettled, RUN_LOOKS } from '../retention-words.ts';
import { SectionHead } from '../SectionHead.tsx';
import { endOf } from './plan-windows.ts';

interface PurgesSectionProps {
  readonly deployment: Deployment;
  readonly view: RetentionView;
  readonly chosen: Chosen;
  readonly onChoose: (id: string) => void;
  readonly onPurge: () => void;
  readonly onSchedule: () => void;
}

export function PurgesSection({ deployment, view: { plan, runs, purge }, chosen, onChoose, onPurge, onSchedule }: PurgesSectionProps) {
  const unsettled = runs.filter(isUnsettled);
  return (
    <section className="part" aria-label="Purges">
      <SectionHead title="Purges" count={runs.length}>
        {purge.state === 'not-offered' ? <Button look="quiet" icon={CalendarClock} onClick={onSchedule}>Schedule…</Button> : null}
        <Button look="quiet" icon={ListChecks} onClick={onPurge}>{plan === null ? 'Preview and plan…' : 'Open the plan…'}</Button>
      </SectionHead>
      {unsettled.length === 0 ? null : <Note tone="age"><p className="note-main">Of {plural(unsettled.length, 'purge')} nobody knows whether it happened.</p><p>Nothing more is sent to {deployment.name} before somebody looked. Select it below.</p></Note>}
      {plan === null ? null : <p className="part-line"><WordChip tone="none" word="plan open" /> <span>{plural(plan.preview.rows, 'row')} before <Time iso={plan.preview.cutoff} style="full" /></span> <span className="dim">until <Time iso={endOf(plan)} /></span></p>}
      {purge.state === 'not-offered' ? <p className="sub part-none">This deployment has no purge route: its own schedule deletes, and Holdfast can only look.</p> : null}
      {runs.length === 0 ? (purge.state === 'offered' && plan === null ? <p className="sub part-none">Nothing was purged from here yet.</p> : null) : (
        <table className="table part-table runs-table" aria-label="Purges">
          <thead><tr><th scope="col" className="col-when">Asked for</th><th scope="col" className="col-state">State</th><th scope="col" className="num col-count">Planned</th><th scope="col" className="num col-count">Deleted</th><th scope="col">Approved by</th></tr></thead>
          <tbody>
            {runs.map((run) => {
              const isChosen = chosen?.kind === 'run' && chosen.id === run.id;
              const { tone, word } = RUN_LOOKS[run.state];
              return (
                <tr key={run.id} className={isChosen ? 'row-chosen' : undefined}>
                  <td><button type="button" id={`choose-${run.id}`} className="pick" aria-pressed={isChosen} onClick={() => onChoose(run.id)}><Time iso={run.startedAt} /></button></td>
                  <td><WordChip tone={tone} word={word} /></td>
                  <td className="num">{formatCount(run.planned)}</td>
                  <td className="num">{run.deleted === null ? <span className="dim">not known</span> : formatCount(run.deleted)}</td>
                  <td className="sub cut">{run.approvedBy ?? <span className="dim">nobody</span>}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}
