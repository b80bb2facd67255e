// Profiles for tests of one file: made in a temporary folder, opened as a host would, closed and removed after each test.
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import type { Ports } from '#core/ports.ts';
import type { SecretStoreKind } from '#shared/domain/credentials.ts';
import { keptLog, temporaryFolder, testPorts } from './ports.ts';
import type { KeptLog } from './ports.ts';

export interface Opening { readonly store?: SecretStoreKind | null; readonly passphrase?: string; readonly access?: 'read' | 'write'; readonly ports?: Partial<Ports> }

export interface Profiles {
  readonly log: KeptLog;
  /** The path of a profile directory that does not exist yet. */
  newProfile(): string;
  open(profileDir: string, opening?: Opening): Promise<App>;
}

/** Call once at the top of a test file: it registers the clean-up. */
export function useProfiles(): Profiles {
  const log = keptLog();
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });
  return {
    log,
    newProfile() {
      const folder = temporaryFolder('session');
      cleanups.push(folder.remove);
      return join(folder.path, 'profile');
    },
    async open(profileDir, { store = null, passphrase, access = 'write', ports = {} } = {}) {
      const app = await createApp(testPorts(profileDir, { log, ...ports }), { version: 'test', access, secrets: { store, passphrase: passphrase === undefined ? null : () => Promise.resolve(passphrase) } });
      cleanups.push(() => app.close());
      return app;
    },
  };
}

export const acme = { name: 'acme', url: 'https://navi.example.com', kind: 'navi' as const };
export const phrase = 'correct horse battery staple';
