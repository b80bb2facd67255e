// One deployment on the overview: how fresh, what its checks say, how much of its log is held, and its gravest failures.
import type { CallOutput } from '#shared/contract.ts';
import { useApp } from '../../app/store.ts';
import { EnvironmentBadge } from '../../components/EnvironmentBadge.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { StateChip } from '../../components/StateChip.tsx';
import { Time } from '../../components/Time.tsx';
import { useNow } from '../../lib/clock.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { LastSync } from '../audit/AuditAbout.tsx';
import { toShown } from '../audit/query/query-text.ts';
import { StretchTime } from '../audit/StretchTime.tsx';
import { freshnessOf } from '../deployments/freshness.ts';
import { SEVERITIES } from '../security/order.ts';

type Row = CallOutput<'overview.show'>['deployments'][number];

const WORST_SHOWN = 2;
/** What asks for attention; the sentence above names the passes. */
const CHIPS = ['fail', 'accepted', 'unknown', 'stale'] as const;

export function DeploymentRow({ row }: { readonly row: Row }) {
  const { deployment, checks, checksAt, checksSummary, worst, audit, keys } = row;
  const go = useApp((state) => state.go);
  const nowMs = useNow();
  const fresh = freshnessOf(deployment.reachability, nowMs);
  const about = { deploymentId: deployment.id };
  const gap = audit.gaps[0];
  return (
    <tr>
      <td>
        <p className="row"><button type="button" className="link-plain cut" onClick={() => go('deployments', about)}><HostileText text={deployment.name} /></button><EnvironmentBadge environment={deployment.environment} /></p>
        <p className="small sub"><span className={`dot dot-inline dot-${fresh.tone}`} aria-hidden />{fresh.word}{fresh.asOf === null ? null : <> · as of <Time iso={fresh.asOf} age /></>}</p>
        <p className="small dim">{deployment.readOnly ? 'read-only' : 'read and write'}{deployment.transport === 'loopback' ? ' · unencrypted, this machine' : ''}</p>
      </td>
      <td>
        <p><button type="button" className="link-plain balanced" onClick={() => go('security', about)}>{checksSummary}</button></p>
        <p className="row row-wrap chips">{CHIPS.filter((state) => checks[state] > 0).map((state) => <StateChip key={state} state={state} count={checks[state]} />)}</p>
        <p className="small dim">{checksAt === null ? 'never looked' : <>as of <Time iso={checksAt} age /></>}</p>
      </td>
      {deployment.kind === 'karen' ? <td><p className="sub">Looked at from outside only</p><p className="small dim">no audit log is read from an AI-Karen</p></td> : <td>
        <p><button type="button" className="link-plain" onClick={() => go('audit', about)}>{plural(audit.events, 'event')}</button>{audit.events === 0 ? null : <span className="sub"> · {formatCount(audit.encrypted)} encrypted</span>}</p>
        <p className="small sub">{audit.oldestAt === null || audit.newestAt === null ? 'nothing held' : <><Time iso={audit.oldestAt} style="day" /> to <Time iso={audit.newestAt} /></>} · {plural(keys, 'key')} held</p>
        <p className="small dim">{audit.lastSyncAt === null ? 'never synced' : <LastSync summary={audit} />}</p>
        {gap === undefined ? null : <p className="small text-stale cut" title={toShown(gap.reason)}>In doubt, <StretchTime stretch={gap} />: <HostileText text={gap.reason} />{audit.gaps.length === 1 ? null : ` and ${plural(audit.gaps.length - 1, 'more reason')}`}</p>}
      </td>}
      <td>
        {worst.length === 0 ? <span className="dim">{checksAt === null ? 'Not known yet' : 'No failing check of high or critical severity'}</span> : (
          <ul className="worst">
            {worst.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)).slice(0, WORST_SHOWN).map((check) => (
              <li key={check.id} title={check.seen}>
                <p className="row"><button type="button" className="link-plain cut" onClick={() => go('security', { ...about, checkId: check.id })}>{check.title}</button><span className={`small ${check.severity === 'critical' ? 'text-fail' : 'dim'}`}>{check.severity}</span></p>
                <p className="small sub cut"><HostileText text={check.seen} /></p>
              </li>
            ))}
            {worst.length > WORST_SHOWN ? <li className="small dim">and {worst.length - WORST_SHOWN} more</li> : null}
          </ul>
        )}
      </td>
    </tr>
  );
}
