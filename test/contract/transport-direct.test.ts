// The contract suite without a window: straight into the dispatcher, and through the connection that both window hosts use, with plain text on either side.
import { describe, expect, it } from 'vitest';
import type { AppEvent, Envelope } from '#shared/contract.ts';
import { Connection } from '#core/bridge/connection.ts';
import { createFakeCore, transportCases } from './transport.ts';
import type { TransportUnderTest } from './transport.ts';

const asJson = (input: unknown): unknown => (input === undefined ? undefined : JSON.parse(JSON.stringify(input)));

function direct(): TransportUnderTest {
  const core = createFakeCore();
  const events: AppEvent[] = [];
  return {
    core,
    call: (name, input) => core.dispatcher.dispatchUnknown(name, asJson(input)),
    sendText: null,
    emit: (event) => events.push(event),
    heard: () => Promise.resolve(events),
    loseClient: null,
    strangers: [],
    shape: null,
  };
}

function overConnection(): TransportUnderTest {
  const core = createFakeCore();
  const events: AppEvent[] = [];
  const waiting = new Map<number, (envelope: Envelope) => void>();
  let lastId = 100;
  const connect = (): Connection => new Connection({
    door: (name, input, context) => core.dispatcher.dispatchUnknown(name, input, context),
    log: { info: () => undefined, error: () => undefined },
    monotonicMs: () => performance.now(),
    send(text) {
      const message = JSON.parse(text) as { id?: number; envelope?: Envelope; event?: AppEvent };
      if (message.event !== undefined) events.push(message.event);
      else if (message.id !== undefined && message.envelope !== undefined) waiting.get(message.id)?.(message.envelope);
    },
  });
  let connection = connect();
  return {
    core,
    call(name, input) {
      const id = lastId += 1;
      return new Promise((settle) => {
        waiting.set(id, settle);
        connection.receive(JSON.stringify({ id, name, input }));
      });
    },
    sendText(text) {
      return new Promise((settle) => {
        for (const id of [7, 8]) waiting.set(id, settle);
        connection.receive(text);
        // Refusals are answered at once; a served call ends the wait itself. Two turns later nothing more can come from a dropped one.
        if (!text.startsWith('{"id":8')) setImmediate(() => setImmediate(() => setImmediate(() => settle(null))));
      });
    },
    emit: (event) => connection.tell(event),
    heard: () => Promise.resolve(events),
    loseClient() {
      connection.close();
      connection = connect();
      return Promise.resolve();
    },
    strangers: [],
    shape: null,
  };
}

for (const [name, create] of [['dispatcher', direct], ['connection', overConnection]] as const) {
  describe(`the ${name}`, () => {
    it.each(transportCases.filter(({ applies }) => applies(create())))('$title', async ({ run }) => {
      await run(create());
      expect.hasAssertions();
    });
  });
}
