// What took the place of what in a run: for each register the events that no later one of it replaced, now and as an author knew it. Work grows with the events, not with their square.
import { byTime } from './runbook-history.ts';
import type { RunEvent, RunEventBody } from './runbook-run.ts';

export type BodyOf<K extends RunEventBody['kind']> = Extract<RunEventBody, { kind: K }>;
export type EventOf<K extends RunEventBody['kind']> = RunEvent & { readonly body: BodyOf<K> };
export const isKind = <K extends RunEventBody['kind']>(event: RunEvent, kind: K): event is EventOf<K> => event.body.kind === kind;

/** What an event is registered under; empty: nothing takes its place. Keys have a fixed length and stand first, so that no name can be read as another register. */
function registersOf({ body, author }: RunEvent): readonly string[] {
  switch (body.kind) {
    case 'step': return [`step ${body.step}`];
    case 'check': return body.attestedBy === null ? [`check ${body.step}`, `check-seen ${body.step}`] : [`check ${body.step}`];
    case 'timer': return body.action === 'started' ? [`timer ${body.step}`, `timer-start ${body.step}`] : [`timer ${body.step}`];
    case 'decision': return body.step === null ? [] : [`decision ${body.step}`];
    case 'role': return [`role ${body.role}`];
    case 'action': return [`action ${body.id}`];
    case 'milestone': return [`milestone ${body.what}`];
    case 'severity': case 'ended': return [body.kind];
    case 'sign': return [`sign ${author} ${JSON.stringify([body.step, body.role])}`];
    case 'review': return [`review ${author} ${body.of}`];
    case 'evidence': return [`evidence ${body.digest}`, ...(body.step === null ? [] : [`evidence-of ${body.step}`])];
    default: return [];
  }
}

/** Whose author knew a register how? */
export interface Asked { readonly event: RunEvent; readonly register: string }

export interface Registers {
  /** Events of a register that no other one of it descends from, in order of time. */
  newest<K extends RunEventBody['kind']>(register: string, kind: K): EventOf<K>[];
  /** The same among the ancestors of an event, for each that is asked. */
  newestKnown(asked: readonly Asked[]): readonly (readonly RunEvent[])[];
  /** For each source whether all of the others are among its ancestors. */
  knowAll(sources: readonly RunEvent[], others: readonly RunEvent[]): readonly boolean[];
}

/** Bits of one number: so many marks are carried in one pass. */
const MARKS = 32;

interface Graph { readonly place: ReadonlyMap<string, number>; /** Where the parents of each event begin in `parents`. */ readonly starts: Int32Array; readonly parents: Int32Array }

function graphOf(events: readonly RunEvent[]): Graph {
  const place = new Map(events.map(({ digest }, index) => [digest, index]));
  const starts = new Int32Array(events.length + 1);
  const parents: number[] = [];
  events.forEach((event, index) => {
    for (const parent of event.parents) {
      const at = place.get(parent);
      if (at !== undefined) parents.push(at);
    }
    starts[index + 1] = parents.length;
  });
  return { place, starts, parents: Int32Array.from(parents) };
}

/** Carries the marks of events to all of their ancestors; `own` are those of the events themselves. Ancestors stand before their descendants. */
function carried({ starts, parents }: Graph, own: Int32Array): Int32Array {
  const marks = new Int32Array(own.length);
  for (let at = own.length - 1; at > 0; at -= 1) {
    const mark = (marks[at] ?? 0) | (own[at] ?? 0);
    if (mark === 0) continue;
    for (let p = starts[at] ?? 0; p < (starts[at + 1] ?? 0); p += 1) {
      const parent = parents[p] ?? 0;
      marks[parent] = (marks[parent] ?? 0) | mark;
    }
  }
  return marks;
}

function inParts<T>(all: readonly T[], work: (part: readonly T[]) => void): void {
  for (let from = 0; from < all.length; from += MARKS) work(all.slice(from, from + MARKS));
}

/**
 * @param events ancestors first, none missing
 * @param counts whether an event is registered at all
 */
export function registersIn(events: readonly RunEvent[], counts: (event: RunEvent) => boolean): Registers {
  const graph = graphOf(events);
  const members = new Map<string, number[]>();
  events.forEach((event, index) => {
    if (!counts(event)) return;
    for (const register of registersOf(event)) {
      const known = members.get(register);
      if (known === undefined) members.set(register, [index]);
      else known.push(index);
    }
  });
  const blank = (): Int32Array => new Int32Array(events.length);
  const mark = (marks: Int32Array, at: number, bit: number): void => { marks[at] = (marks[at] ?? 0) | (1 << bit); };
  const has = (marks: Int32Array, at: number, bit: number): boolean => ((marks[at] ?? 0) & (1 << bit)) !== 0;
  const eventsAt = (places: readonly number[]): RunEvent[] => places.flatMap((at) => events[at] ?? []).sort(byTime);

  const newest = new Map<string, readonly RunEvent[]>();
  for (const [register, places] of members) if (places.length === 1) newest.set(register, eventsAt(places));
  inParts([...members].filter(([, places]) => places.length > 1), (part) => {
    const own = blank();
    part.forEach(([, places], bit) => places.forEach((at) => mark(own, at, bit)));
    const replaced = carried(graph, own);
    part.forEach(([register, places], bit) => newest.set(register, eventsAt(places.filter((at) => !has(replaced, at, bit)))));
  });

  /** Marks of the sources on all of their ancestors. */
  function ancestry(sources: readonly RunEvent[]): Int32Array {
    const own = blank();
    sources.forEach(({ digest }, bit) => {
      const at = graph.place.get(digest);
      if (at !== undefined) mark(own, at, bit);
    });
    return carried(graph, own);
  }

  return {
    newest: (register, kind) => (newest.get(register) ?? []).filter((event): event is EventOf<typeof kind> => isKind(event, kind)),
    newestKnown(asked) {
      const found: (readonly RunEvent[])[] = [];
      inParts(asked, (part) => {
        const known = ancestry(part.map(({ event }) => event));
        const own = blank();
        const inReach = part.map(({ register }, bit) => (members.get(register) ?? []).filter((at) => has(known, at, bit)));
        inReach.forEach((places, bit) => places.forEach((at) => mark(own, at, bit)));
        const replaced = carried(graph, own);
        inReach.forEach((places, bit) => found.push(eventsAt(places.filter((at) => !has(replaced, at, bit)))));
      });
      return found;
    },
    knowAll(sources, others) {
      const places = others.flatMap(({ digest }) => graph.place.get(digest) ?? []);
      const found: boolean[] = [];
      inParts(sources, (part) => {
        const known = ancestry(part);
        let all = -1;
        for (const at of places) all &= known[at] ?? 0;
        part.forEach((_, bit) => found.push((all & (1 << bit)) !== 0));
      });
      return found;
    },
  };
}

type Newest = Pick<Registers, 'newest'>;

/** What stands of a register when the word of strangers stands beside that of trusted people and takes the place of none of it. @param trusted over their events alone */
export function besideTrusted(all: Newest, trusted: Newest): Newest {
  return { newest: (register, kind) => (all === trusted ? all.newest(register, kind) : [...new Map([...trusted.newest(register, kind), ...all.newest(register, kind)].map((event) => [event.digest, event])).values()].sort(byTime)) };
}

/** What trusted people said of a register; only where they said nothing, what others did. */
export function preferTrusted(all: Newest, trusted: Newest): Newest {
  return {
    newest(register, kind) {
      const own = trusted.newest(register, kind);
      return own.length > 0 ? own : all.newest(register, kind);
    },
  };
}
