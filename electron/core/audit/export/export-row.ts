// One cached row as an export takes it: as it is stored, the payload as it was received. Nothing here opens a payload.
import { formatInstantMs, formatInstantUs } from '#shared/domain/time.ts';
import type { EventColumns } from '../store-queries.ts';

export interface ExportRow extends EventColumns {
  /** Null when no payload was obtained. */
  readonly state: string | null;
  readonly keyId: string | null;
  readonly sealedAtSeconds: number | null;
  /** The payload's text as it is stored; null when none was obtained. */
  readonly body: string | null;
}

/** The server that the rows are of, as the formats for other systems name it. */
export interface ExportOrigin { readonly name: string; readonly url: string }

/** How one format writes: the same rows give the same bytes, so nothing of it depends on the time or the machine. */
export interface ExportForm {
  /** Of the format, for the manifest. */
  readonly version: string;
  /** Before the first row. */
  readonly head: string;
  /** One row with its line end. */
  line(row: ExportRow): string;
}

export function createdAt(row: ExportRow): string {
  return formatInstantUs(row.createdAtUs);
}

export function sealedAt(row: ExportRow): string | null {
  return row.sealedAtSeconds === null ? null : formatInstantMs(row.sealedAtSeconds * 1000);
}

/** normal: below 400. refused: 400 to 499. failed: 500 and more. unknown: no status of HTTP. */
export function outcomeOf(row: ExportRow): 'normal' | 'refused' | 'failed' | 'unknown' {
  const { statusCode } = row;
  if (statusCode < 100 || statusCode > 599) return 'unknown';
  if (statusCode < 400) return 'normal';
  return statusCode < 500 ? 'refused' : 'failed';
}

/** The host of an address, without port and without the brackets of IPv6; null when it has none. */
export function hostOf(url: string): string | null {
  const host = URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
  return host === '' ? null : host;
}
