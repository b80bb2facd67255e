// One round of the live tail: the newest rows of the list, and of the export where it offers their payloads. It adds and never calls a row vanished.
import type { Deployment } from '#shared/domain/deployment.ts';
import type { NaviClient, NaviRow } from '../../deployments/service.ts';
import type { Session } from '../../session.ts';
import { deploymentNumber } from '../store.ts';
import { BEGINNING } from './coverage.ts';
import { EXPORT_SOURCE } from './export-reading.ts';
import { LIST_LIMIT, LIST_SOURCE, listProof } from './list-reading.ts';
import { putGap, putPieces } from './map-store.ts';
import { exportScope, offers } from './service.ts';
import { createStoring } from './storing.ts';
import { insertWalk, LIST_SCOPE, raiseTop, stretches } from './sync-queries.ts';
import type { ScopeKey } from './sync-queries.ts';
import { createWalk } from './walk.ts';
import type { Window } from './walk-types.ts';

/** Rows of an ordinary round. */
const ROUND_LIMIT = 200;
/** Rows that commit late lie a little below the newest. */
const OVERLAP_US = 300_000_000;
/** The export's own limit is 5 requests a minute (contract section 6.6). */
const EXPORT_EVERY_MS = 12_500;

/** What a tail remembers between its rounds. */
export interface TailMemory {
  /** By scope: the walk under which this tail notes what it reads. */
  readonly walks: Map<string, number>;
  exportedAtMs: number;
  /** Rows of our organisation came without their payloads. */
  owesExport: boolean;
}

export const newTailMemory = (): TailMemory => ({ walks: new Map(), exportedAtMs: -EXPORT_EVERY_MS, owesExport: true });

export interface Round {
  readonly session: Session;
  readonly client: NaviClient;
  readonly deployment: Deployment;
  readonly fingerprint: string | null;
  readonly memory: TailMemory;
  readonly nowUs: () => number;
  readonly monotonicMs: () => number;
  readonly signal: AbortSignal;
}

const topOf = (map: readonly { readonly toUs: number }[]): number | null => (map.length === 0 ? null : Math.max(...map.map(({ toUs }) => toUs)));

/** @returns rows that were added. @throws AppError of the way */
export async function tailRound({ session, client, deployment, fingerprint, memory, nowUs, monotonicMs, signal }: Round): Promise<number> {
  const db = session.read();
  const dep = deploymentNumber(db, deployment.id);
  const storing = createStoring({ session, deploymentId: deployment.id, dep, address: deployment.url, nowUs, signal });
  const keyOf = (scope: string): ScopeKey => ({ dep, address: deployment.url, scope });

  async function walkOf(key: ScopeKey): Promise<number> {
    const known = memory.walks.get(`${key.address} ${key.scope}`);
    if (known !== undefined) return known;
    let id = 0;
    await storing.write((to) => { id = insertWalk(to, key, { kind: 'tail', startedAtUs: nowUs() }); });
    memory.walks.set(`${key.address} ${key.scope}`, id);
    return id;
  }

  const listKey = keyOf(LIST_SCOPE);
  const knownTopUs = topOf(stretches(db, listKey));
  let page = await client.listEvents({ limit: ROUND_LIMIT }, signal);
  // More came than an ordinary round asks for.
  if (page.received >= ROUND_LIMIT && knownTopUs !== null && (listProof(page, null).oldestUs ?? BEGINNING) > knownTopUs) page = await client.listEvents({ limit: LIST_LIMIT }, signal);
  const { pieces, oldestUs, topUs } = listProof(page, knownTopUs);
  const jumped = knownTopUs !== null && oldestUs !== null && oldestUs > knownTopUs;
  const proof = { key: listKey, observedAtUs: page.observedAt * 1000, walk: await walkOf(listKey) };
  const added = (): number => storing.tally.added;
  // An empty list proves nothing that a round could note.
  await storing.rows(page.rows, LIST_SOURCE, page.received === 0 ? undefined : (to) => {
    putPieces(to, pieces, proof);
    if (jumped) putGap(to, { fromUs: knownTopUs + 1, toUs: oldestUs, state: 'gap', reason: 'More rows came at once than one answer of the list holds: sync again.' }, proof);
    if (topUs > BEGINNING) raiseTop(to, proof.walk, topUs);
  });

  const org = deployment.token.claims?.org ?? null;
  if (!offers(deployment, 'audit-export') || org === null) return added();
  if (added() > 0 && page.rows.some((row) => row.org === org)) memory.owesExport = true;
  if (!memory.owesExport || monotonicMs() - memory.exportedAtMs < EXPORT_EVERY_MS) return added();

  const exportKey = keyOf(exportScope(org, fingerprint));
  const exportTopUs = topOf(stretches(db, exportKey));
  const walkId = await walkOf(exportKey);
  let isForeign = false;
  const walk = createWalk({
    ask: (query) => client.exportEvents(query, signal),
    actors: async () => [],
    keep: async ({ rows, pieces: proven, emptyAboveUs, observedAtUs }) => {
      isForeign ||= rows.some((row: NaviRow) => row.org !== org);
      await storing.rows(rows, EXPORT_SOURCE, (to) => {
        if (isForeign) return;
        putPieces(to, proven, { key: exportKey, observedAtUs, walk: walkId });
        if (emptyAboveUs !== null && rows.length > 0) raiseTop(to, walkId, emptyAboveUs);
      });
    },
  });
  // Before the first sync, only what the list shows is asked for: a tail is no backfill.
  const afterUs = exportTopUs === null ? (oldestUs ?? nowUs()) - 1 : exportTopUs - OVERLAP_US;
  const window: Window = { afterUs, untilUs: null };
  memory.exportedAtMs = monotonicMs();
  await walk.run(window, exportTopUs);
  memory.owesExport = false;
  return added();
}
