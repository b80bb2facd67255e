// The raw bytes of one field or of the payload, as held here; for looking at what a text hides.
import { useId, useState } from 'react';
import type { AuditEventDetail } from '#shared/domain/audit-event.ts';
import { Button } from '../../../components/Button.tsx';
import { Note } from '../../../components/Note.tsx';
import { formatCount, plural } from '../../../lib/format.ts';
import { bytesOf } from './raw-bytes.ts';

const SHOWN_FIRST = 2048;
const SHOWN_MORE = 16_384;

interface Source { readonly id: string; readonly title: string; readonly text: string | null }

function sourcesOf(event: AuditEventDetail): readonly Source[] {
  return [
    { id: 'payload', title: 'Payload', text: event.payload }, { id: 'time', title: 'Time', text: event.createdAtRaw }, { id: 'method', title: 'Method', text: event.method }, { id: 'route', title: 'Route', text: event.route }, { id: 'event', title: 'Type', text: event.eventType },
    { id: 'email', title: 'Actor, e-mail', text: event.actorEmail }, { id: 'sub', title: 'Actor, subject', text: event.actorSub }, { id: 'org', title: 'Org', text: event.org }, { id: 'resource', title: 'Resource', text: event.resourceId }, { id: 'key', title: 'Key id', text: event.keyId },
  ];
}

export function RawBytes({ event }: { readonly event: AuditEventDetail }) {
  const sources = sourcesOf(event);
  const [chosen, setChosen] = useState(event.payload === null ? 'route' : 'payload');
  const [most, setMost] = useState(SHOWN_FIRST);
  const id = useId();
  const text = sources.find((source) => source.id === chosen)?.text ?? null;
  const view = text === null ? null : bytesOf(text, most);
  return (
    <section className="stack raw" aria-label="Raw bytes">
      <div className="row row-wrap">
        <label className="small sub" htmlFor={id}>Bytes of</label>
        <select id={id} className="select raw-select" value={chosen} onChange={(change) => { setChosen(change.target.value); setMost(SHOWN_FIRST); }}>
          {sources.map((source) => <option key={source.id} value={source.id} disabled={source.text === null}>{source.title}{source.text === null ? ': none' : ''}</option>)}
        </select>
        {view === null ? null : <span className="small dim">{plural(view.bytes, 'byte')} of UTF-8</span>}
      </div>
      {view === null ? <p className="dim">There is none.</p> : (
        <>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard. */}
          <pre className="payload raw-lines" tabIndex={0} aria-label="Bytes">{view.lines.map((line) => `${line.offset}  ${line.hex}  ${line.print}`).join('\n')}</pre>
          {view.rest === 0 ? null : <div className="row"><span className="small sub">{formatCount(view.rest)} more</span><Button look="quiet" onClick={() => setMost(most + SHOWN_MORE)}>Show more bytes</Button></div>}
          {view.hasLoneSurrogates ? <Note tone="age">This text holds halves of characters, which UTF-8 cannot hold. They stand as ef bf bd here.</Note> : null}
        </>
      )}
      <p className="small dim">From the text as it is held here. What came over the network was UTF-8 as well, or was refused.</p>
    </section>
  );
}
