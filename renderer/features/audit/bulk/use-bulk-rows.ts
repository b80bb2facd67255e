// The rows of a run that are in sight, fetched page by page; they live in this component's state only and go with it.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { BulkOutcome, BulkRow } from '#shared/domain/audit-bulk.ts';
import { call, toClientError } from '../../../lib/client.ts';
import type { ClientError } from '../../../lib/client.ts';

const PAGE = 100;
/** Pages kept around what is in sight; the rest is fetched again. */
const KEPT = 8;

interface Loaded { readonly pages: ReadonlyMap<number, readonly BulkRow[]>; readonly matching: number | null; readonly error: ClientError | null }
const NOTHING: Loaded = { pages: new Map(), matching: null, error: null };

export interface BulkRows {
  /** Null until the first page is there. */
  readonly matching: number | null;
  readonly error: ClientError | null;
  /** Undefined while its page is on the way. */
  rowAt(index: number): BulkRow | undefined;
  /** What is in sight now. */
  onRange(first: number, last: number): void;
  retry(): void;
}

export function useBulkRows({ bulkId, text, outcome }: { readonly bulkId: string; readonly text: string; readonly outcome: BulkOutcome | null }): BulkRows {
  const [loaded, setLoaded] = useState<Loaded>(NOTHING);
  const asked = useRef(new Set<number>());
  // Answers to an older question, or after the component has gone, are dropped.
  const question = useRef({});

  const load = useCallback((page: number): void => {
    if (asked.current.has(page)) return;
    asked.current.add(page);
    const askedOf = question.current;
    call('audit.bulkResults', { bulkId, text, outcome, offset: page * PAGE, limit: PAGE }).then(
      ({ rows, matching }) => {
        if (question.current !== askedOf) return;
        setLoaded((now) => {
          const pages = new Map(now.pages).set(page, rows);
          for (const held of [...pages.keys()].toSorted((a, b) => Math.abs(b - page) - Math.abs(a - page))) {
            if (pages.size <= KEPT) break;
            pages.delete(held);
            asked.current.delete(held);
          }
          return { pages, matching, error: null };
        });
      },
      (error: unknown) => {
        if (question.current !== askedOf) return;
        asked.current.delete(page);
        setLoaded((now) => ({ ...now, error: toClientError(error) }));
      },
    );
  }, [bulkId, text, outcome]);

  const restart = useCallback(() => {
    question.current = {};
    asked.current = new Set();
    load(0);
  }, [load]);

  useEffect(() => {
    restart();
    return () => {
      question.current = {};
      setLoaded(NOTHING);
    };
  }, [restart]);

  const onRange = useCallback((first: number, last: number) => {
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page += 1) load(page);
  }, [load]);

  const { pages } = loaded;
  const rowAt = useCallback((index: number) => pages.get(Math.floor(index / PAGE))?.[index % PAGE], [pages]);
  return { matching: loaded.matching, error: loaded.error, rowAt, onRange, retry: restart };
}
