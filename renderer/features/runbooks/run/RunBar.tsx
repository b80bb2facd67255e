// What is always in sight of a run: its clock, severity, milestones, deployment and roles, each with the way to change it.
import { useState } from 'react';
import { CalendarClock, TriangleAlert } from 'lucide-react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { Button, IconButton } from '../../../components/Button.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Time } from '../../../components/Time.tsx';
import { formatDuration } from '../../../lib/format.ts';
import { useSecond } from '../step/use-second.ts';
import { MilestoneDialog, MILESTONE_WORDS } from './dialogs/MilestoneDialog.tsx';
import type { Milestone } from './dialogs/MilestoneDialog.tsx';
import { RoleDialog } from './dialogs/RoleDialog.tsx';
import { SeverityDialog } from './dialogs/SeverityDialog.tsx';
import { RunClock } from './RunClock.tsx';
import { acknowledgeLimit, afterStart, severityWords } from './run-words.ts';
import { useRecord } from './use-record.ts';

const MILESTONES = ['acknowledged', 'mitigated', 'resolved'] as const;
type Question = { readonly kind: 'severity' } | { readonly kind: 'role'; readonly role: string } | { readonly kind: 'milestone'; readonly what: Milestone } | null;

/** A checklist has no such moments, unless somebody noted one. */
const hasMilestones = ({ pack, milestones }: RunView): boolean => pack.kind === 'incident' || pack.kind === 'drill' || pack.severities.length > 0 || Object.values(milestones).some((at) => at !== null);

export function RunBar({ run }: { readonly run: RunView }) {
  const [question, setQuestion] = useState<Question>(null);
  const [showsAll, setShowsAll] = useState(false);
  const close = (): void => setQuestion(null);
  const severity = severityWords(run);
  const isOpen = run.ended === null;
  const role = question?.kind === 'role' ? run.roles.find((each) => each.role === question.role) : undefined;
  const shown = showsAll ? run.roles : run.roles.slice(0, 8);
  return (
    <section className="run-bar" aria-label="The run at a glance">
      <div className="run-bar-part run-bar-clock">
        <p className="label">{isOpen ? 'Elapsed' : run.ended?.outcome === 'completed' ? 'Completed after' : 'Stopped after'}</p>
        <RunClock run={run} />
        <p className="small dim nowrap">started <Time iso={run.startedAt} /></p>
      </div>
      {run.pack.severities.length === 0 && severity === null ? null : (
        <div className="run-bar-part run-bar-severity">
          <p className="label">Severity</p>
          {severity === null ? <p className="run-bar-value dim">not set</p> : <p className="run-bar-value cut" title={visibleLine(severity.title)}><HostileText text={severity.mark} /></p>}
          <DoubtLine doubt={run.doubts.severity} />
          {severity === null || severity.title === severity.mark ? null : <p className="visually-hidden"><HostileText text={severity.title} /></p>}
          {isOpen ? <button type="button" className="link-quiet small" onClick={() => setQuestion({ kind: 'severity' })}>{severity === null ? 'Set…' : 'Change…'}<span className="visually-hidden"> severity</span></button> : null}
        </div>
      )}
      {hasMilestones(run) ? (
        <div className="run-bar-part run-bar-milestones" role="group" aria-label="Milestones">
          {MILESTONES.map((what) => <MilestoneItem key={what} run={run} what={what} onEarlier={() => setQuestion({ kind: 'milestone', what })} />)}
        </div>
      ) : null}
      {run.roles.length === 0 ? null : (
        <div className="run-bar-part run-bar-roles">
          <p className="label">Roles</p>
          <ul aria-label="Roles">
            {shown.map((each) => (
              <li key={each.role}>
                <button type="button" className="run-role" disabled={!isOpen} onClick={() => setQuestion({ kind: 'role', role: each.role })} title={`${visibleLine(each.title)}${isOpen ? ': assign…' : ''}`}>
                  <span className="run-role-title cut"><HostileText text={each.title} /></span>
                  {each.names.length === 0 ? <span className="run-role-none">nobody yet</span> : <span className="run-role-name cut">{each.names.length > 1 ? <TriangleAlert size={11} aria-label="names differ" /> : null}<HostileText text={each.names.join(' / ')} /></span>}
                </button>
              </li>
            ))}
            {run.roles.length > 8 ? <li><button type="button" className="link-quiet small" aria-expanded={showsAll} onClick={() => setShowsAll(!showsAll)}>{showsAll ? 'fewer' : `${run.roles.length - 8} more`}<span className="visually-hidden"> roles</span></button></li> : null}
          </ul>
        </div>
      )}
      {question?.kind === 'severity' ? <SeverityDialog run={run} onClose={close} /> : null}
      {role === undefined ? null : <RoleDialog run={run} role={role} onClose={close} />}
      {question?.kind === 'milestone' ? <MilestoneDialog run={run} what={question.what} onClose={close} /> : null}
    </section>
  );
}

function MilestoneItem({ run, what, onEarlier }: { readonly run: RunView; readonly what: Milestone; readonly onEarlier: () => void }) {
  const record = useRecord('run.milestone', `${MILESTONE_WORDS[what]} is recorded.`);
  const at = run.milestones[what];
  const isOpen = run.ended === null;
  const word = MILESTONE_WORDS[what];
  return (
    <div className="run-milestone">
      <p className="label">{word}</p>
      {at === null ? (
        isOpen ? (
          <div className="run-milestone-acts">
            <Button busy={record.busy} onClick={() => { void record.run({ runId: run.runId, what }); }}><span className="visually-hidden">{word} </span>Now</Button>
            <IconButton icon={CalendarClock} label={`${word} at an earlier time…`} onClick={onEarlier} />
          </div>
        ) : <p className="run-bar-value dim">never</p>
      ) : (
        <>
          <p className="run-bar-value nowrap"><Time iso={at} style="clock" />{isOpen ? <IconButton icon={CalendarClock} label={`${word}: another time…`} onClick={onEarlier} /> : null}</p>
          <p className="small dim nowrap">{afterStart(run, at)}</p>
          <DoubtLine doubt={run.doubts[what]} />
        </>
      )}
      {record.error === null ? (what === 'acknowledged' ? <Limit run={run} /> : null) : <p className="small text-fail" role="alert"><HostileText text={record.error.wire.message} /></p>}
    </div>
  );
}

/** What stands above is said by nobody who is trusted, or is one of several that people say. */
export function DoubtLine({ doubt }: { readonly doubt: RunView['doubts']['severity'] }) {
  if (doubt === null) return null;
  return <p className="small run-doubt"><TriangleAlert size={12} aria-hidden />{doubt === 'not-trusted' ? 'not trusted yet' : 'people differ'}</p>;
}

/** The time that the severity allows for an acknowledgement, while it has not come. */
function Limit({ run }: { readonly run: RunView }) {
  const nowMs = useSecond();
  const limit = acknowledgeLimit(run, nowMs);
  if (limit === null) return null;
  const away = formatDuration(Math.abs(nowMs - limit.dueMs) / 1000);
  return limit.isOverdue ? <p className="small text-fail run-limit"><TriangleAlert size={12} aria-hidden />{away} overdue, limit {limit.minutes} min</p> : <p className="small sub run-limit">within {away}</p>;
}
