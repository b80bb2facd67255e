// The contract suite: what every way between a window and core must do. One list of cases; each transport brings itself and what only it can try.
import { expect } from 'vitest';
import { contract, MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH } from '#shared/contract.ts';
import type { AppEvent, CallName, Envelope } from '#shared/contract.ts';
import type { CallSpec } from '#shared/contract/call.ts';
import { AppError } from '#shared/errors.ts';
import { createDispatcher } from '#core/dispatch.ts';
import type { CallContext, Dispatcher, Handlers } from '#core/dispatch.ts';
import { freeTextFields, validValue } from './transport-values.ts';

export const CALL_NAMES = Object.keys(contract) as CallName[];
export const CANARY = 'c4n4ry-7d1f';

/** A core whose answers come from the contract's schemas, served by the real dispatcher. */
export interface FakeCore {
  readonly dispatcher: Dispatcher;
  /** Calls that reached a handler. */
  readonly seen: { readonly name: string; readonly input: unknown; readonly signal: AbortSignal }[];
  /** What the next calls do instead of answering; null for the normal answer. */
  behaviour: ((name: CallName, context: CallContext) => unknown) | null;
}

export function createFakeCore(): FakeCore {
  const core: { -readonly [K in keyof FakeCore]: FakeCore[K] } = { dispatcher: null as unknown as Dispatcher, seen: [], behaviour: null };
  const handlers = Object.fromEntries(CALL_NAMES.map((name) => [name, (input: unknown, context: CallContext) => {
    core.seen.push({ name, input, signal: context.signal });
    return core.behaviour === null ? sampleOutput(name) : core.behaviour(name, context);
  }])) as unknown as Handlers;
  core.dispatcher = createDispatcher(handlers, { admit: () => undefined }, { info: () => undefined, error: () => undefined });
  return core;
}

export function sampleInput(name: CallName): unknown {
  return validValue(contract[name].input, `${name} input`);
}

export function sampleOutput(name: CallName): unknown {
  return validValue(contract[name].output, `${name} output`);
}

/** One transport with a client at its far end. What it cannot try is null; a null is a decision of that transport's test, not of a case. */
export interface TransportUnderTest {
  readonly core: FakeCore;
  /** Calls as a screen does: input travels as JSON would. */
  call(name: string, input: unknown): Promise<Envelope>;
  /** Hands over a message that is not made by our client; resolves with the answer, or null when it is dropped. */
  readonly sendText: ((text: string) => Promise<Envelope | null>) | null;
  /** Says something unasked, as core does. */
  emit(event: AppEvent): void;
  /** The events that the client heard so far; waits until there are at least `count`. */
  heard(count: number): Promise<readonly AppEvent[]>;
  /** Takes the client away while its calls run. The transport stays usable afterwards. */
  readonly loseClient: (() => Promise<void>) | null;
  /** Callers that are not the page: another frame, another origin, another world. Each resolves with the answer, or null when there is none. */
  readonly strangers: readonly { readonly who: string; readonly call: (name: string, input: unknown) => Promise<Envelope | null> }[];
  /** The own keys of the global that a page sees, whether it is frozen, and the names of other globals that the bridge left. */
  readonly shape: (() => Promise<{ readonly keys: readonly string[]; readonly isFrozen: boolean; readonly isReplaceable: boolean; readonly otherGlobals: readonly string[] }>) | null;
}

export interface TransportCase {
  readonly title: string;
  /** False where this transport has nothing to try; the test says so by name. */
  readonly applies: (transport: TransportUnderTest) => boolean;
  readonly run: (transport: TransportUnderTest) => Promise<void>;
}

const always = (): boolean => true;
/** Made by parsing, so that `__proto__` is an own key. */
const parsed = (text: string): unknown => JSON.parse(text);

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { x: nested(depth - 1) };
}

/** The code of a refusal and the names of everything that came with it. */
function refusal(envelope: Envelope | null): readonly string[] {
  return envelope === null || envelope.ok ? [] : [envelope.error.code, ...Object.keys(envelope.error).sort()];
}

/** What `refusal` gives for this code: nothing but these four fields may cross. */
function refused(code: string): readonly string[] {
  return [code, 'code', 'hint', 'id', 'message'];
}

export const transportCases: readonly TransportCase[] = [
  {
    title: 'R18 R20: every call of the contract arrives as sent, and its answer as given', applies: always,
    async run({ core, call }) {
      for (const name of CALL_NAMES) {
        const input = sampleInput(name);
        expect(await call(name, input), name).toEqual({ ok: true, value: sampleOutput(name) });
        expect(core.seen.at(-1), name).toMatchObject({ name, input: (contract[name] as CallSpec).input.parse(input) });
      }
      expect(core.seen.map(({ name }) => name)).toEqual(CALL_NAMES);
    },
  },
  {
    title: 'R20: a field that the contract does not know is refused in every call', applies: always,
    async run({ core, call }) {
      for (const name of CALL_NAMES) expect(refusal(await call(name, { ...sampleInput(name) as object, unexpected: 1 }))).toEqual(refused('invalid_input'));
      expect(core.seen).toEqual([]);
    },
  },
  {
    title: 'R20: an answer that the contract does not know stays inside', applies: always,
    async run({ core, call }) {
      core.behaviour = (name) => ({ ...sampleOutput(name) as object, leaked: CANARY });
      for (const name of CALL_NAMES) {
        const envelope = await call(name, sampleInput(name));
        expect(refusal(envelope)).toEqual(refused('internal'));
        expect(JSON.stringify(envelope)).not.toContain(CANARY);
      }
    },
  },
  {
    title: 'R21: an expected error crosses as code, message, hint and id, without cause or facts', applies: always,
    async run({ core, call }) {
      core.behaviour = () => { throw new AppError('deployment_not_found', { message: 'There is none.', hint: 'Add one.', cause: new Error(CANARY), facts: { secret: CANARY } }); };
      const envelope = await call('deployment.get', sampleInput('deployment.get'));
      expect(refusal(envelope)).toEqual(refused('deployment_not_found'));
      expect(envelope).toMatchObject({ error: { message: 'There is none.', hint: 'Add one.' } });
      expect(JSON.stringify(envelope)).not.toContain(CANARY);
    },
  },
  {
    title: 'R21: a bug crosses as `internal`, without its message, stack or path', applies: always,
    async run({ core, call }) {
      core.behaviour = () => { throw new Error(`broke at ${CANARY}`); };
      const envelope = await call('app.status', {});
      expect(refusal(envelope)).toEqual(refused('internal'));
      expect(JSON.stringify(envelope)).not.toMatch(new RegExp(`${CANARY}|\\.ts|node:|/work|\\bat `));
    },
  },
  {
    title: 'R18: a call that does not exist is refused, also one that every object has', applies: always,
    async run({ core, call }) {
      for (const name of ['', 'app.Status', 'audit.purge', 'toString', '__proto__', 'constructor', 'hasOwnProperty', 'x'.repeat(10_000)]) expect(refusal(await call(name, {}))).toEqual(refused('unknown_call'));
      expect(core.seen).toEqual([]);
    },
  },
  {
    title: 'R20: a message beyond the size limit is refused', applies: always,
    async run({ core, call }) {
      expect(refusal(await call('clipboard.copy', { text: 'x'.repeat(MAX_MESSAGE_BYTES + 1) }))).toEqual(refused('too_large'));
      // Counted in bytes, not characters.
      expect(refusal(await call('clipboard.copy', { text: '\u{1F512}'.repeat(MAX_MESSAGE_BYTES / 4 + 1) }))).toEqual(refused('too_large'));
      expect(core.seen).toEqual([]);
    },
  },
  {
    title: 'R20: a message that is nested too deeply is refused', applies: always,
    async run({ core, call }) {
      expect(refusal(await call('app.status', nested(MAX_MESSAGE_DEPTH + 1)))).toEqual(refused('too_large'));
      expect(refusal(await call('app.status', nested(1000)))).toEqual(refused('too_large'));
      expect(core.seen).toEqual([]);
    },
  },
  {
    title: 'R22: keys that reach a prototype are refused at any depth', applies: always,
    async run({ core, call }) {
      for (const text of ['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}', '{"prototype":1}', '{"a":[{"b":{"__proto__":1}}]}']) expect(refusal(await call('app.status', parsed(text)))).toEqual(refused('invalid_input'));
      expect(core.seen).toEqual([]);
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    },
  },
  {
    title: 'R20: input of another kind than an object is refused', applies: always,
    async run({ core, call }) {
      for (const input of [null, 1, 'text', true, [], [{}]]) expect(refusal(await call('app.status', input))).toEqual(refused('invalid_input'));
      expect(core.seen).toEqual([]);
    },
  },
  {
    title: 'R20: text that is not a message is answered when it names an id, and dropped otherwise', applies: ({ sendText }) => sendText !== null,
    async run({ core, sendText }) {
      for (const text of ['{"id":7,"name":"app.status","input":{}', '{"id":7,"name":"app.status","input":{},"more":1}', '{"id":7,"name":"app.status","input":{},"__proto__":1}', '{"id":7,"name":"app.status","input":NaN}']) expect(refusal(await sendText?.(text) ?? null)).toEqual(refused('invalid_input'));
      for (const text of ['', 'null', '[]', '7', '"x"', '{"name":"app.status","id":7,"input":{}}', '{"id":-1,"name":"app.status","input":{}}', '{"id":"7","name":"app.status","input":{}}', '\u0000', '{']) expect(await sendText?.(text)).toBeNull();
      expect(refusal(await sendText?.(`{"id":7,"name":"app.status","input":"${'x'.repeat(MAX_MESSAGE_BYTES)}"}`) ?? null)).toEqual(refused('too_large'));
      expect(refusal(await sendText?.(`{"id":7,"name":"app.status","input":${'['.repeat(200_000)}`) ?? null)).toEqual(refused('too_large'));
      expect(refusal(await sendText?.(`{"id":7,"name":{"toString":1},"input":{}}`) ?? null)).toEqual(refused('unknown_call'));
      expect(core.seen).toEqual([]);
      // And it still serves.
      expect(await sendText?.('{"id":8,"name":"app.status","input":{}}')).toEqual({ ok: true, value: sampleOutput('app.status') });
    },
  },
  {
    title: 'events arrive in order, with exactly their name and payload', applies: always,
    async run({ emit, heard }) {
      const sent: AppEvent[] = [1, 2, 3].map((seq) => ({ name: 'ledger.appended', payload: { seq } }));
      for (const event of sent) emit(event);
      emit({ name: 'app.locked', payload: { why: 'idle' } });
      expect(await heard(4)).toEqual([...sent, { name: 'app.locked', payload: { why: 'idle' } }]);
    },
  },
  {
    title: 'calls that run at the same time get each its own answer', applies: always,
    async run({ core, call }) {
      let turn = 0;
      core.behaviour = async (name) => {
        const isLate = (turn += 1) % 2 === 1;
        if (isLate) await new Promise((settle) => setTimeout(settle, 20));
        return sampleOutput(name);
      };
      const names: CallName[] = ['app.status', 'settings.get', 'deployment.list', 'job.list', 'credentials.status', 'ledger.list'];
      const envelopes = await Promise.all(names.map((name) => call(name, {})));
      expect(envelopes).toEqual(names.map((name) => ({ ok: true, value: sampleOutput(name) })));
    },
  },
  {
    title: 'what runs is aborted when the client goes, and the next client is served', applies: ({ loseClient }) => loseClient !== null,
    async run({ core, call, loseClient }) {
      const aborted = new Promise<void>((settle) => {
        core.behaviour = (name, { signal }) => new Promise((answer) => {
          signal.addEventListener('abort', () => { settle(); answer(sampleOutput(name)); });
        });
      });
      const lost = call('audit.sync', sampleInput('audit.sync')).catch(() => null);
      await expect.poll(() => core.seen.length).toBe(1);
      await loseClient?.();
      await aborted;
      expect(core.seen[0]?.signal.aborted).toBe(true);
      void lost;
      core.behaviour = null;
      expect(await call('app.status', {})).toMatchObject({ ok: true });
    },
  },
  {
    title: 'R19: whoever is not the page is not served, on any call', applies: ({ strangers }) => strangers.length > 0,
    async run({ core, strangers }) {
      for (const { who, call } of strangers) {
        for (const name of CALL_NAMES) {
          const envelope = await call(name, sampleInput(name));
          if (envelope !== null) expect(refusal(envelope)).toEqual(refused('caller_refused'));
          expect(core.seen, `${who} reached ${name}`).toEqual([]);
        }
      }
    },
  },
  {
    title: 'R17: the page sees one frozen global with `call`, `onEvent` and `pathOf`, and nothing else', applies: ({ shape }) => shape !== null,
    async run({ shape }) {
      expect(await shape?.()).toEqual({ keys: ['call', 'onEvent', 'pathOf'], isFrozen: true, isReplaceable: false, otherGlobals: [] });
    },
  },
  {
    title: 'no call gives a secret back: the only free texts named like one are single-use tokens', applies: always,
    run() {
      const named = /(?:^|[.\]])(?:token|tokens|passphrase|password|secret|key|privateKey|databaseKey|authorization)$/i;
      const found = CALL_NAMES.flatMap((name) => freeTextFields(contract[name].output).filter((field) => named.test(field)).map((field) => `${name}: ${field}`));
      expect(found).toEqual(['deployment.planRemoval: token', 'retention.arm: token', 'retention.ownPreview: token']);
      return Promise.resolve();
    },
  },
];
