// Whether it deletes what it says, on what that rests, and the rule as the deployment states it. A count of none that proves nothing is shown as unknown.
import type { RetentionView } from '#shared/contract/retention.ts';
import { HostileText } from '../../components/HostileText.tsx';
import { Time } from '../../components/Time.tsx';
import { WordChip } from '../../components/WordChip.tsx';
import type { ChipTone } from '../../components/WordChip.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import { InstantText } from './InstantText.tsx';
import { Part } from './Part.tsx';

const VERDICTS: Readonly<Record<RetentionView['verdict']['state'], { readonly tone: ChipTone; readonly word: string }>> = {
  deleting: { tone: 'pass', word: 'deleting' },
  'not-deleting': { tone: 'fail', word: 'not deleting' },
  unknown: { tone: 'unknown', word: 'unknown' },
};

/** Shown at once; the rest opens. */
const SHOWN = 4;

export function VerdictSection({ view: { verdict, policy } }: { readonly view: RetentionView }) {
  const { tone, word } = VERDICTS[verdict.state];
  return (
    <Part title="Does it delete?">
      <div className="retention-columns">
        <div className="stack">
          <p className="retention-verdict"><WordChip tone={tone} word={word} /> <span className="retention-verdict-text"><InstantText text={verdict.message} /></span></p>
          <section className="stack-small" aria-label="Evidence for the verdict">
            <h3 className="label">What this rests on</h3>
            {verdict.evidence.length === 0 ? <p className="sub">Nothing yet. A declared policy is no evidence that anything is deleted.</p> : <Evidence evidence={verdict.evidence} />}
          </section>
        </div>
        <section className="stack-small" aria-label="Policy as the deployment states it">
          <h3 className="label">Policy, as the deployment states it</h3>
          <dl className="facts policy-facts">
            <dt>Retention</dt><dd>{policy.state === 'on' ? 'on' : policy.state === 'off' ? 'off' : <WordChip tone="unknown" word="unknown" />}</dd>
            <dt>Period</dt><dd>{policy.days === null ? 'not stated' : `${plural(policy.days, 'day')}${policy.state === 'on' ? '' : ', not in force'}`}</dd>
            <dt>Cutoff now</dt><dd>{policy.cutoff === null ? 'none' : <Time iso={policy.cutoff} />}</dd>
            <dt>Overdue</dt>
            <dd>
              {policy.overdue.rows === null ? <><WordChip tone="unknown" word="unknown" />{policy.overdue.said === null ? null : <span className="sub"> it says {formatCount(policy.overdue.said)}</span>}</> : <strong className={policy.overdue.rows > 0 ? 'text-fail' : ''}>{plural(policy.overdue.rows, 'row')}</strong>}
              <p className="small sub"><InstantText text={policy.overdue.reason} /></p>
            </dd>
            <dt>Read</dt><dd>{policy.observedAt === null ? 'never' : <Time iso={policy.observedAt} age />}</dd>
          </dl>
          {policy.reason === '' ? null : <p className="small sub"><HostileText text={policy.reason} /></p>}
        </section>
      </div>
    </Part>
  );
}

function Evidence({ evidence }: { readonly evidence: RetentionView['verdict']['evidence'] }) {
  const rest = evidence.slice(SHOWN);
  return (
    <>
      <EvidenceList evidence={evidence.slice(0, SHOWN)} />
      {rest.length === 0 ? null : <details className="retention-more"><summary>{plural(rest.length, 'older sign')}</summary><EvidenceList evidence={rest} /></details>}
    </>
  );
}

function EvidenceList({ evidence }: { readonly evidence: RetentionView['verdict']['evidence'] }) {
  return (
    <ul className="retention-evidence">
      {evidence.map(({ source, at, text }, index) => (
        <li key={index}><p><InstantText text={text} /></p><p className="small dim"><span className="mono"><HostileText text={source} /></span> · <Time iso={at} age /></p></li>
      ))}
    </ul>
  );
}
