// The rows of the audit grid: pages by keyset cursor as the admin scrolls; an answer that was overtaken by another filter is dropped.
import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import type { AuditEvent, AuditFilter } from '#shared/domain/audit-event.ts';
import { call, onEvent, toClientError } from '../../lib/client.ts';
import type { ClientError } from '../../lib/client.ts';

const PAGE = 200;
/** Changes that come in a burst (a sync) are shown at most this often. */
const FOLLOW_EVERY_MS = 700;

export interface AuditRows {
  readonly rows: readonly AuditEvent[];
  readonly matching: number;
  readonly total: number;
  readonly hasMore: boolean;
  /** True until the first page of this filter has come. */
  readonly isFirstLoad: boolean;
  readonly isLoading: boolean;
  readonly error: ClientError | null;
  /** The log changed while the admin was reading further down; the rows shown are the older picture. */
  readonly hasNewer: boolean;
}

/** `of` names the deployment and filter that the rows belong to. */
type Held = Omit<AuditRows, 'isFirstLoad'> & { readonly of: string | null };

const NOTHING: Held = { of: null, rows: [], matching: 0, total: 0, hasMore: false, isLoading: true, error: null, hasNewer: false };

interface Source { readonly deploymentId: string; readonly filter: AuditFilter; /** True while the first rows are on the screen, so that new ones may take their place. */ readonly isAtTop: () => boolean }

export function useAuditRows({ deploymentId, filter, isAtTop }: Source): AuditRows & { loadMore(): void; restart(): void } {
  const [state, setState] = useState<Held>(NOTHING);
  const run = useRef(0);
  const cursor = useRef<string | null>(null);
  const busy = useRef(false);
  const filterKey = JSON.stringify(filter);
  const of = `${deploymentId} ${filterKey}`;

  const load = useCallback(async (from: 'start' | 'next') => {
    if (from === 'start') run.current += 1;
    else if (busy.current || cursor.current === null) return;
    const mine = run.current;
    busy.current = true;
    setState((now) => ({ ...now, isLoading: true, error: null }));
    try {
      const page = await call('audit.list', { deploymentId, filter: JSON.parse(filterKey) as AuditFilter, cursor: from === 'start' ? null : cursor.current, limit: PAGE });
      if (run.current !== mine) return;
      cursor.current = page.nextCursor;
      setState((now) => ({ of, rows: from === 'start' ? page.events : [...now.rows, ...page.events], matching: page.matching, total: page.total, hasMore: page.nextCursor !== null, isLoading: false, error: null, hasNewer: from === 'start' ? false : now.hasNewer }));
    } catch (error) {
      if (run.current === mine) setState((now) => ({ ...now, of, isLoading: false, error: toClientError(error) }));
    } finally {
      if (run.current === mine) busy.current = false;
    }
  }, [deploymentId, filterKey, of]);

  useEffect(() => {
    void load('start');
    return () => { run.current += 1; busy.current = false; };
  }, [load]);

  const take = useEffectEvent(() => {
    if (isAtTop()) void load('start');
    else setState((now) => ({ ...now, hasNewer: true }));
  });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const follow = (): void => {
      timer = null;
      take();
    };
    const stop = onEvent((event) => {
      if (event.name === 'audit.changed' && 'deploymentId' in event.payload && event.payload.deploymentId === deploymentId) timer ??= setTimeout(follow, FOLLOW_EVERY_MS);
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [deploymentId]);

  const loadMore = useCallback(() => { void load('next'); }, [load]);
  const restart = useCallback(() => { void load('start'); }, [load]);
  return { ...state, isFirstLoad: state.of !== of, loadMore, restart };
}
