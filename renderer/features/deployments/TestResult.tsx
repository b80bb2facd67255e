// What a test of a deployment saw, fact by fact; an untested thing is called unknown.
import { testRefusal } from '#shared/contract/deployment.ts';
import type { DeploymentTest } from '#shared/contract/deployment.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { Time } from '../../components/Time.tsx';
import { formatCount, formatDuration } from '../../lib/format.ts';

const TOKEN = { accepted: 'Accepted', refused: 'Refused', none: 'None was sent', unknown: 'Not known' } as const;
const ANONYMOUS = { refused: 'Refused, as it should be', served: 'Served: authentication is off', unknown: 'Not known' } as const;
/** Beyond this tokens and logs begin to disagree. */
const SKEW_WORTH_SAYING_SECONDS = 30;

export function TestResult({ result }: { readonly result: DeploymentTest }) {
  const skew = result.clockSkewSeconds;
  const refusal = testRefusal(result);
  return (
    <section className="stack test-result" aria-label="Test result">
      <p className="label section-label">Test<span className="label-note"> · <Time iso={result.testedAt} style="full" /> · {formatCount(Math.round(result.durationMs))} ms</span></p>
      {refusal === null ? null : <Note tone="bad"><p className="note-main">{refusal.message}</p><p>{refusal.hint}</p></Note>}
      {result.warnings.map((warning) => <Note key={warning} tone="age"><HostileText text={warning} /></Note>)}
      <dl className="facts">
        <dt>Reached</dt><dd>{result.reached ? 'Yes' : <span className="text-stale">No</span>}</dd>
        {result.kind === 'karen' ? <><dt>Answered as</dt><dd>{result.seen === null ? 'Nothing that shows an AI-Karen' : <HostileText text={result.seen} />}</dd></> : <><dt>Dialect</dt><dd>{result.dialect === null ? 'Not known' : `NAVI, dialect ${result.dialect}`}<span className="small sub block"><HostileText text={result.dialectReason} /></span></dd>
        <dt>Token</dt><dd className={result.token === 'refused' ? 'text-fail' : ''}>{TOKEN[result.token]}</dd>
        <dt>Role</dt><dd>{result.role ?? 'None could be told'}<span className="small sub block"><HostileText text={result.roleReason} /></span></dd></>}
        <dt>Anonymous</dt><dd className={result.anonymous === 'served' ? 'text-fail' : ''}>{ANONYMOUS[result.anonymous]}</dd>
        <dt>Transport</dt><dd>{result.tls === null ? (result.transport === 'loopback' ? 'Unencrypted, this machine' : 'Not known') : <>{result.tls.protocol}<span className="small sub block">{result.tls.subject === null ? null : <HostileText text={result.tls.subject} />}{result.tls.issuer === null ? null : <>, issued by <HostileText text={result.tls.issuer} /></>}{result.tls.validTo === null ? null : <>, valid to {parseInstantUs(result.tls.validTo) === null ? <HostileText text={result.tls.validTo} /> : <Time iso={result.tls.validTo} style="day" />}</>}</span><span className="small mono dim block"><HostileText text={result.tls.spki} /></span></>}</dd>
        <dt>Clock</dt><dd className={skew !== null && Math.abs(skew) > SKEW_WORTH_SAYING_SECONDS ? 'text-stale' : ''}>{skew === null ? 'The server sent no time' : Math.abs(skew) < 1 ? 'Agrees with ours' : `${formatDuration(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} ours`}</dd>
      </dl>
    </section>
  );
}
