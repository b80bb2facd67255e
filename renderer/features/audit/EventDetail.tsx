// One event: every field as the server gave it, what comparisons found about it, and what is known of its payload.
import { useState } from 'react';
import { Binary, ChevronDown, ChevronUp } from 'lucide-react';
import { isFileId } from '#shared/domain/audit-event.ts';
import type { AuditEventDetail } from '#shared/domain/audit-event.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button, IconButton } from '../../components/Button.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Time } from '../../components/Time.tsx';
import { useQuery } from '../../lib/query.ts';
import { Findings } from './detail/Findings.tsx';
import { RawBytes } from './detail/RawBytes.tsx';
import { PayloadSection } from './PayloadSection.tsx';
import { sealedGap } from './payload-words.ts';

interface EventDetailProps {
  readonly deployment: Deployment;
  readonly eventId: number;
  readonly suggestedReason: string | null;
  readonly heldKeys: ReadonlySet<string> | null;
  readonly onKeys: () => void;
  /** To the row below or above. */
  readonly onStep: (by: 1 | -1) => void;
}

export function EventDetail({ deployment, eventId, suggestedReason, heldKeys, onKeys, onStep }: EventDetailProps) {
  const query = useQuery('audit.get', { deploymentId: deployment.id, id: eventId });
  const [isRaw, setRaw] = useState(false);
  const { data } = query;
  return (
    <>
      <header className="pane-head">
        <h2 tabIndex={-1} data-enter className="grow">{isFileId(eventId) ? 'Event from a file' : `Event ${eventId}`}</h2>
        <Button look="quiet" icon={Binary} aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>Raw bytes</Button>
        <IconButton icon={ChevronDown} label="Next event (J)" onClick={() => onStep(1)} />
        <IconButton icon={ChevronUp} label="Previous event (K)" onClick={() => onStep(-1)} />
      </header>
      {query.error === null ? null : <ErrorNote error={query.error} onRetry={() => { void query.reload(); }} />}
      {data === undefined ? (query.error === null ? <Skeleton lines={6} label="Reading the event" /> : null) : (
        <>
          {isRaw ? <RawBytes key={`raw-${eventId}`} event={data} /> : null}
          <Facts event={data} heldKeys={heldKeys} />
          {data.findings.length === 0 ? null : <Findings findings={data.findings} />}
          <SealedNote event={data} />
          <PayloadSection key={`payload-${eventId}`} deployment={deployment} event={data} suggestedReason={suggestedReason} heldKeys={heldKeys} onKeys={onKeys} />
          <p className="small dim">From <span className="mono"><HostileText text={data.source} /></span> · first seen <Time iso={data.firstSeenAt} age />{data.payloadObservedAt === null ? '' : <> · payload read <Time iso={data.payloadObservedAt} age /></>}</p>
        </>
      )}
    </>
  );
}

function Facts({ event, heldKeys }: { readonly event: AuditEventDetail; readonly heldKeys: ReadonlySet<string> | null }) {
  const isHeld = event.keyId !== null && heldKeys !== null ? heldKeys.has(event.keyId) : null;
  return (
    <dl className="facts">
      <dt>Time</dt><dd><Time iso={event.createdAt} style="full" /><span className="visually-hidden">.</span><span className="raw-time mono dim" title="The time as the server wrote it"><HostileText text={event.createdAtRaw} /></span></dd>
      <dt>Request</dt><dd className="mono"><HostileText text={event.method} /> <HostileText text={event.route} /></dd>
      <dt>Answer</dt><dd className="mono">{event.statusCode}</dd>
      <dt>Type</dt><dd className="mono"><HostileText text={event.eventType} /></dd>
      <dt>Actor</dt><dd>{event.actorEmail === null && event.actorSub === null ? <span className="dim">The server recorded none</span> : <>{event.actorEmail === null ? null : <span className="actor-sub"><HostileText text={event.actorEmail} /></span>}{event.actorSub === null ? null : <span className={`mono actor-sub ${event.actorEmail === null ? '' : 'dim'}`}><HostileText text={event.actorSub} /></span>}</>}</dd>
      <dt>Org</dt><dd>{event.org === null ? <span className="dim">The server recorded none</span> : <HostileText text={event.org} />}</dd>
      <dt>Resource</dt><dd className="mono">{event.resourceId === null ? <span className="dim">none</span> : <HostileText text={event.resourceId} />}</dd>
      {isFileId(event.id) ? <><dt>Origin</dt><dd>A file without row ids. <span className="sub">Its id here, <span className="mono">{event.id}</span>, was made from its content, so that the same row is taken once.</span></dd></> : null}
      {event.payloadState === 'encrypted' ? (
        <>
          <dt>Key</dt><dd className="mono">{event.keyId === null ? <span className="dim">the row names none</span> : <><HostileText text={event.keyId} />{isHeld === null ? null : isHeld ? <span className="dim"> · held</span> : <span className="text-stale"> · not held</span>}</>}</dd>
          {event.sealedAt === null ? null : <><dt>Sealed</dt><dd><Time iso={event.sealedAt} style="full" /></dd></>}
        </>
      ) : null}
    </dl>
  );
}

function SealedNote({ event }: { readonly event: AuditEventDetail }) {
  const gap = sealedGap(event);
  return gap === null ? null : <Note tone="age">{gap}</Note>;
}
