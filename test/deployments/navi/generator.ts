// Owns the seeded generator of audit events; refuses any source of chance but its seed, and any time after its anchor.
import { resourceIdOf, type NewAuditRow } from './audit-row.ts';
import { BURSTS, FAILURES, filledPath, HOSTILE_TEXTS, ORGANISATIONS, ROUTE_KINDS, UNATTRIBUTED_WEIGHT, type Actor } from './generator-content.ts';
import { payloadKinds, payloadOf, rotationMicrosFor, type PayloadKind } from './generator-payload.ts';
import { eventTimes } from './generator-time.ts';
import { randomStream, type RandomStream } from './random.ts';
import type { NaviSecrets } from './secrets.ts';

export interface GeneratorInput {
  readonly seed: number;
  readonly count: number;
  /** The newest event is not later than this. The only thing beside the seed that the rows depend on. */
  readonly now: Date;
  readonly secrets: NaviSecrets;
}

/** A generated row and what its payload is meant to be; the kind is not stored. */
export interface GeneratedRow extends NewAuditRow {
  readonly payloadKind: PayloadKind;
}

interface Happening {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly org: string | null;
  readonly actor: Actor | null;
}

const BURST_CHANCE = 0.012;
/** One row in this many carries hostile text, and at least one as soon as there are enough rows. */
const HOSTILE_EVERY = 400;

/** `count` rows, oldest first, over the last 120 days. The same input gives the same rows. */
export function* generateAuditRows(input: GeneratorInput): Generator<GeneratedRow> {
  const times = eventTimes(randomStream(input.seed, 'times'), input.count, input.now);
  const rotationMicros = rotationMicrosFor(input.now);
  const kinds = payloadKinds(randomStream(input.seed, 'payload kinds'), times, rotationMicros);
  const happenings = randomStream(input.seed, 'happenings');
  const contents = randomStream(input.seed, 'payloads');
  const hostileOffset = randomStream(input.seed, 'hostile').below(Math.max(1, Math.min(HOSTILE_EVERY, input.count)));
  let burst: { readonly happening: Happening; left: number } | null = null;

  for (const [index, createdAtMicros] of times.entries()) {
    if (burst === null && happenings.next() < BURST_CHANCE) burst = { happening: burstHappening(happenings), left: 4 + happenings.below(18) };
    const happening: Happening = burst === null ? singleHappening(happenings) : burst.happening;
    if (burst !== null) {
      burst.left -= 1;
      if (burst.left === 0) burst = null;
    }
    const payloadKind = kinds[index] ?? 'plain';
    const row = rowOf({ happening, createdAtMicros, payloadKind, payload: payloadOf({ kind: payloadKind, createdAtMicros, rotationMicros, random: contents, secrets: input.secrets }) });
    yield index % HOSTILE_EVERY === hostileOffset ? withHostileText(row, Math.floor(index / HOSTILE_EVERY)) : row;
  }
}

function rowOf(input: { readonly happening: Happening; readonly createdAtMicros: number; readonly payloadKind: PayloadKind; readonly payload: unknown }): GeneratedRow {
  const { happening, createdAtMicros, payloadKind, payload } = input;
  const isDecryptRecord = payloadKind === 'decrypt-record';
  const auditId = isDecryptRecord ? String(Reflect.get(Object(payload), 'audit_id')) : null;
  return {
    orgKey: happening.org,
    actorSub: happening.actor?.sub ?? null,
    actorEmail: happening.actor?.email ?? null,
    route: auditId === null ? happening.path : `/api/audit/${auditId}/payload`,
    method: auditId === null ? happening.method : 'GET',
    eventType: auditId === null ? 'http.request' : 'audit.decrypt',
    resourceId: auditId ?? resourceIdOf(happening.path),
    payload,
    statusCode: auditId === null ? happening.status : 200,
    createdAtMicros,
    payloadKind,
  };
}

/** Hostile text goes into a different column each time, so that every place that shows a column meets some. */
function withHostileText(row: GeneratedRow, turn: number): GeneratedRow {
  const text = HOSTILE_TEXTS[turn % HOSTILE_TEXTS.length] ?? '';
  const changes: readonly Partial<GeneratedRow>[] = [{ route: `${row.route}/${text}` }, { actorEmail: `${text}@acme.example` }, { resourceId: text }, { actorSub: `auth0|${text}` }];
  return { ...row, ...changes[turn % changes.length] };
}

function weighted<T extends { readonly weight: number }>(items: readonly T[], random: RandomStream): T {
  let left = random.next() * items.reduce((sum, item) => sum + item.weight, 0);
  for (const item of items) {
    left -= item.weight;
    if (left < 0) return item;
  }
  return random.pick(items);
}

const WHO = [...ORGANISATIONS, { key: null, weight: UNATTRIBUTED_WEIGHT, actors: [] }];

function who(random: RandomStream): Pick<Happening, 'org' | 'actor'> {
  const org = weighted<(typeof WHO)[number]>(WHO, random);
  return { org: org.key, actor: org.actors.length === 0 ? null : weighted<Actor>(org.actors, random) };
}

function singleHappening(random: RandomStream): Happening {
  const kind = weighted(ROUTE_KINDS, random);
  return { ...who(random), method: kind.method, path: filledPath(kind.path, random), status: statusOf(kind.accepted, random) };
}

function burstHappening(random: RandomStream): Happening {
  const kind = random.pick(BURSTS);
  return { ...who(random), method: kind.method, path: filledPath(kind.path, random), status: kind.status };
}

function statusOf(accepted: number, random: RandomStream): number {
  let left = random.below(1000);
  for (const failure of FAILURES) {
    left -= failure.perMille;
    if (left < 0) return failure.status;
  }
  return accepted;
}
