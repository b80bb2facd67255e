// One purge: what was asked for, what was answered, what looking showed; the way to look again, and to certify it. It sends no second request to delete.
import { BadgeCheck, Radar } from 'lucide-react';
import type { RetentionView } from '#shared/contract/retention.ts';
import type { PurgeRun } from '#shared/domain/retention-plan.ts';
import { Button } from '../../../components/Button.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { formatCount, plural } from '../../../lib/format.ts';
import { settleTasks, verifyTasks } from '../retention-tasks.ts';
import { canLook, deletedWord, isUnsettled, OUTCOME_LOOKS, RUN_LOOKS } from '../retention-words.ts';

interface RunDetailProps { readonly run: PurgeRun; readonly newest: PurgeRun | undefined; readonly certificates: RetentionView['certificates'] }

export function RunDetail({ run, newest, certificates }: RunDetailProps) {
  const { deploymentId, id, state } = run;
  const settling = settleTasks.useTask(deploymentId);
  const verifying = verifyTasks.useTask(deploymentId);
  const { tone, word } = RUN_LOOKS[state];
  const of = certificates.filter(({ runId }) => runId === id);
  return (
    <>
      <p className="row row-wrap"><WordChip tone={tone} word={word} /> <span className="sub">{deletedWord(run)}</span></p>
      <p><HostileText text={run.message} /></p>
      {state === 'unknown' ? <Note tone="age">Nothing is sent to this deployment before somebody looked. Looking asks for rows of the plan and deletes nothing.</Note> : null}
      {canLook(run, newest) ? <div><Button look="main" icon={Radar} busy={settling.running} onClick={() => { void settleTasks.start(deploymentId, { deploymentId, runId: id }); }}>Look what happened</Button></div> : null}
      <dl className="facts">
        <dt>Asked for</dt><dd><Time iso={run.startedAt} style="full" /></dd>
        <dt>Ended</dt><dd>{run.endedAt === null ? <span className="dim">not yet</span> : <Time iso={run.endedAt} style="full" />}</dd>
        <dt>Cutoff</dt><dd><Time iso={run.cutoff} style="full" /> · {plural(run.days, 'day')} asked for</dd>
        <dt>Its cutoff</dt><dd>{run.serverCutoff === null ? <span className="dim">not answered</span> : <Time iso={run.serverCutoff} style="full" />}</dd>
        <dt>Approved by</dt><dd>{run.approvedBy === null ? <span className="dim">nobody</span> : <HostileText text={run.approvedBy} />}</dd>
        <dt>Ledger</dt><dd>entry {formatCount(run.ledgerEntry)}</dd>
        <dt>Plan</dt><dd className="mono selectable">{run.planId}</dd>
        <dt>Digest</dt><dd className="mono selectable digest">{run.planDigest}</dd>
      </dl>
      {of.length === 0 ? null : <ul className="rests">{of.map(({ id: certificateId, issuedAt, outcome }) => <li key={certificateId} className="row row-wrap"><WordChip tone={OUTCOME_LOOKS[outcome].tone} word={OUTCOME_LOOKS[outcome].word} /> <span>certificate of <Time iso={issuedAt} style="full" /></span></li>)}</ul>}
      {isUnsettled(run) || state === 'refused' || state === 'found-not-done' ? null : (
        <div className="stack-small">
          <div><Button icon={BadgeCheck} busy={verifying.running} onClick={() => { void verifyTasks.start(deploymentId, { deploymentId, runId: id }); }}>Verify and certify this purge</Button></div>
          {of.length === 0 ? <p className="small sub">The answer alone proves nothing. Verifying asks whether the rows are gone, and those before them still there.</p> : null}
        </div>
      )}
    </>
  );
}
