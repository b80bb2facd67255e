// What a look would send, listed before anything is sent, and the consents that decide how much of it; nothing leaves this machine until "Look now".
import type { Deployment } from '#shared/domain/deployment.ts';
import type { PlannedProbe, ProbeConsent, ProbePlan } from '#shared/domain/posture.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Time } from '../../components/Time.tsx';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { plural } from '../../lib/format.ts';
import { putAnswer, useQuery } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';
import { CONSENTS, leastTime, repeatedLines } from './posture-words.ts';

interface LookDialogProps { readonly deployment: Deployment; readonly onLook: () => void; readonly onEvaluate: () => void; readonly onClose: () => void }

export function LookDialog({ deployment, onLook, onEvaluate, onClose }: LookDialogProps) {
  const plan = useQuery('security.plan', { deploymentId: deployment.id });
  const { data } = plan;
  const requests = data === undefined ? 0 : data.requests + (data.status === null ? 0 : 1);
  return (
    <Dialog title={`Look at ${deployment.name}`} onClose={onClose} wide>
      <div className="stack look-dialog">
        {data === undefined ? (plan.error === null ? <Skeleton lines={8} label="Reading what would be sent" /> : <ErrorNote error={plan.error} onRetry={() => { void plan.reload(); }} />) : (
          <>
            <Consents deployment={deployment} plan={data} />
            <section className="stack-small" aria-label="What will be sent">
              <h3>{requests === 0 ? 'Nothing will be sent' : `${plural(requests, 'request')} will be sent${data.requests < 3 ? '' : `, in at least ${leastTime(data.requests)}`}`}</h3>
              {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard. */}
              <div className="probe-list" tabIndex={0} role="group" aria-label="Requests">
                <ul>
                  {data.status !== null ? <li className="probe"><p className="probe-title">Ask for the security status</p><p className="small sub">With the token of this deployment. What comes back is what it declares of itself.</p><pre className="mono">{data.status}</pre></li> : null}
                  {data.probes.filter(({ willRun }) => willRun).map((probe) => <ProbeItem key={probe.id} probe={probe} />)}
                </ul>
                {data.probes.every(({ willRun }) => willRun) ? null : (
                  <>
                    <h4 className="label probe-off">Not sent: not allowed</h4>
                    <ul>{data.probes.filter(({ willRun }) => !willRun).map((probe) => <ProbeItem key={probe.id} probe={probe} />)}</ul>
                  </>
                )}
              </div>
            </section>
          </>
        )}
        <div className="dialog-foot">
          <Button look="quiet" onClick={onClose}>Cancel</Button>
          <Button onClick={onEvaluate} title="Sends nothing: evaluates what is held here, and keeps that as a look.">Evaluate only</Button>
          <Button look="main" disabled={data === undefined || requests === 0} data-first-focus onClick={onLook}>{data === undefined || requests === 0 ? 'Look now' : `Look now: ${plural(requests, 'request')}`}</Button>
        </div>
      </div>
    </Dialog>
  );
}

function ProbeItem({ probe }: { readonly probe: PlannedProbe }) {
  return (
    <li className={`probe ${probe.willRun ? '' : 'probe-closed'}`}>
      <p className="probe-title">{probe.title}{probe.willRun ? null : <span className="small dim"> · needs: {CONSENTS[probe.consent].title.toLowerCase()}</span>}</p>
      <p className="small sub"><HostileText text={probe.about} /></p>
      <pre className="mono">{repeatedLines(probe.requests).map(({ line, times }, at) => <span key={at} className="probe-line">{times === 1 ? null : <span className="dim">{times} × </span>}<HostileText text={line} /></span>)}</pre>
    </li>
  );
}

function Consents({ deployment, plan }: { readonly deployment: Deployment; readonly plan: ProbePlan }) {
  const decide = useAction(async (consent: ProbeConsent, isAllowed: boolean) => {
    putAnswer('security.plan', { deploymentId: deployment.id }, await call('security.setConsent', { deploymentId: deployment.id, consent, isAllowed }));
    announce(`${CONSENTS[consent].title}: ${isAllowed ? 'allowed' : 'not allowed'}.`);
  });
  const arePossible = plan.consents.some(({ consent, isAllowed }) => consent === 'probes' && isAllowed);
  const asked = plan.consents.filter(({ consent }) => consent === 'probes' || plan.probes.some((probe) => probe.consent === consent));
  return (
    <fieldset className="consents">
      <legend>Allowed for this deployment</legend>
      {deployment.environment === 'production' && !arePossible ? <Note tone="age">This is production: probes stay off until you allow them here.</Note> : null}
      {asked.map(({ consent, isAllowed, decidedAt }) => (
        <div key={consent} className="check">
          <input id={`consent-${consent}`} type="checkbox" checked={isAllowed} disabled={consent !== 'probes' && !arePossible} aria-describedby={`consent-${consent}-about`} onChange={(event) => { void decide.run(consent, event.target.checked); }} />
          <div>
            <label htmlFor={`consent-${consent}`}><strong>{CONSENTS[consent].title}</strong></label>
            <p className="small sub" id={`consent-${consent}-about`}>{CONSENTS[consent].text} <span className="dim">{decidedAt === null ? (isAllowed ? 'On by default.' : 'Nobody has allowed it.') : <>{isAllowed ? 'Allowed' : 'Forbidden'} <Time iso={decidedAt} age />.</>}</span></p>
          </div>
        </div>
      ))}
      {decide.error === null ? null : <ErrorNote error={decide.error} kept="What was allowed before still holds." />}
    </fieldset>
  );
}
