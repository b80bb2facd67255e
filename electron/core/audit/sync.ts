// The walk that brings a deployment's audit log into the cache: past every limit the server sets, and a named gap where it cannot.
import type { AuditGap } from '#shared/domain/audit-event.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { NaviClient, NaviRow, NaviRows } from '../deployments/service.ts';
import type { JobHandle } from '../jobs/jobs.ts';

/** Limits of the server (contract section 3): rows of one list answer and of one export answer. */
const LIST_LIMIT = 1000;
const EXPORT_LIMIT = 10_000;
/** After this many rows whose payload the server cannot give, in a row, it is asked no more in this sync. */
const PAYLOAD_FAILURES_IN_A_ROW = 25;

/** Where rows go, and what is there already. */
export interface SyncStore {
  /** Stores rows in one transaction. */
  save(rows: readonly NaviRow[], source: string): void;
  savePayload(id: number, payload: NonNullable<NaviRow['payload']>, source: string): void;
  orgs(): string[];
  actors(): string[];
  idsWithoutPayload(): number[];
  /** Rows of the caller's own organisation that this address gave without a payload. */
  ownWithoutPayload(): number;
}

export interface SyncOffers { readonly exports: boolean; readonly payloads: boolean }
export interface SyncOutcome { readonly requests: number; readonly gaps: readonly AuditGap[] }

/** Sends one request again when the server asked for patience; supplied by the caller, who knows clock and limits. */
export type Patiently = <T>(run: () => Promise<T>) => Promise<T>;

export async function syncAudit({ client, offers, store, job, patiently }: { client: NaviClient; offers: SyncOffers; store: SyncStore; job: JobHandle; patiently: Patiently }): Promise<SyncOutcome> {
  const gaps: AuditGap[] = [];
  let requests = 0;
  let received = 0;
  const { signal } = job;

  async function ask<T>(run: () => Promise<T>): Promise<T> {
    if (signal.aborted) throw cancelled();
    try {
      return await patiently(() => {
        requests += 1;
        return run();
      });
    } catch (error) {
      throw signal.aborted ? cancelled() : error;
    }
  }

  function keep(page: NaviRows, source: string): void {
    store.save(page.rows, source);
    received += page.rows.length;
    for (const { index, reason } of page.rejected) gaps.push({ from: null, to: null, reason: `Row ${index + 1} of an answer to ${source} could not be read: ${reason}` });
    job.report({ step: `Reading ${source}`, done: received, total: null });
  }

  /** The export pages backwards: until = the oldest time seen. Only the caller's own organisation is in it. */
  async function walkExport(): Promise<void> {
    let until: number | null = null;
    const atEdge = new Set<number>();
    for (;;) {
      const edge: number | null = until;
      const page: NaviRows = await ask(() => client.exportEvents({ ...(edge === null ? {} : { untilUs: edge }), limit: EXPORT_LIMIT, includePayload: true }, signal));
      keep(page, 'the export');
      if (page.received < EXPORT_LIMIT) return;
      const fresh = page.rows.filter((row) => !atEdge.has(row.id));
      const oldest = page.rows.reduce<number | null>((low, row) => (low === null || row.createdAtUs < low ? row.createdAtUs : low), null);
      if (oldest === null) {
        gaps.push({ from: null, to: edge === null ? null : formatInstantUs(edge), reason: 'A full page of the export could not be read, so what is older is not known.' });
        return;
      }
      if (edge !== null && oldest >= edge && fresh.length === 0) {
        // More rows share one instant than fit into a page; the server offers no way between them.
        gaps.push({ from: formatInstantUs(edge), to: formatInstantUs(edge), reason: `More than ${EXPORT_LIMIT} rows share one instant; the export cannot page inside it.` });
        until = edge - 1;
        atEdge.clear();
        continue;
      }
      if (edge !== null && oldest >= edge) {
        gaps.push({ from: formatInstantUs(edge), to: formatInstantUs(edge), reason: `At least ${EXPORT_LIMIT} rows share one instant; the export cannot page inside it.` });
        until = edge - 1;
        atEdge.clear();
        continue;
      }
      atEdge.clear();
      for (const row of page.rows) if (row.createdAtUs === oldest) atEdge.add(row.id);
      until = oldest;
    }
  }

  /** The list has no paging: at most 1000 newest rows for each choice of org and actor. So it is asked for every choice that overflows. */
  async function walkList(): Promise<void> {
    const whole = await listPage({});
    if (whole.received < LIST_LIMIT) return;
    const edge = oldestOf(whole.rows);
    const overflowing: string[] = [];
    for (const org of store.orgs()) {
      // The export has given the caller's own organisation in full.
      const page = await listPage({ org });
      if (page.received >= LIST_LIMIT) overflowing.push(org);
    }
    const actors = store.actors();
    const actorsOverflowing: string[] = [];
    for (const actor of actors) {
      const page = await listPage({ actor });
      if (page.received >= LIST_LIMIT) actorsOverflowing.push(actor);
    }
    const pairsOverflowing: string[] = [];
    for (const org of overflowing) {
      for (const actor of actorsOverflowing) {
        const page = await listPage({ org, actor });
        if (page.received >= LIST_LIMIT) pairsOverflowing.push(`${actor} in ${org}`);
      }
    }
    const to = edge === null ? null : formatInstantUs(edge);
    gaps.push({ from: null, to, reason: `The list gives only the newest ${LIST_LIMIT} rows of all organisations, and no way to older rows that name neither an organisation nor an actor. Such rows from before this time may be missing.` });
    for (const pair of pairsOverflowing) gaps.push({ from: null, to, reason: `More than ${LIST_LIMIT} rows of ${pair}: older ones are out of the list's reach.` });
    if (!offers.exports && overflowing.length > 0) gaps.push({ from: null, to, reason: `Rows of ${overflowing.join(', ')} beyond the newest ${LIST_LIMIT} are known only for actors that were seen.` });
  }

  async function listPage(filter: { readonly org?: string; readonly actor?: string }): Promise<NaviRows> {
    const page = await ask(() => client.listEvents({ ...filter, limit: LIST_LIMIT }, signal));
    keep(page, 'the list');
    return page;
  }

  /** Dialect A: each wrapper by itself, undecrypted, which changes nothing on the server. */
  async function fetchPayloads(): Promise<void> {
    const ids = store.idsWithoutPayload();
    let failedInARow = 0;
    let failed = 0;
    let done = 0;
    for (const id of ids) {
      try {
        const answer = await ask(() => client.payload(id, { decrypt: false }, signal));
        store.savePayload(id, answer.payload, 'GET /api/audit/{id}/payload');
        failedInARow = 0;
      } catch (error) {
        if (!(error instanceof AppError) || !['server_error', 'event_not_found', 'response_unexpected'].includes(error.code)) throw error;
        failed += 1;
        failedInARow += 1;
        if (failedInARow >= PAYLOAD_FAILURES_IN_A_ROW) break;
      }
      done += 1;
      job.report({ step: 'Reading payloads', done, total: ids.length });
    }
    if (failed > 0) gaps.push({ from: null, to: null, reason: `The server gave no payload for ${failed} of ${ids.length} rows (it answers with an error). ${failedInARow >= PAYLOAD_FAILURES_IN_A_ROW ? 'It was then asked no more; the next sync goes on.' : ''}`.trim() });
  }

  if (offers.exports) await walkExport();
  await walkList();
  if (offers.payloads) await fetchPayloads();
  const missing = offers.exports ? store.ownWithoutPayload() : 0;
  if (missing > 0) gaps.push({ from: null, to: null, reason: `${missing} ${missing === 1 ? 'row' : 'rows'} of our organisation came without a payload: sync again.` });
  return { requests, gaps };
}

function oldestOf(rows: readonly NaviRow[]): number | null {
  return rows.reduce<number | null>((low, row) => (low === null || row.createdAtUs < low ? row.createdAtUs : low), null);
}

function cancelled(): AppError {
  return new AppError('cancelled', { message: 'Cancelled. Rows that had arrived are kept.', hint: 'Sync again to go on.' });
}
