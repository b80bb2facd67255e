// What the last verification proved, in a word with its facts, and what it cannot prove, in plain sight.
import { useEffect, useState } from 'react';
import type { WitnessVerdict } from '#shared/domain/audit-witness.ts';
import { CopyButton } from '../../../components/CopyButton.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { formatCount } from '../../../lib/format.ts';
import { useChangedSince } from './verify-task.ts';
import type { Verification } from './verify-task.ts';
import { keyFingerprint, VERDICT_LOOKS } from './witness-words.ts';

export function VerdictBand({ deploymentId, verification }: { readonly deploymentId: string; readonly verification: Verification }) {
  const { verdict, at } = verification;
  const { word, tone } = VERDICT_LOOKS[verdict.verdict];
  const hasChanged = useChangedSince(deploymentId);
  return (
    <section className={`verdict verdict-${tone}`} aria-label="Verdict">
      <div className="verdict-word">
        <WordChip tone={tone} word={word} />
        <span className="small dim nowrap">verified <Time iso={at} age /></span>
      </div>
      <div className="stack-small verdict-text">
        <p className="note-main" role="status"><HostileText text={verdict.message} /></p>
        {hasChanged ? <p className="small text-stale">The log has changed since. Verify again to include what came.</p> : null}
      </div>
      <VerdictFacts verdict={verdict} />
      <p className="small sub verdict-limits">{verdict.limits}</p>
    </section>
  );
}

function VerdictFacts({ verdict }: { readonly verdict: WitnessVerdict }) {
  const { checkpoint, root, publicKey } = verdict;
  return (
    <dl className="facts verdict-facts">
      <dt>Rows</dt><dd>{formatCount(verdict.leaves)}{checkpoint === null || checkpoint.size === verdict.leaves ? null : <span className="text-stale"> · {formatCount(checkpoint.size)} signed</span>}</dd>
      <dt>Checkpoint</dt><dd>{checkpoint === null ? <span className="dim">none yet</span> : <><Time iso={checkpoint.at} age /> <span className="dim">· {formatCount(verdict.checkpoints)} in all</span></>}</dd>
      <dt>Root</dt><dd className="mono selectable cut" title={root ?? undefined}>{root ?? <span className="dim">none</span>}</dd>
      <dt>Public key</dt><dd>{publicKey === null ? <span className="dim">none</span> : <Fingerprint publicKey={publicKey} />}</dd>
    </dl>
  );
}

function Fingerprint({ publicKey }: { readonly publicKey: string }) {
  const [print, setPrint] = useState<{ readonly of: string; readonly text: string } | null>(null);
  useEffect(() => {
    let isWanted = true;
    keyFingerprint(publicKey).then((text) => { if (isWanted) setPrint({ of: publicKey, text }); }, () => undefined);
    return () => { isWanted = false; };
  }, [publicKey]);
  return (
    <span className="row row-wrap">
      <span className="mono selectable" title={`Ed25519, base64: ${publicKey}`}>{print?.of === publicKey ? print.text : publicKey}</span>
      <CopyButton text={publicKey} what="Public key" label="Copy key" />
    </span>
  );
}
