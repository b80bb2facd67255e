// The checks over cached rows that need no key. None is clean by default: without something to judge by, it says unknown.
import type { AuditCheck } from '#shared/domain/audit-bulk.ts';
import { formatTerm } from '#shared/domain/audit-query-format.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';
import type { ReadDb } from '../../db/sql.ts';
import { sealedAt } from '../open-payload.ts';
import { farApart, inState, lastArrival, newestIds, payloadGroups, plainSince, ringKeyIds, underKeys, withoutSealedAt } from './bulk-queries.ts';
import type { PayloadGroup } from './bulk-queries.ts';
import type { DeclaredEncryption } from './thread-calls.ts';

/** A server seals a payload and writes its row within a moment; further apart than this, one of the two times was made later. */
const TOLERANCE_US = 120_000_000;
const EXAMPLES = 5;
/** Rows kept before the time in the token was: so many are looked into one by one. */
const LOOK_INTO = 50_000;

type Judged = Omit<AuditCheck, 'id' | 'title'>;

const rowsWord = (rows: number): string => (rows === 1 ? '1 row' : `${rows} rows`);
const sum = (groups: readonly PayloadGroup[], of: (group: PayloadGroup) => number): number => groups.reduce((total, group) => total + of(group), 0);

/** All five, in the order in which they are shown. */
export function checkRows(db: ReadDb, deploymentId: string, declared: DeclaredEncryption | null): AuditCheck[] {
  const groups = payloadGroups(db, deploymentId, TOLERANCE_US);
  const marked = (state: 'failed' | 'malformed', said: string): Judged => judgeMarked({ db, deploymentId, groups }, state, said);
  return [
    { id: 'sealed-time', title: 'Time in the token against time of the row', ...judgeSealedTime(db, deploymentId, groups) },
    { id: 'plain-while-encrypted', title: 'Plaintext while the server claims encryption', ...judgePlain({ db, deploymentId, groups }, declared) },
    { id: 'failure-markers', title: 'Marks of a failed encryption', ...marked('failed', 'The server marked the payload as not encrypted because encryption failed; what it held is lost.') },
    { id: 'malformed', title: 'Malformed payloads', ...marked('malformed', 'The payload says that it is encrypted but holds no whole token, or is no object.') },
    { id: 'new-key-ids', title: 'Key ids never seen before', ...judgeKeys({ db, deploymentId, groups }) },
  ];
}

interface Rows { readonly db: ReadDb; readonly deploymentId: string; readonly groups: readonly PayloadGroup[] }

function judgeSealedTime(db: ReadDb, deploymentId: string, groups: readonly PayloadGroup[]): Judged {
  const encrypted = groups.filter((group) => group.state === 'encrypted');
  const total = sum(encrypted, (group) => group.rows);
  if (total === 0) return { state: 'unknown', rows: 0, message: 'No encrypted payload is held, so there is no second time to compare with.', query: null, examples: [] };
  const kept = sum(encrypted, (group) => group.farApart);
  const late = sum(encrypted, (group) => group.withoutTime) === 0 ? { judged: 0, found: [] } : lookInto(db, deploymentId);
  const unjudged = sum(encrypted, (group) => group.withoutTime) - late.judged;
  const rows = kept + late.found.length;
  const rest = unjudged === 0 ? '' : ` ${rowsWord(unjudged)} could not be judged: the time in the token is not known.`;
  if (rows === 0 && unjudged > 0) return { state: 'unknown', rows: 0, message: `Of ${rowsWord(total)}, ${total - unjudged} carry the time at which they were written.${rest}`, query: null, examples: [] };
  if (rows === 0) return { state: 'clean', rows: 0, message: `In ${total === 1 ? 'the one encrypted row' : `all ${total} encrypted rows`} the token was sealed within two minutes of the row's time.`, query: null, examples: [] };
  const examples = [...(kept === 0 ? [] : newestIds(db, deploymentId, { condition: farApart(TOLERANCE_US), limit: EXAMPLES })), ...late.found].slice(0, EXAMPLES);
  return { state: 'found', rows, message: `In ${rowsWord(rows)} the token was sealed more than two minutes before or after the row's time. A row that was written again, or whose time was changed, shows like this; so does a clock that was set.${rest}`, query: null, examples };
}

function lookInto(db: ReadDb, deploymentId: string): { readonly judged: number; readonly found: readonly number[] } {
  const found: number[] = [];
  let judged = 0;
  for (const row of withoutSealedAt(db, deploymentId, LOOK_INTO)) {
    const sealed = timeIn(row.body);
    if (sealed === null) continue;
    judged += 1;
    if (Math.abs(sealed - row.createdAtUs) > TOLERANCE_US) found.push(row.id);
  }
  return { judged, found };
}

function timeIn(body: string): number | null {
  try {
    const at = sealedAt(body);
    return at === null ? null : parseInstantUs(at);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function judgePlain({ db, deploymentId, groups }: Rows, declared: DeclaredEncryption | null): Judged {
  const unknown = (message: string, rows = 0, query: string | null = null): Judged => ({ state: 'unknown', rows, message, query, examples: [] });
  if (groups.length === 0) return unknown('No payload is held.');
  const encrypted = groups.filter((group) => group.state === 'encrypted');
  // Encryption was on at the latest when the first row was encrypted, or when the server said so.
  const firstSealedUs = encrypted.length === 0 ? null : Math.min(...encrypted.map((group) => group.oldestUs));
  if (declared === null) return unknown('What the server says of its encryption is not known: look at Security first.');
  if (!declared.isOn) return unknown(`The server declares that encryption is off (as of ${formatInstantUs(declared.observedAtUs)}), so plain rows contradict nothing.`);
  const sinceUs = firstSealedUs === null ? declared.observedAtUs : Math.min(firstSealedUs, declared.observedAtUs);
  const { rows, examples } = plainSince(db, deploymentId, { sinceUs, examples: EXAMPLES });
  const since = formatInstantUs(sinceUs);
  if (rows > 0) return { state: 'found', rows, message: `${rowsWord(rows)} of ${since} or later ${rows === 1 ? 'is' : 'are'} plain, although encryption was on by then and the server declares it (as of ${formatInstantUs(declared.observedAtUs)}).`, query: `payload:plain since:${since}`, examples };
  if (firstSealedUs === null) return unknown(`The server declares encryption (as of ${formatInstantUs(declared.observedAtUs)}), but no encrypted row is held, and no row since.`);
  return { state: 'clean', rows: 0, message: `No plain row is held from ${since} on, when encryption was on.`, query: null, examples: [] };
}

function judgeMarked({ db, deploymentId, groups }: Rows, state: 'failed' | 'malformed', said: string): Judged {
  const held = sum(groups, (group) => group.rows);
  if (held === 0) return { state: 'unknown', rows: 0, message: 'No payload is held.', query: null, examples: [] };
  const rows = sum(groups.filter((group) => group.state === state), (group) => group.rows);
  if (rows === 0) return { state: 'clean', rows: 0, message: `None of ${rowsWord(held)} with a payload.`, query: null, examples: [] };
  return { state: 'found', rows, message: `${rowsWord(rows)}. ${said}`, query: formatTerm('payload', state), examples: newestIds(db, deploymentId, { condition: inState(state), limit: EXAMPLES }) };
}

function judgeKeys({ db, deploymentId, groups }: Rows): Judged {
  const encrypted = groups.filter((group) => group.state === 'encrypted');
  const named = encrypted.flatMap((group) => (group.keyId === null ? [] : [{ ...group, keyId: group.keyId }]));
  if (named.length === 0) return { state: 'unknown', rows: 0, message: encrypted.length === 0 ? 'No encrypted payload is held.' : 'No encrypted row names its key.', query: null, examples: [] };
  const ring = new Set(ringKeyIds(db, deploymentId));
  const first = lastArrival(db, deploymentId)?.firstBatch ?? null;
  // In the first sync every id is new: it says nothing.
  const hadBefore = first !== null && encrypted.some((group) => group.firstBatch < first);
  const arrived = hadBefore ? named.filter((group) => group.firstBatch >= first) : [];
  const notHeld = ring.size === 0 ? [] : named.filter((group) => !ring.has(group.keyId));
  const found = named.filter((group) => arrived.includes(group) || notHeld.includes(group));
  if (found.length > 0) {
    const ids = found.map((group) => group.keyId);
    const said = [
      ...(arrived.length === 0 ? [] : [`first seen in the last sync: ${listed(arrived)}`]),
      ...(notHeld.length === 0 ? [] : [`not among the keys held: ${listed(notHeld)}`]),
    ];
    return { state: 'found', rows: sum(found, (group) => group.rows), message: `Key ids ${said.join('; ')}. A rotation shows like this; so does a row that somebody else sealed.`, query: ids.slice(0, 20).map((id) => formatTerm('key', id)).join(' OR '), examples: newestIds(db, deploymentId, { condition: underKeys(ids), limit: EXAMPLES }) };
  }
  if (ring.size === 0 && !hadBefore) return { state: 'unknown', rows: 0, message: 'No key is held and nothing was held before the last sync, so there is nothing to compare with.', query: null, examples: [] };
  return { state: 'clean', rows: 0, message: `${named.length === 1 ? 'The one key id' : `All ${named.length} key ids`} ${ring.size === 0 ? 'had been seen before the last sync' : 'belong to keys held'}.`, query: null, examples: [] };
}

function listed(groups: readonly { readonly keyId: string }[]): string {
  const shown = groups.slice(0, 5).map((group) => group.keyId.slice(0, 64)).join(', ');
  return groups.length > 5 ? `${shown} and ${groups.length - 5} more` : shown;
}
