// What comparisons with the server found, newest first, and the two versions of the row side by side.
import { useMemo, useRef, useState } from 'react';
import type { AuditFinding } from '#shared/domain/audit-witness.ts';
import { Button } from '../../../components/Button.tsx';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Pane } from '../../../components/Pane.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { VirtualRows } from '../../../components/VirtualRows.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { call } from '../../../lib/client.ts';
import { formatCount } from '../../../lib/format.ts';
import { useQuery } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';
import { FINDING_LOOKS } from './witness-words.ts';
import { Versions } from './Versions.tsx';

const PAGE = 200;

interface FindingsTabProps { readonly deploymentId: string; readonly onQuery: (query: string) => void }

export function FindingsTab({ deploymentId, onQuery }: FindingsTabProps) {
  const first = useQuery('audit.findings', { deploymentId, limit: PAGE });
  const [older, setOlder] = useState<readonly AuditFinding[]>([]);
  const [chosen, setChosen] = useState(0);
  const pane = useRef<HTMLElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => {
    const page = first.data?.findings ?? [];
    // Older pages belong to the first page that they were read after; a new first page only adds in front.
    const known = new Set(page.map(({ seq }) => seq));
    return [...page, ...older.filter(({ seq }) => !known.has(seq))];
  }, [first.data, older]);
  const more = useAction(async () => {
    const last = rows.at(-1);
    if (last === undefined) return;
    const page = await call('audit.findings', { deploymentId, before: last.seq, limit: PAGE });
    setOlder([...older, ...page.findings]);
  });
  if (first.data === undefined) return <div className="pad">{first.error === null ? <Skeleton lines={5} label="Reading findings" /> : <ErrorNote error={first.error} onRetry={() => { void first.reload(); }} />}</div>;
  const { total } = first.data;
  if (rows.length === 0) return <EmptyState title="No finding"><p>Whenever the log is synced, rows that were held before are compared with what the server gives now. Nothing that differs was found so far. Rows that were never compared again cannot be judged.</p></EmptyState>;
  const selected = rows[chosen];
  return (
    <div className="split witness-split">
      <div className="split-list" ref={list}>
        <VirtualRows label="Findings" count={rows.length} rowPx={48} chosen={chosen} onChoose={setChosen} onEnter={() => pane.current?.focus()} row={(index) => {
          const finding = rows[index];
          return finding === undefined ? null : <FindingLine finding={finding} isChosen={index === chosen} />;
        }} />
        {rows.length >= total ? null : <div className="witness-more"><span className="small dim">{formatCount(rows.length)} of {formatCount(total)}</span><Button look="quiet" busy={more.busy} onClick={() => { void more.run(); }}>Show older</Button>{more.error === null ? null : <span className="small text-fail" role="alert">{more.error.wire.message}</span>}</div>}
      </div>
      <Pane label="Selected finding" ref={pane} onEscape={() => list.current?.querySelector<HTMLElement>('[role="listbox"]')?.focus()}>
        {selected === undefined ? null : <FindingDetail key={selected.seq} finding={selected} onQuery={onQuery} />}
      </Pane>
    </div>
  );
}

function FindingLine({ finding, isChosen }: { readonly finding: AuditFinding; readonly isChosen: boolean }) {
  const { word, tone } = FINDING_LOOKS[finding.kind];
  return (
    <div className={`finding-line ${isChosen ? 'finding-line-on' : ''}`}>
      <WordChip tone={tone} word={word} />
      <span className="finding-name">Event {finding.eventId}</span>
      <span className="dim small nowrap"><Time iso={finding.foundAt} age /></span>
      <span className="cut sub finding-message"><HostileText text={finding.message} /></span>
    </div>
  );
}

function FindingDetail({ finding, onQuery }: { readonly finding: AuditFinding; readonly onQuery: (query: string) => void }) {
  const { word, tone } = FINDING_LOOKS[finding.kind];
  return (
    <>
      <header className="pane-head"><WordChip tone={tone} word={word} /><h2>Event {finding.eventId}</h2></header>
      <p><HostileText text={finding.message} /></p>
      <dl className="facts">
        <dt>Row's time</dt><dd>{finding.createdAt === null ? <span className="dim">not known</span> : <Time iso={finding.createdAt} style="full" />}</dd>
        <dt>Found</dt><dd><Time iso={finding.foundAt} style="full" /></dd>
      </dl>
      <Versions held={finding.held} found={finding.found} />
      <div><Button onClick={() => onQuery(`id:${finding.eventId}`)}>Show the event</Button></div>
    </>
  );
}
