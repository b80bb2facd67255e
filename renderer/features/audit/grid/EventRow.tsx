// One row of the audit grid; drawn again only when something of its own changed.
import { memo } from 'react';
import type { ReactNode } from 'react';
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { isFileId } from '#shared/domain/audit-event.ts';
import type { AuditColumn } from '#shared/domain/audit-search.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { formatTime } from '../../../lib/format.ts';
import type { TimeZone } from '../../../lib/format.ts';
import { payloadCell } from '../payload-words.ts';

interface EventRowProps {
  /** undefined: not read yet. */
  readonly event: AuditEvent | undefined;
  readonly row: number;
  readonly topPx: number;
  readonly columns: readonly AuditColumn[];
  readonly isCurrent: boolean;
  readonly isSelected: boolean;
  readonly isPicked: boolean;
  /** The column that can take the focus, when it is in this row; else -1. */
  readonly focusColumn: number;
  readonly zone: TimeZone;
  readonly heldKeys: ReadonlySet<string> | null;
  /** Any moment of this year: a time of another year has the year in it. */
  readonly nowMs: number;
}

function statusTone(code: number): string {
  return code >= 500 ? 'text-fail' : code >= 400 ? 'text-stale' : 'sub';
}

function Cell({ event, column, zone, nowMs, heldKeys }: { readonly event: AuditEvent; readonly column: AuditColumn } & Pick<EventRowProps, 'zone' | 'nowMs' | 'heldKeys'>): ReactNode {
  switch (column) {
    // Both zones on hover, as everywhere; written here without hooks, because a fast scroll makes hundreds of rows.
    case 'time': return <time dateTime={event.createdAt} title={`${formatTime(event.createdAt, { zone, style: 'full', nowMs })}\n${formatTime(event.createdAt, { zone: zone === 'utc' ? 'local' : 'utc', style: 'full', nowMs })}`}>{formatTime(event.createdAt, { zone, style: 'row', nowMs })}</time>;
    case 'id': return isFileId(event.id) ? <span className="dim">from a file</span> : event.id;
    case 'method': return <HostileText text={event.method} />;
    case 'route': return <HostileText text={event.route} />;
    case 'event': return <HostileText text={event.eventType} />;
    case 'actor': {
      const actor = event.actorEmail ?? event.actorSub;
      return actor === null ? <span className="dim">no actor</span> : <HostileText text={actor} />;
    }
    case 'org': return event.org === null ? <span className="dim">no org</span> : <HostileText text={event.org} />;
    case 'resource': return event.resourceId === null ? <span className="dim">none</span> : <HostileText text={event.resourceId} />;
    case 'status': return <span className={statusTone(event.statusCode)}>{event.statusCode}</span>;
    case 'payload': {
      const payload = payloadCell(event, heldKeys);
      return (
        <span className="payload-cell">
          <span className={`payload-mark payload-${event.payloadState}`} aria-hidden />
          {payload.text}
          {payload.lacksKey ? <span className="text-stale"> · key not held</span> : payload.keyId === null ? null : <span className="dim"> · <HostileText text={payload.keyId} /></span>}
        </span>
      );
    }
  }
}

export const EventRow = memo(function EventRow({ event, row, topPx, columns, isCurrent, isSelected, isPicked, focusColumn, zone, heldKeys, nowMs }: EventRowProps) {
  return (
    <div role="row" aria-rowindex={row + 2} aria-selected={isSelected} aria-current={isCurrent || undefined} aria-busy={event === undefined || undefined} className={`grid-row ${isPicked ? 'grid-picked' : ''}`} style={{ transform: `translateY(${topPx}px)` }} data-row={row}>
      {columns.map((column, at) => (
        <div key={column} role="gridcell" aria-colindex={at + 1} tabIndex={focusColumn === at ? 0 : -1} data-roving={focusColumn === at || undefined} className={`cell cell-${column}`} data-column={at}>
          {event === undefined ? <span className="cell-wait"><span className="visually-hidden">Reading</span></span> : <Cell event={event} column={column} zone={zone} nowMs={nowMs} heldKeys={heldKeys} />}
        </div>
      ))}
    </div>
  );
});
