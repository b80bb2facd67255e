// The results themselves while they are in sight: counts, a search inside, the rows, and one in full; nothing of it outlives this component.
import { useEffect, useRef, useState } from 'react';
import { BULK_OUTCOMES, PAYLOAD_SHOWN } from '#shared/domain/audit-bulk.ts';
import type { BulkOutcome, BulkRow, BulkRun } from '#shared/domain/audit-bulk.ts';
import { Button } from '../../../components/Button.tsx';
import { CopyButton } from '../../../components/CopyButton.tsx';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Pane } from '../../../components/Pane.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { VirtualRows } from '../../../components/VirtualRows.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { announce } from '../../../lib/announce.ts';
import { formatCount, plural } from '../../../lib/format.ts';
import { layOutJson } from '../../../lib/json-layout.ts';
import { countOf, OUTCOME_LOOKS, previewOf } from './bulk-words.ts';
import { useBulkRows } from './use-bulk-rows.ts';

const ROW_PX = 28;
const SEARCH_DELAY_MS = 200;

/** The text once typing has paused. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SEARCH_DELAY_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

export function BulkRows({ run, onGone }: { readonly run: BulkRun; /** Core has them no more. */ readonly onGone: () => void }) {
  const [typed, setTyped] = useState('');
  const text = useSettled(typed);
  const [outcome, setOutcome] = useState<BulkOutcome | null>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  const pane = useRef<HTMLElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const rows = useBulkRows({ bulkId: run.bulkId, text, outcome });
  const { matching } = rows;
  useEffect(() => { if (matching !== null && text !== '') announce(`${plural(matching, 'row')} found`); }, [matching, text]);
  const isGone = rows.error?.wire.code === 'bulk_gone';
  useEffect(() => { if (isGone) onGone(); }, [isGone, onGone]);
  const selected = chosen === null ? undefined : rows.rowAt(chosen);
  const show = (next: BulkOutcome | null): void => { setOutcome(next); setChosen(null); };
  return (
    <>
      <div className="bulk-bar">
        <input className="input bulk-search" type="search" aria-label="Search in the opened payloads" placeholder="Search in the opened payloads" maxLength={256} spellCheck={false} value={typed} onChange={(event) => { setTyped(event.target.value); setChosen(null); }} />
        {BULK_OUTCOMES.map((kind) => (
          <button key={kind} type="button" className="chip-toggle" aria-pressed={outcome === kind} disabled={countOf(run.counts, kind) === 0} onClick={() => show(outcome === kind ? null : kind)}><WordChip tone={countOf(run.counts, kind) === 0 ? 'none' : OUTCOME_LOOKS[kind].tone} word={OUTCOME_LOOKS[kind].word} count={countOf(run.counts, kind)} /></button>
        ))}
        <span className="small dim bulk-memory">In memory only, gone at lock. {matching === null || (text === '' && outcome === null) ? '' : `${formatCount(matching)} shown.`}</span>
      </div>
      {rows.error === null ? null : <div className="pad"><ErrorNote error={rows.error} onRetry={rows.retry} /></div>}
      <div className="split">
        <div className="split-list" ref={list}>
          <div className="bulk-row bulk-head" aria-hidden><span>Time</span><span>Result</span><span>Key</span><span>Payload</span></div>
          {matching === null ? (rows.error === null ? <div className="pad"><Skeleton lines={8} label="Reading the results" /></div> : null)
            : matching === 0 ? <EmptyState title="No row matches" actions={<Button onClick={() => { setTyped(''); show(null); }}>Show all rows</Button>}><p>None of the opened payloads holds what you look for.</p></EmptyState>
              : <VirtualRows key={`${text} ${outcome ?? ''}`} label="Opened payloads" count={matching} rowPx={ROW_PX} chosen={chosen} onChoose={setChosen} onEnter={() => pane.current?.focus()} onRange={rows.onRange} row={(index) => <ResultLine row={rows.rowAt(index)} isChosen={index === chosen} />} />}
        </div>
        <Pane label="Selected payload" ref={pane} onEscape={() => list.current?.querySelector<HTMLElement>('[role="listbox"]')?.focus()}>
          {selected === undefined ? <div className="pane-empty"><p>Select a row to read its payload.</p></div> : <ResultDetail key={selected.event.id} row={selected} />}
        </Pane>
      </div>
    </>
  );
}

function ResultLine({ row, isChosen }: { readonly row: BulkRow | undefined; readonly isChosen: boolean }) {
  if (row === undefined) return <div className="bulk-row dim">Reading…</div>;
  const { word, tone } = OUTCOME_LOOKS[row.outcome];
  return (
    <div className={`bulk-row ${isChosen ? 'bulk-row-on' : ''}`}>
      <span className="mono"><Time iso={row.event.createdAt} style="row" /></span>
      <span><WordChip tone={tone} word={word} /></span>
      <span className="mono cut sub">{row.keyId === null ? <span className="dim">none</span> : <HostileText text={row.keyId} />}</span>
      <span className={`cut ${row.payload === null ? 'dim' : 'mono'}`}><HostileText text={previewOf(row)} /></span>
    </div>
  );
}

function ResultDetail({ row }: { readonly row: BulkRow }) {
  const { event, payload } = row;
  const { word, tone, sentence } = OUTCOME_LOOKS[row.outcome];
  return (
    <>
      <header className="pane-head"><WordChip tone={tone} word={word} /><h2>Event {event.id}</h2></header>
      <dl className="facts">
        <dt>Time</dt><dd><Time iso={event.createdAt} style="full" /></dd>
        <dt>Request</dt><dd className="mono"><HostileText text={event.method} /> <HostileText text={event.route} /></dd>
        <dt>Actor</dt><dd>{event.actorEmail === null && event.actorSub === null ? <span className="dim">The server recorded none</span> : <HostileText text={event.actorEmail ?? event.actorSub ?? ''} />}</dd>
        <dt>Key</dt><dd className="mono">{row.keyId === null ? <span className="dim">none</span> : <HostileText text={row.keyId} />}{row.keyId === null || event.keyId === row.keyId ? null : <span className="text-stale"> · the row names {event.keyId === null ? 'none' : <HostileText text={event.keyId} />}</span>}</dd>
        {row.sealedAt === null ? null : <><dt>Sealed</dt><dd><Time iso={row.sealedAt} style="full" /></dd></>}
      </dl>
      {payload === null ? <Note tone={tone === 'fail' ? 'bad' : 'age'}>{sentence}</Note> : (
        <section className="stack" aria-label="Opened payload">
          <div className="row row-wrap"><CopyButton text={payload} what="Payload" />{row.isCut ? <span className="small text-stale">Cut at {formatCount(PAYLOAD_SHOWN)} characters. Open the event by itself, or write a file, to have all of it.</span> : null}</div>
          <pre className="payload" aria-label="Payload text"><HostileText text={row.isCut ? payload : layOutJson(payload)} layout="block" /></pre>
        </section>
      )}
    </>
  );
}
