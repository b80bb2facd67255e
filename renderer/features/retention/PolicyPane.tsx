// The policy as the deployment says it, what its own count is worth, and what the verdict rests on.
import type { RetentionView } from '#shared/contract/retention.ts';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { Time } from '../../components/Time.tsx';
import { overdueWord, policyWord } from './retention-words.ts';
import { StretchTime } from '../audit/StretchTime.tsx';

export function PolicyPane({ view: { policy, verdict, ages, purge } }: { readonly view: RetentionView }) {
  const overdue = overdueWord(policy);
  return (
    <>
      <section className="stack-small" aria-label="Policy as the deployment says it">
        <p className="label">Policy, as the deployment says it</p>
        <p><strong>{policyWord(policy)}</strong></p>
        <dl className="facts">
          <dt>Cutoff</dt><dd>{policy.cutoff === null ? <span className="dim">none is known</span> : <Time iso={policy.cutoff} style="full" />}</dd>
          <dt>Overdue</dt><dd>{overdue.isProof ? overdue.text : <span className="text-stale">{overdue.text}</span>}</dd>
          <dt>Observed</dt><dd>{policy.observedAt === null ? <span className="dim">never</span> : <Time iso={policy.observedAt} age />}</dd>
          <dt>Purge route</dt><dd>{purge.state === 'offered' ? 'offered' : purge.state === 'not-offered' ? 'not offered' : <span className="dim">not known</span>}</dd>
        </dl>
        <p className="sub"><HostileText text={policy.overdue.reason} /></p>
        {policy.reason === '' ? null : <p className="sub"><HostileText text={policy.reason} /></p>}
        <p className="sub"><HostileText text={purge.reason} /></p>
      </section>
      <section className="stack-small" aria-label="What the verdict rests on">
        <p className="label">What the verdict rests on</p>
        {verdict.evidence.length === 0 ? <p className="sub">Nothing was seen yet that decides it.</p> : (
          <ol className="rests">
            {verdict.evidence.map(({ source, at, text }, index) => (
              <li key={index}><p><HostileText text={text} /></p><p className="small dim"><span className="mono"><HostileText text={source} /></span> · <Time iso={at} age /></p></li>
            ))}
          </ol>
        )}
      </section>
      {ages.gaps.length === 0 ? null : (
        <section className="stack-small" aria-label="Never read">
          <p className="label">Never read, before the cutoff</p>
          <Note tone="age">Nobody knows what is in these stretches, and nobody could restore it.</Note>
          <ul className="rests">{ages.gaps.slice(0, 20).map((gap, index) => <li key={index}><p><StretchTime stretch={gap} /></p><p className="small dim"><HostileText text={gap.reason} /></p></li>)}</ul>
          {ages.gaps.length > 20 ? <p className="small sub">{ages.gaps.length - 20} more in the coverage map of the audit log.</p> : null}
        </section>
      )}
    </>
  );
}
