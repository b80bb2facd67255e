// One event: every field as the server gave it, and what is known of its payload.
import type { AuditEventDetail } from '#shared/domain/audit-event.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Time } from '../../components/Time.tsx';
import { useQuery } from '../../lib/query.ts';
import { PayloadSection } from './PayloadSection.tsx';
import { sealedGap } from './payload-words.ts';

interface EventDetailProps {
  readonly deployment: Deployment;
  readonly eventId: number;
  readonly suggestedReason: string | null;
  readonly heldKeys: ReadonlySet<string> | null;
  readonly onKeys: () => void;
}

export function EventDetail({ deployment, eventId, suggestedReason, heldKeys, onKeys }: EventDetailProps) {
  const query = useQuery('audit.get', { deploymentId: deployment.id, id: eventId });
  const { data } = query;
  return (
    <>
      <header className="pane-head"><h2 tabIndex={-1} data-enter>Event {eventId}</h2></header>
      {query.error === null ? null : <ErrorNote error={query.error} onRetry={() => { void query.reload(); }} />}
      {data === undefined ? (query.error === null ? <Skeleton lines={6} label="Reading the event" /> : null) : (
        <>
          <Facts event={data} heldKeys={heldKeys} />
          <SealedNote event={data} />
          <PayloadSection deployment={deployment} event={data} suggestedReason={suggestedReason} heldKeys={heldKeys} onKeys={onKeys} />
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
