// The contract suite over Electron's messages: the real main.ts, window, transport and preload, with Electron itself played by a stand-in.
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { AppEvent, Envelope } from '#shared/contract.ts';
import { CALL_CHANNEL } from '../../electron/hosts/electron/page.ts';
import { fakeApp, startElectronHost } from './electron-host.ts';
import type { RunningHost } from './electron-host.ts';
import { pathsOfFiles, state } from './fake-electron.ts';
import { transportCases } from './transport.ts';
import type { TransportUnderTest } from './transport.ts';

vi.mock('electron', async () => (await import('./fake-electron.ts')).electronModule);
vi.mock('#core/app.ts', () => ({ createApp: () => Promise.resolve(fakeApp.current?.()) }));

let host: RunningHost | null = null;
afterEach(async () => { await host?.stop(); host = null; });
afterAll(() => vi.restoreAllMocks());

type Handler = (event: unknown, text: unknown) => Promise<string>;
const handler = (): Handler => state.handlers.get(CALL_CHANNEL) as unknown as Handler;

/** Text as a page that took the preload's place would send it; null when the answer names no call. */
async function ask(event: unknown, text: string): Promise<Envelope | null> {
  const answer = JSON.parse(await handler()(event, text)) as { id?: number; envelope: Envelope };
  return answer.id === undefined ? null : answer.envelope;
}

async function refusal(event: unknown, name: string, input: unknown): Promise<Envelope> {
  return (JSON.parse(await handler()(event, JSON.stringify({ id: 1, name, input }))) as { envelope: Envelope }).envelope;
}

async function underTest(): Promise<TransportUnderTest> {
  const running = await startElectronHost();
  host = running;
  const { contents, core } = running;
  const ours = { sender: contents, senderFrame: contents.mainFrame };
  const heard: AppEvent[] = [];
  running.bridge().onEvent((event) => heard.push(event));
  // Core speaks to a page that has spoken to it.
  await running.bridge().call('app.status', {});
  core.seen.splice(0);
  const stranger = (who: string, event: unknown) => ({ who, call: (name: string, input: unknown) => refusal(event, name, input) });
  return {
    core,
    call: (name, input) => running.bridge().call(name, input),
    sendText: (text) => ask(ours, text),
    emit: (event) => running.emit(event),
    heard: async (count) => { await vi.waitFor(() => { if (heard.length < count) throw new Error(`${heard.length} of ${count} events`); }); return heard; },
    async loseClient() {
      const before = state.page;
      contents.crash('crashed');
      await vi.waitFor(() => { if (state.page === before || state.page?.world['holdfast'] === undefined) throw new Error('the page is not back'); });
    },
    strangers: [
      stranger('another window', { sender: { mainFrame: contents.mainFrame }, senderFrame: contents.mainFrame }),
      stranger('a frame inside the page', { sender: contents, senderFrame: { ...contents.mainFrame, frameToken: 'child', parent: contents.mainFrame } }),
      stranger('the same token in another process', { sender: contents, senderFrame: { ...contents.mainFrame, processId: 42 } }),
      stranger('another origin', { sender: contents, senderFrame: { ...contents.mainFrame, origin: 'https://bundle' } }),
      stranger('an origin that begins like ours', { sender: contents, senderFrame: { ...contents.mainFrame, origin: 'app://bundle.example' } }),
      stranger('about:blank', { sender: contents, senderFrame: { ...contents.mainFrame, origin: 'null' } }),
      stranger('a frame that is gone', { sender: contents, senderFrame: null }),
      stranger('a frame that went while it was looked at', { sender: contents, get senderFrame() { return { get frameToken(): string { throw new Error('Render frame was disposed before WebFrameMain could be accessed'); } }; } }),
    ],
    shape: () => {
      const { world } = state.page as NonNullable<typeof state.page>;
      const own = Object.getOwnPropertyDescriptor(world, 'holdfast');
      const bridge = own?.value as Record<string, unknown>;
      const isFrozen = Object.isFrozen(bridge) && Object.values(bridge).every((part) => Object.isFrozen(part));
      return Promise.resolve({ keys: Object.keys(bridge).sort(), isFrozen, isReplaceable: own?.writable === true || own?.configurable === true, otherGlobals: Reflect.ownKeys(world).map(String).filter((key) => key !== 'holdfast') });
    },
  };
}

describe('the Electron transport', () => {
  for (const { title, applies, run } of transportCases) {
    it(`${title}`, async () => {
      const transport = await underTest();
      expect(applies(transport)).toBe(true);
      await run(transport);
    });
  }

  it('R19: a number that waits for its answer is not taken twice', async () => {
    const { core } = await underTest();
    let answer: () => void = () => undefined;
    core.behaviour = () => new Promise((settle) => { answer = () => settle({ jobs: [] }); });
    const ours = { sender: host?.contents, senderFrame: host?.contents.mainFrame };
    const first = ask(ours, '{"id":5,"name":"job.list","input":{}}');
    await vi.waitFor(() => expect(core.seen).toHaveLength(1));
    expect(await ask(ours, '{"id":5,"name":"job.list","input":{}}')).toBeNull();
    answer();
    expect(await first).toMatchObject({ ok: true });
    expect(core.seen).toHaveLength(1);
  });

  it('the path of a file crosses, and nothing else of it; what has no path gives null', async () => {
    const { core } = await underTest();
    const bridge = host?.bridge() as unknown as { pathOf(file: unknown): Promise<string | null> };
    const picked = new File(['x'], 'log.jsonl');
    pathsOfFiles.set(picked, '/home/admin/näme \u202e.jsonl');
    expect(await bridge.pathOf(picked)).toBe('/home/admin/näme \u202e.jsonl');
    for (const thing of [new File(['x'], '/etc/passwd'), { path: '/etc/passwd' }, '/etc/passwd', null, undefined]) expect(await bridge.pathOf(thing)).toBeNull();
    expect(core.seen).toEqual([]);
  });

  it('R19: anything but one text is refused', async () => {
    const { core } = await underTest();
    const ours = { sender: host?.contents, senderFrame: host?.contents.mainFrame };
    for (const what of [undefined, null, 7, {}, ['{"id":1}'], new Uint8Array(4), new String('{"id":1,"name":"app.status","input":{}}')]) {
      expect(JSON.parse(await handler()(ours, what))).toMatchObject({ envelope: { ok: false, error: { code: 'invalid_input' } } });
    }
    expect(core.seen).toEqual([]);
  });
});
