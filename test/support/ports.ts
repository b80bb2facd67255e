// Ports for tests: a clock that only moves when told, a log that is kept, and a secret store in a plain file so that a killed child leaves what it had stored.
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#core/profile/surroundings.ts';
import type { Clipboard, Clock, Log, Ports, SecretStore } from '#core/ports.ts';

export interface FakeClock extends Clock {
  /** Moves both clocks on and runs what came due, in order. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock alone. */
  setWall(ms: number): void;
}

export function fakeClock(startMs = Date.UTC(2026, 10, 22, 12)): FakeClock {
  let wall = startMs;
  let monotonic = 0;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => wall,
    monotonicMs: () => monotonic,
    after(delayMs, run) {
      const timer = { at: monotonic + delayMs, run };
      timers.push(timer);
      return () => { timers = timers.filter((other) => other !== timer); };
    },
    async advance(ms) {
      const end = monotonic + ms;
      for (;;) {
        const next = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers = timers.filter((timer) => timer !== next);
        wall += next.at - monotonic;
        monotonic = next.at;
        next.run();
        await new Promise((resolve) => setImmediate(resolve));
      }
      wall += end - monotonic;
      monotonic = end;
    },
    setWall(ms) { wall = ms; },
  };
}

export { systemClock };

export interface KeptLog extends Log { readonly lines: string[] }

export function keptLog(): KeptLog {
  const lines: string[] = [];
  const write = (level: string) => (message: string, fields: unknown = {}): void => { lines.push(`${level} ${message} ${JSON.stringify(fields)}`); };
  return { lines, info: write('info'), error: write('error') };
}

/** Every change is on disk before the call returns, as in a real keychain. */
export function fileStore(path: string): SecretStore {
  const read = (): Record<string, string> => {
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
    } catch {
      return {};
    }
  };
  const write = (values: Record<string, string>): void => {
    const fd = openSync(`${path}.tmp`, 'w', 0o600);
    writeSync(fd, JSON.stringify(values));
    fsyncSync(fd);
    closeSync(fd);
    renameSync(`${path}.tmp`, path);
  };
  return {
    kind: 'keychain',
    get: async (name) => read()[name] ?? null,
    set: async (name, value) => write({ ...read(), [name]: value }),
    delete: async (name) => {
      const values = read();
      delete values[name];
      write(values);
    },
  };
}

export function fakeClipboard(): Clipboard & { text: string; readable: boolean } {
  const clipboard = {
    text: '', readable: true,
    write: async (text: string) => { clipboard.text = text; },
    read: async () => (clipboard.readable ? clipboard.text : null),
  };
  return clipboard;
}

export function temporaryFolder(name: string): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `holdfast-test-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Ports over a profile directory; the keychain is a file beside it. */
export function testPorts(profileDir: string, over: Partial<Ports> = {}): Ports {
  return {
    host: 'chromium', clock: systemClock, paths: { profileDir, programDir: process.cwd() }, log: keptLog(), actor: 'tester',
    clipboard: null, sample: null, keychain: () => fileStore(`${profileDir}.keychain.json`), ...over,
  };
}
