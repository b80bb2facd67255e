// One search as the screen shows it: rows, counts and the anchor that holds them together; new rows never move what is being read, and an answer that was overtaken is dropped.
import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import type { AuditSort } from '#shared/domain/audit-search.ts';
import { call, ClientError, onEvent, toClientError } from '../../lib/client.ts';
import { createSparseRows, PAGE_ROWS } from './grid/sparse-rows.ts';
import type { SparseRows } from './grid/sparse-rows.ts';

/** Core answers one search of a kind at a time; a dialog that asks for another one ends ours, so ours is asked again. */
const ASK_AGAIN_AFTER_MS = 250;
const ASK_TIMES = 4;

/** @throws ClientError; `cancelled` only when it is not wanted any more, or again and again */
async function insist<T>(ask: () => Promise<T>, isWanted: () => boolean): Promise<T> {
  for (let times = 1; ; times += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ClientError) || error.wire.code !== 'cancelled' || times === ASK_TIMES || !isWanted()) throw error;
      await new Promise((settled) => { setTimeout(settled, ASK_AGAIN_AFTER_MS * times); });
      if (!isWanted()) throw error;
    }
  }
}

/** Changes that come in a burst (a sync, an import) are followed at most this often. */
const FOLLOW_EVERY_MS = 1000;

export interface Search { readonly deploymentId: string; readonly query: string; readonly sort: AuditSort }

/** What was read for one search. Everything in it is of the same moment: rows that came after `anchor` are left out. */
export interface View extends Search {
  readonly anchor: number;
  readonly rows: SparseRows;
  /** null while they are being counted. */
  readonly matching: number | null;
  readonly total: number | null;
}

/** The log changed after the view was read. `count`: how many more rows match; null when that is not known. */
export interface Newer { readonly count: number | null }

export interface LiveView {
  /** The last search that was answered; it may be of an earlier query while the next one runs. */
  readonly view: View | null;
  /** True when `view` is of the search that was asked for. */
  readonly isCurrent: boolean;
  readonly error: ClientError | null;
  readonly newer: Newer | null;
  /** Reads again from the first row, with everything that has come since. */
  reload(): void;
}

interface State { readonly view: View | null; readonly of: string | null; readonly error: ClientError | null; readonly newer: Newer | null }

const NOTHING: State = { view: null, of: null, error: null, newer: null };

/** @param mayFollow true while new rows may take the place of those shown: the first row is in sight and nothing was chosen. */
export function useView(search: Search, mayFollow: () => boolean): LiveView {
  const { deploymentId, query } = search;
  const sortKey = JSON.stringify(search.sort);
  const of = JSON.stringify([deploymentId, query, sortKey]);
  const [state, setState] = useState<State>(NOTHING);
  const run = useRef(0);
  const reading = useRef(false);
  const rowsNow = useRef<SparseRows | null>(null);

  const load = useCallback(async () => {
    run.current += 1;
    const mine = run.current;
    const isOvertaken = (): boolean => run.current !== mine;
    const sort = JSON.parse(sortKey) as AuditSort;
    reading.current = true;
    try {
      const { anchor, ...first } = await insist(() => call('audit.search', { deploymentId, query, sort, limit: PAGE_ROWS }), () => !isOvertaken());
      if (isOvertaken()) return;
      rowsNow.current?.stop();
      const rows = createSparseRows(first, (request) => insist(() => call('audit.search', { deploymentId, query, sort, anchor, limit: PAGE_ROWS, ...request }), () => !isOvertaken()));
      rowsNow.current = rows;
      setState((now) => {
        // The same search a moment later: its counts stand until they are counted again.
        const before = now.of === of ? now.view : null;
        return { view: { deploymentId, query, sort, anchor, rows, matching: rows.end() ?? before?.matching ?? null, total: before?.total ?? null }, of, error: null, newer: null };
      });
      const counted = await insist(() => call('audit.count', { deploymentId, query, anchor }), () => !isOvertaken());
      if (!isOvertaken()) setState((now) => (now.view === null ? now : { ...now, view: { ...now.view, ...counted } }));
    } catch (error) {
      if (!isOvertaken()) setState((now) => ({ ...now, of, error: toClientError(error) }));
    } finally {
      if (!isOvertaken()) reading.current = false;
    }
  }, [deploymentId, query, sortKey, of]);

  useEffect(() => {
    void load();
    return () => { run.current += 1; };
  }, [load]);
  useEffect(() => () => rowsNow.current?.stop(), []);

  const follow = useEffectEvent(async (): Promise<void> => {
    if (mayFollow()) return load();
    const mine = run.current;
    const held = state.view?.matching ?? null;
    try {
      const { matching } = await call('audit.count', { deploymentId, query });
      if (run.current === mine) setState((now) => ({ ...now, newer: { count: held === null ? null : Math.max(0, matching - held) } }));
    } catch {
      // That something changed is known; how much is not.
      if (run.current === mine) setState((now) => ({ ...now, newer: { count: null } }));
    }
    return undefined;
  });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const wait = (): void => {
      timer ??= setTimeout(() => {
        timer = null;
        if (reading.current) wait();
        else void follow();
      }, FOLLOW_EVERY_MS);
    };
    const stop = onEvent((event) => {
      if (event.name === 'audit.changed' && 'deploymentId' in event.payload && event.payload.deploymentId === deploymentId) wait();
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [deploymentId]);

  const reload = useCallback(() => { void load(); }, [load]);
  return { view: state.view, isCurrent: state.of === of && state.error === null, error: state.of === of ? state.error : null, newer: state.newer, reload };
}
