// The page server before its guards stand: a request is held, and none is ever answered where a guard could not be set up.
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { HOME, servePage } from './page-server.ts';
import { CommandRefused } from './pipe.ts';
import type { Fields, Pipe, PipeEvent } from './pipe.ts';

/** A pipe that notes what is sent and lets the test be Chromium. */
function fakePipe(): { readonly pipe: Pipe; readonly sent: readonly string[]; ask(requestId: string): void } {
  const sent: string[] = [];
  const listeners: ((event: PipeEvent) => void)[] = [];
  const pipe = {
    onEvent: (listener: (event: PipeEvent) => void) => { listeners.push(listener); },
    send: (method: string, params: Fields) => {
      sent.push(params['requestId'] === undefined ? method : `${method} ${String(params['requestId'])}`);
      return Promise.resolve({});
    },
  } as unknown as Pipe;
  const ask = (requestId: string): void => {
    for (const listener of listeners) listener({ method: 'Fetch.requestPaused', sessionId: 's', params: { requestId, frameId: 'f', resourceType: 'Document', request: { url: HOME, method: 'GET' } } });
  };
  return { pipe, sent, ask };
}

const files = new Map([['/', { contentType: 'text/html', body: Buffer.from('<!doctype html>') }]]);

describe('requests of the page', () => {
  it('are held until everything stands, then answered in their order', async () => {
    const { pipe, sent, ask } = fakePipe();
    const guards = Promise.withResolvers<void>();
    await servePage({ pipe, sessionId: 's', mainFrameId: 'f', files, guards: guards.promise });
    ask('1');
    ask('2');
    await turn();
    expect(sent).toEqual(['Fetch.enable']);
    guards.resolve();
    await turn();
    expect(sent).toEqual(['Fetch.enable', 'Fetch.fulfillRequest 1', 'Fetch.fulfillRequest 2']);
  });

  it('are never answered when a guard was refused', async () => {
    const { pipe, sent, ask } = fakePipe();
    const guards = Promise.withResolvers<void>();
    await servePage({ pipe, sessionId: 's', mainFrameId: 'f', files, guards: guards.promise });
    ask('1');
    guards.reject(new CommandRefused('Runtime.addBinding', -32000, 'no'));
    await turn();
    ask('2');
    await turn();
    expect(sent).toEqual(['Fetch.enable']);
  });
});
