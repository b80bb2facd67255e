// Tests of one opening of the app: access from the contract, Ctrl-C to the running job, closed whatever happens.
import { describe, expect, it } from 'vitest';
import type { AppEvent, CallName, Envelope } from '#shared/contract.ts';
import { contract } from '#shared/contract.ts';
import type { Opening } from './serve.ts';
import { accessFor, serve } from './serve.ts';
import { Refused } from './failure.ts';

interface Stage { opening: Opening; seen: string[]; press: () => void; emit: (event: AppEvent) => void; answer: (name: CallName, signal: AbortSignal) => Promise<Envelope> }

/** An app that records what it was asked; `answer` may be replaced. */
function stage(): Stage {
  const seen: string[] = [];
  let interrupt: () => void = () => undefined;
  let listener: (event: AppEvent) => void = () => undefined;
  const made: Stage = {
    seen,
    press: () => interrupt(),
    emit: (event) => listener(event),
    answer: () => Promise.resolve({ ok: true, value: {} }),
    opening: {
      version: '1', ports: {} as Opening['ports'], secrets: { store: null, passphrase: null }, stderr: { write: () => true },
      onInterrupt: (run) => { interrupt = run; return () => seen.push('stopped listening'); },
      createApp: ((_: unknown, options: { access: string }) => {
        seen.push(`opened for ${options.access}`);
        return Promise.resolve({
          onEvent: (given: (event: AppEvent) => void) => { listener = given; return () => undefined; },
          dispatch: (name: CallName, input: unknown, context?: { signal: AbortSignal }) => { seen.push(`${name} ${JSON.stringify(input)}`); return made.answer(name, context?.signal ?? new AbortController().signal); },
          close: () => { seen.push('closed'); return Promise.resolve(); },
        });
      }) as unknown as Opening['createApp'],
    },
  };
  return made;
}

describe('serving one command', () => {
  it('opens for reading unless one call is no read by the contract', () => {
    for (const name of Object.keys(contract) as CallName[]) expect(accessFor(['deployment.list', name])).toBe(contract[name].effect === 'read' ? 'read' : 'write');
    expect(accessFor(['deployment.remove'])).toBe('write');
  });

  it('closes the app after a result and after a refusal', async () => {
    const { opening, seen } = stage();
    expect(await serve(['deployment.list'], opening, async (app) => app.call('deployment.list', {}))).toEqual({});
    expect(seen).toEqual(['opened for read', 'deployment.list {}', 'closed', 'stopped listening']);
    const refusing = stage();
    refusing.answer = () => Promise.resolve({ ok: false, error: { code: 'busy', message: 'm', hint: 'h', id: 'i' } });
    await expect(serve(['deployment.list'], refusing.opening, async (app) => app.call('deployment.list', {}))).rejects.toBeInstanceOf(Refused);
    expect(refusing.seen).toContain('closed');
  });

  it('hands Ctrl-C to the call and to its job, and gives the answer that comes of it', async () => {
    const running = stage();
    running.answer = (name, signal) => (name === 'job.cancel' ? Promise.resolve({ ok: true, value: { cancelled: true } }) : new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve({ ok: false, error: { code: 'cancelled', message: 'Stopped. 5 events were kept.', hint: 'h', id: 'i' } }));
      running.emit({ name: 'job.progressed', payload: { jobId: 'j1', call: 'audit.sync', deploymentId: null, step: 's', done: 5, total: 10, rate: null, etaSeconds: null } });
      running.press();
    }));
    const failure = await serve(['audit.sync'], running.opening, async (app) => app.call('audit.sync', { deploymentId: 'd_0000000000000000' })).catch((error: unknown) => error);
    expect(failure).toMatchObject({ wire: { code: 'cancelled', message: 'Stopped. 5 events were kept.' } });
    expect(running.seen).toContain('job.cancel {"jobId":"j1"}');
    expect(running.seen).toContain('closed');
  });

  it('makes no further call after Ctrl-C', async () => {
    const { opening, seen, press } = stage();
    await expect(serve(['deployment.list', 'audit.search'], opening, async (app) => {
      await app.call('deployment.list', {});
      press();
      return app.call('audit.search', { deploymentId: 'd_0000000000000000' });
    })).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen.some((line) => line.startsWith('audit.search'))).toBe(false);
    expect(seen).toContain('closed');
  });
});
