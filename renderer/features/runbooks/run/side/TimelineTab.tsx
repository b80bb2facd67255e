// What happened, the newest first: automatic and manual entries, by whom, whether they count, and when. Only rows in sight are drawn; the chosen one is told in full below.
import { useEffect, useMemo, useRef, useState } from 'react';
import { ArrowUp, PenLine, UserRoundX } from 'lucide-react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { Button } from '../../../../components/Button.tsx';
import { EmptyState } from '../../../../components/EmptyState.tsx';
import { HostileText } from '../../../../components/HostileText.tsx';
import { Time } from '../../../../components/Time.tsx';
import { VirtualRows } from '../../../../components/VirtualRows.tsx';
import { formatCount, formatTime } from '../../../../lib/format.ts';
import { useSettings } from '../../../../lib/settings.ts';

type Item = RunView['timeline'][number];

const ROW_PX = 58;
/** A row has room for two lines; the whole text is below. */
const ROW_CHARACTERS = 240;

/** What matters of a timeline item to a reader in a hurry: entries by hand alone, or everything. */
export function itemsOf(timeline: readonly Item[], isManualOnly: boolean): readonly Item[] {
  return (isManualOnly ? timeline.filter(({ isManual }) => isManual) : timeline).toReversed();
}

export function TimelineTab({ run }: { readonly run: RunView }) {
  const [isManualOnly, setManualOnly] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const [firstSeen, setFirstSeen] = useState(0);
  const [turn, setTurn] = useState(0);
  const home = useRef<HTMLDivElement>(null);
  // The button that led to the newest has gone.
  useEffect(() => { if (turn > 0) home.current?.querySelector<HTMLElement>('[role="listbox"]')?.focus(); }, [turn]);
  const items = useMemo(() => itemsOf(run.timeline, isManualOnly), [run.timeline, isManualOnly]);
  // By its event: what comes in above must not move the choice to another one.
  const index = chosen === null ? -1 : items.findIndex(({ event }) => event === chosen);
  const item = items[index];
  return (
    <div className="run-timeline" ref={home}>
      <div className="run-side-bar">
        <label className="check"><input type="checkbox" checked={isManualOnly} onChange={(event) => setManualOnly(event.target.checked)} /><span>By hand only</span></label>
        <span className="grow" />
        {firstSeen === 0 ? null : <Button look="quiet" icon={ArrowUp} onClick={() => { setChosen(null); setFirstSeen(0); setTurn(turn + 1); }}>Newest</Button>}
        <span className="small dim">{formatCount(items.length)}{run.earlier === 0 || isManualOnly ? '' : `, and ${formatCount(run.earlier)} earlier ones in the report`}</span>
      </div>
      {items.length === 0 ? <EmptyState title="Nothing by hand yet"><p>Press n and write what happens now.</p></EmptyState> : (
        <VirtualRows key={turn} onRange={setFirstSeen} label="Timeline, the newest first" count={items.length} rowPx={ROW_PX} chosen={index < 0 ? null : index} onChoose={(to) => setChosen(items[to]?.event ?? null)}
          row={(at) => { const each = items[at]; return each === undefined ? null : <Row item={each} startedAt={run.startedAt} isChosen={at === index} />; }} />
      )}
      {item === undefined ? null : <Detail item={item} />}
    </div>
  );
}

function Row({ item: { at, by, text, isManual, isTrusted }, startedAt, isChosen }: { readonly item: Item; readonly startedAt: string; readonly isChosen: boolean }) {
  const zone = useSettings().times;
  const clock = formatTime(at, { zone, style: 'row', nowMs: Date.parse(at) });
  const dayOf = (instant: string): string => formatTime(instant, { zone, style: 'day', nowMs: Date.parse(startedAt) });
  return (
    <div className={`run-item ${isChosen ? 'run-item-on' : ''}`}>
      <span className="run-item-time mono">{clock.slice(-8)}{dayOf(at) === dayOf(startedAt) ? null : <span className="run-item-day">{dayOf(at)}</span>}</span>
      <span className="run-item-body">
        <span className="run-item-text"><HostileText text={text.slice(0, ROW_CHARACTERS)} /></span>
        <span className="run-item-by">
          {isManual ? <><PenLine size={11} aria-hidden /><span className="visually-hidden">by hand, </span></> : <span className="visually-hidden">automatic, </span>}
          <span className="cut"><HostileText text={by} /></span>
          {isTrusted ? null : <span className="run-untrusted"><UserRoundX size={11} aria-hidden />not trusted yet</span>}
        </span>
      </span>
    </div>
  );
}

function Detail({ item: { at, recordedAt, by, text, isManual, isTrusted, event } }: { readonly item: Item }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard.
    <section className="run-detail" aria-label="Chosen entry" tabIndex={0}>
      <p className="run-detail-text selectable"><HostileText text={text} layout="block" /></p>
      <p className="small sub"><Time iso={at} style="full" /> · <HostileText text={by} /> · {isManual ? 'by hand' : 'automatic'}</p>
      {at === recordedAt ? null : <p className="small sub">Recorded <Time iso={recordedAt} style="full" /></p>}
      {isTrusted ? null : <p className="small text-stale">From a key that is not trusted yet: it proves nothing here.</p>}
      <p className="small dim mono selectable run-digest">{event}</p>
    </section>
  );
}
