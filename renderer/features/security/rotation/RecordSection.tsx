// The signed record of a rotation: whether it verifies, its digest and signature, its entries, and copies to keep elsewhere.
import type { RotationView } from '#shared/contract/rotation.ts';
import { CopyButton } from '../../../components/CopyButton.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { plural } from '../../../lib/format.ts';
import { entryWords, RECORD_LOOKS } from './record-words.ts';
import type { RecordState } from './use-rotation.ts';

/** What the clipboard call takes. */
const MAX_COPY = 524_288;

export function RecordSection({ view, record: { record, error, retry } }: { readonly view: RotationView; readonly record: RecordState }) {
  const { verdict, message, entries, headDigest } = view.record;
  const { tone, word } = RECORD_LOOKS[verdict];
  const seal = record?.seal ?? null;
  const whole = record === null ? null : JSON.stringify(record, null, 2);
  return (
    <section className="stack-small" aria-label="Record">
      <p className="label">Record</p>
      <p><WordChip tone={tone} word={word} /></p>
      <p className="sub"><HostileText text={message} /></p>
      <dl className="facts record-facts">
        <dt>Rotation</dt><dd className="mono selectable">{view.rotationId}</dd>
        <dt>Head</dt><dd className="mono selectable" title="SHA-256 over the last entry and, through it, over all before">{headDigest}</dd>
        {seal === null ? null : <><dt>Public key</dt><dd className="mono selectable"><HostileText text={seal.publicKey} /></dd></>}
      </dl>
      {error === null ? null : <ErrorNote error={error} onRetry={retry} />}
      {record === null ? (error === null ? <Skeleton lines={2} label="Reading the record" /> : null) : (
        <>
          {seal === null ? null : <details className="record-part"><summary>Signature</summary><pre className="payload" aria-label="Signed note"><HostileText text={seal.note} layout="block" /></pre></details>}
          <details className="record-part">
            <summary>{plural(entries, 'entry', 'entries')}</summary>
            <ol className="record-entries">
              {record.entries.map((entry) => <li key={entry.seq}><span className="mono dim">{entry.seq}</span><span><HostileText text={entryWords(entry)} /> <span className="dim">· <Time iso={entry.at} style="row" />, <HostileText text={entry.actor} /></span></span></li>)}
            </ol>
          </details>
          <div className="row row-wrap record-copies">
            <CopyButton text={headDigest} what="Digest" label="Copy digest" />
            {seal === null ? null : <CopyButton text={seal.note} what="Signed note" label="Copy signature" />}
            {whole === null || whole.length > MAX_COPY ? <span className="small sub">The whole record is too large to copy. The command <span className="mono">security rotation status --format json</span> gives it.</span> : <CopyButton text={whole} what="Record" label="Copy the record" />}
          </div>
        </>
      )}
    </section>
  );
}
