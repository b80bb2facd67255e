// Reads a rotation, and reads it again when time alone changes what it allows; and its whole record, part by part.
import { useEffect, useState } from 'react';
import type { CallOutput } from '#shared/contract.ts';
import type { RotationView } from '#shared/contract/rotation.ts';
import type { RotationRecord } from '#shared/domain/rotation.ts';
import { PROOF_FRESH_US } from '#shared/domain/rotation-steps.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { call, toClientError } from '../../../lib/client.ts';
import type { ClientError } from '../../../lib/client.ts';
import { useQuery } from '../../../lib/query.ts';
import type { Query } from '../../../lib/query.ts';

/** The clock of a node may be behind ours: what it decides is asked for again at least this often. */
const AGAIN_MS = 30_000;
/** Past the moment itself, which is a whole second at the nodes. */
const AFTER_MS = 250;

/** How long until time alone may change what the view says; at most `AGAIN_MS`. */
export function untilNextChangeMs({ cutover, probe, tokens }: Pick<RotationView, 'cutover' | 'probe' | 'tokens'>, nowMs: number): number {
  const ms = (iso: string | null): number => (parseInstantUs(iso ?? '') ?? Number.NaN) / 1000;
  const moments = [ms(cutover.earliest), ms(probe?.at ?? null) + PROOF_FRESH_US / 1000, ...tokens.map(({ facts }) => (facts.expiresAt ?? Number.NaN) * 1000)];
  return Math.min(AGAIN_MS, ...moments.filter((at) => at + AFTER_MS > nowMs).map((at) => at + AFTER_MS - nowMs));
}

/** `rotationId` null: the open one, else the newest. */
export function useRotation(deploymentId: string, rotationId: string | null): Query<CallOutput<'rotation.show'>> {
  const query = useQuery('rotation.show', rotationId === null ? { deploymentId } : { deploymentId, rotationId });
  const { data, reload } = query;
  useEffect(() => {
    const rotation = data?.rotation ?? null;
    if (rotation === null || rotation.outcome !== 'open') return undefined;
    const timer = setTimeout(() => { void reload(); }, untilNextChangeMs(rotation, Date.now()));
    return () => clearTimeout(timer);
  }, [data, reload]);
  return query;
}

export interface RecordState { readonly record: RotationRecord | null; readonly error: ClientError | null; retry(): void }

/** The record up to the head that the view names. What was read before stays until the newer one is whole. */
export function useRecord({ deploymentId, rotationId, record: { headDigest, entries: length } }: RotationView): RecordState {
  const [read, setRead] = useState<{ readonly record: RotationRecord | null; readonly error: ClientError | null }>({ record: null, error: null });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isWanted = true;
    async function load(): Promise<void> {
      const entries: RotationRecord['entries'] = [];
      try {
        for (;;) {
          const { hasMore, ...part } = await call('rotation.record', { deploymentId, rotationId, after: entries.length });
          entries.push(...part.entries);
          if (!isWanted) return;
          if (!hasMore || part.entries.length === 0) return setRead({ record: { ...part, entries }, error: null });
        }
      } catch (error) {
        if (isWanted) setRead(({ record }) => ({ record, error: toClientError(error) }));
      }
    }
    void load();
    return () => { isWanted = false; };
  }, [deploymentId, rotationId, headDigest, length, attempt]);
  const isOfThis = read.record?.rotationId === rotationId;
  return { record: isOfThis ? read.record : null, error: read.error, retry: () => setAttempt((count) => count + 1) };
}
