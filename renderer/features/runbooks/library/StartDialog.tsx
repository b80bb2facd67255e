// Starts a run of a runbook: for which deployment, how severe, under which title, as a drill or not, and with what of an earlier run. It ends in the run.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { Play } from 'lucide-react';
import type { RunbookHead } from '#shared/contract/runbook.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { useApp } from '../../../app/store.ts';
import { Button } from '../../../components/Button.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { EnvironmentBadge } from '../../../components/EnvironmentBadge.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { formatTime, plural } from '../../../lib/format.ts';
import { useNow } from '../../../lib/clock.ts';
import { putAnswer, refetch, useQuery } from '../../../lib/query.ts';
import { useSettings } from '../../../lib/settings.ts';
import { useAction } from '../../../lib/use-action.ts';
import { appliesWords } from './pack-words.ts';

interface StartDialogProps {
  readonly head: RunbookHead;
  readonly deployments: readonly Deployment[];
  readonly current: Deployment | null;
  readonly onClose: () => void;
}

const TITLE_MAX = 200;

export function StartDialog({ head, deployments, current, onClose }: StartDialogProps) {
  const { data, error, reload } = useQuery('runbook.show', { id: head.id });
  const earlier = useQuery('run.list', {}).data?.runs.filter(({ packId }) => packId === head.id) ?? [];
  const openRun = useApp((state) => state.openRun);
  const zone = useSettings().times;
  const nowMs = useNow();
  const fitting = deployments.filter(({ kind }) => head.applies.length === 0 || head.applies.includes(kind));
  const [deploymentId, setDeploymentId] = useState<string | null>(() => fitting.find(({ id }) => id === current?.id)?.id ?? null);
  const [severity, setSeverity] = useState<string | null>(null);
  const [title, setTitle] = useState('');
  const [isDrill, setDrill] = useState(head.kind === 'drill');
  const [carryFrom, setCarryFrom] = useState<string | null>(null);
  const start = useAction(async () => {
    const view = await call('run.start', { packId: head.id, deploymentId, severity, drill: isDrill, carryFrom, ...(title.trim() === '' ? {} : { title: title.trim() }) });
    putAnswer('run.show', { runId: view.runId }, view);
    refetch('run.list', 'identity.list');
    announce(`Started: ${visibleLine(view.title)}.`);
    openRun(view.runId);
  });
  const chosen = fitting.find(({ id }) => id === deploymentId) ?? null;
  const from = earlier.find(({ runId }) => runId === carryFrom) ?? null;
  const left = deployments.length - fitting.length;
  const checks = data?.pack.sections.flatMap(({ steps }) => steps).filter(({ kind }) => kind === 'live-check').length ?? 0;

  function submit(event: FormEvent): void {
    event.preventDefault();
    void start.run();
  }

  return (
    <Dialog title="Start a run" onClose={onClose} wide>
      {data === undefined ? (error === null ? <Skeleton lines={5} /> : <ErrorNote error={error} onRetry={() => { void reload(); }} />) : (
        <form className="stack" aria-label="Start a run" noValidate onSubmit={submit}>
          <p className="lib-start-of"><strong><HostileText text={head.title} /></strong> <span className="dim mono"><HostileText text={`${head.id} ${head.version}`} /></span></p>
          <Field label="Title" optional hint="What people will call it. Without one it is called as the runbook.">
            {(ids) => <input {...ids} className="input" value={title} maxLength={TITLE_MAX} placeholder={visibleLine(head.title)} autoComplete="off" data-first-focus onChange={(event) => setTitle(event.target.value)} />}
          </Field>
          <div className="lib-columns">
            <Field label="Deployment" hint={(
              <>
                {chosen === null ? (checks === 0 ? 'The run is about no deployment.' : `Nothing can be asked then: ${checks === 1 ? 'its live check is' : `its ${checks} live checks are`} attested by hand.`) : <><EnvironmentBadge environment={chosen.environment} /> <span className="mono"><HostileText text={chosen.url} /></span></>}
                {left === 0 ? null : <> {left === 1 ? 'One deployment is' : `${left} deployments are`} not offered: this runbook is for {appliesWords(head.applies)}.</>}
              </>
            )}>
              {(ids) => (
                <select {...ids} className="select" value={deploymentId ?? ''} onChange={(event) => setDeploymentId(event.target.value === '' ? null : event.target.value)}>
                  <option value="">None</option>
                  {fitting.map(({ id, name, environment }) => <option key={id} value={id}>{`${visibleLine(name)} (${environment})`}</option>)}
                </select>
              )}
            </Field>
            {data.pack.severities.length === 0 ? null : (
              <Field label="Severity" hint="It can be set and changed in the run, with a reason.">
                {(ids) => (
                  <select {...ids} className="select" value={severity ?? ''} onChange={(event) => setSeverity(event.target.value === '' ? null : event.target.value)}>
                    <option value="">Not known yet</option>
                    {data.pack.severities.map(({ id, title: name }) => <option key={id} value={id}>{visibleLine(name)}</option>)}
                  </select>
                )}
              </Field>
            )}
          </div>
          {earlier.length === 0 ? null : (
            <Field label="Carry results over from" hint="Results whose step has the same text, by its digest, and whose author is trusted here. Each says where it comes from. Signatures and timers are never carried over; an answer of a live check keeps the time at which it was seen.">
              {(ids) => (
                <select {...ids} className="select" value={carryFrom ?? ''} onChange={(event) => setCarryFrom(event.target.value === '' ? null : event.target.value)}>
                  <option value="">Nothing: every step is open</option>
                  {earlier.map(({ runId, title: name, deployment, startedAt, done, steps }) => <option key={runId} value={runId}>{`${visibleLine(name)}${deployment === null ? '' : `, ${visibleLine(deployment)}`}, ${formatTime(startedAt, { zone, style: 'minute', nowMs })}, ${done} of ${plural(steps, 'step')}`}</option>)}
                </select>
              )}
            </Field>
          )}
          {from === null || from.deployment === (chosen?.name ?? null) ? null : <Note tone="age"><p>The earlier run is {from.deployment === null ? 'about no deployment' : <>about <HostileText text={from.deployment} /></>}, this one {chosen === null ? 'about none' : <>about <HostileText text={chosen.name} /></>}. What was seen there proves nothing here, so that nothing is carried over.</p></Note>}
          <label className="check"><input type="checkbox" checked={isDrill} onChange={(event) => setDrill(event.target.checked)} /><span>This is a drill<span className="field-hint lib-block">It is said wherever the run is shown, and in its report. It cannot be changed later.</span></span></label>
          {start.error === null ? null : <ErrorNote error={start.error} kept="No run was started." />}
          <div className="dialog-foot">
            <Button look="quiet" onClick={onClose}>Cancel</Button>
            <Button look="main" type="submit" icon={Play} busy={start.busy}>{isDrill ? 'Start the drill' : 'Start the run'}</Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
