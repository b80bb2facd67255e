// Tests of one page's connection: allowances, fair turns, and the end of it. What every transport must do is in test/contract.
import { describe, expect, it } from 'vitest';
import type { Envelope } from '#shared/contract.ts';
import { Allowance } from './allowance.ts';
import { CALL_LIMITS, Connection } from './connection.ts';
import type { Door } from './connection.ts';

interface Setup {
  readonly connection: Connection;
  readonly answers: Map<number, Envelope>;
  readonly logged: string[];
  passMs(ms: number): void;
}

function setUp(door: Door): Setup {
  const answers = new Map<number, Envelope>();
  const logged: string[] = [];
  let nowMs = 0;
  const connection = new Connection({
    door, monotonicMs: () => nowMs,
    log: { info: (message) => logged.push(message), error: (message) => logged.push(message) },
    send(text) {
      const message = JSON.parse(text) as { id: number; envelope: Envelope };
      answers.set(message.id, message.envelope);
    },
  });
  return { connection, answers, logged, passMs: (ms) => { nowMs += ms; } };
}

const message = (id: number, name: string): string => JSON.stringify({ id, name, input: {} });
const codeOf = (envelope: Envelope | undefined): string => (envelope === undefined ? 'none' : envelope.ok ? 'ok' : envelope.error.code);

describe('an allowance', () => {
  it('gives its burst at once, then fills with time up to the burst', () => {
    const allowance = new Allowance({ burst: 2, perSecond: 10 }, 0);
    expect([allowance.take(0), allowance.take(0), allowance.take(0)]).toEqual([true, true, false]);
    expect([allowance.take(99), allowance.take(101), allowance.take(101)]).toEqual([false, true, false]);
    expect([allowance.take(60_000), allowance.take(60_000), allowance.take(60_000)]).toEqual([true, true, false]);
  });
});

describe('a connection', () => {
  it('R24: refuses a call name that is asked too often and no other, until time has passed', async () => {
    const { connection, answers, logged, passMs } = setUp(() => Promise.resolve({ ok: true, value: {} }));
    let id = 0;
    for (let count = 0; count < CALL_LIMITS.burst; count += 1) {
      connection.receive(message(id += 1, 'app.status'));
      await expect.poll(() => codeOf(answers.get(id)), { interval: 1 }).toBe('ok');
    }
    for (let count = 0; count < 500; count += 1) connection.receive(message(id += 1, 'app.status'));
    expect(codeOf(answers.get(id))).toBe('too_many_calls');
    connection.receive(message(id += 1, 'settings.get'));
    await expect.poll(() => codeOf(answers.get(id))).toBe('ok');
    passMs(1000);
    connection.receive(message(id += 1, 'app.status'));
    await expect.poll(() => codeOf(answers.get(id))).toBe('ok');
    // 500 refusals, one line.
    expect(logged).toEqual(['message of the window refused']);
  });

  it('R24: lets no more than a fixed number of calls of one name run at the same time', () => {
    const { connection, answers } = setUp(() => new Promise(() => undefined));
    for (let id = 1; id <= CALL_LIMITS.pending + 1; id += 1) connection.receive(message(id, 'audit.sync'));
    expect([...answers.keys()]).toEqual([CALL_LIMITS.pending + 1]);
    expect(codeOf(answers.get(CALL_LIMITS.pending + 1))).toBe('too_many_calls');
  });

  it('R24: unknown names share one allowance', () => {
    const { connection, answers } = setUp(() => new Promise(() => undefined));
    for (let id = 1; id <= CALL_LIMITS.pending + 10; id += 1) connection.receive(message(id, `made.up${id}`));
    expect(answers.size).toBe(10);
  });

  it('R24: a name with many calls waiting takes turns with the others', async () => {
    const order: string[] = [];
    const { connection } = setUp((name) => { order.push(String(name)); return Promise.resolve({ ok: true, value: {} }); });
    for (let id = 1; id <= 40; id += 1) connection.receive(message(id, 'audit.search'));
    connection.receive(message(41, 'app.status'));
    await expect.poll(() => order.length).toBe(41);
    expect(order.indexOf('app.status')).toBeLessThanOrEqual(2);
  });

  it('starts nothing and sends nothing after the page is gone', async () => {
    const started: unknown[] = [];
    let settle: (envelope: Envelope) => void = () => undefined;
    const { connection, answers } = setUp((name) => { started.push(name); return new Promise((answer) => { settle = answer; }); });
    connection.receive(message(1, 'audit.sync'));
    await expect.poll(() => started.length).toBe(1);
    connection.receive(message(2, 'audit.search'));
    connection.close();
    settle({ ok: true, value: {} });
    connection.receive(message(3, 'app.status'));
    connection.tell({ name: 'app.opened', payload: {} });
    await new Promise((passed) => setImmediate(() => setImmediate(passed)));
    expect(started).toEqual(['audit.sync']);
    expect(answers.size).toBe(0);
  });
});
