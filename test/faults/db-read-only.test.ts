import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '#core/db/migrate.ts';
import { startChild } from './children/db-processes.ts';
import { fill, makeScratch } from './children/db-profile.ts';
import type { Scratch } from './children/db-profile.ts';

/** File modes do not bind root: as root the child becomes this user (nobody) before it opens anything. Anyone else stays who they are. */
const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;
const EVENTS = 40;

let scratch: Scratch;
let profile: string;
let migrations: string;
beforeEach(() => {
  scratch = makeScratch();
  chmodSync(scratch.dir, 0o755);
  profile = join(scratch.dir, 'profile');
  mkdirSync(profile, { mode: 0o700 });
  migrations = join(scratch.dir, 'migrations');
  cpSync(MIGRATIONS, migrations, { recursive: true });
});
afterEach(() => {
  chmodSync(profile, 0o700);
  scratch.remove();
});

function giveAway(): void {
  if (!isRoot) return;
  for (const name of ['', ...readdirSync(profile)]) chownSync(join(profile, name), NOBODY, NOBODY);
}

interface Outcome {
  readonly code: string;
  readonly events: number | null;
  readonly lock: string;
}

async function openAsUser(mode: 'read' | 'write', user = isRoot ? NOBODY : 0): Promise<Outcome> {
  const child = startChild('db-open', [join(profile, 'cache.db'), scratch.keyHex, mode, String(user), pathToFileURL(`${migrations}/`).href]);
  await child.printed(1);
  expect(await child.ended).toBe('0');
  return JSON.parse(child.lines[0] ?? '') as Outcome;
}

function leftovers(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('holdfast-read-'));
}

describe('a profile that cannot be written to', () => {
  beforeEach(() => fill({ ...scratch, path: join(profile, 'cache.db') }, EVENTS));

  it('R42: a read-only folder: everything can be read, writing is refused, nothing is left in the temporary folder', async () => {
    giveAway();
    chmodSync(profile, 0o500);
    const before = readFileSync(join(profile, 'cache.db'));
    const tempBefore = leftovers();
    expect(await openAsUser('read')).toEqual({ code: 'none', events: EVENTS, lock: 'profile_unwritable' });
    expect(await openAsUser('write')).toEqual({ code: 'database_read_only', events: null, lock: 'profile_unwritable' });
    expect(readFileSync(join(profile, 'cache.db')).equals(before)).toBe(true);
    expect(leftovers()).toEqual(tempBefore);
  });

  it('R42: a read-only folder that a killed writer left: its last commits are read too', async () => {
    const path = join(profile, 'cache.db');
    const child = startChild('db-writer', [path, scratch.keyHex, String(EVENTS + 7)]);
    expect(await child.ended).toBe('SIGKILL');
    for (const withIndex of [true, false]) {
      if (!withIndex) {
        chmodSync(profile, 0o700);
        // The shared index is only memory: a copy made by hand lacks it.
        const copy = join(profile, 'copy');
        mkdirSync(copy);
        for (const name of ['cache.db', 'cache.db-wal']) copyFileSync(join(profile, name), join(copy, name));
        profile = copy;
      }
      giveAway();
      chmodSync(profile, 0o500);
      expect((await openAsUser('read')).events).toBe(EVENTS + 7);
    }
  });

  it('R42: a read-only file in a writable folder: readable, not writable', async () => {
    giveAway();
    chmodSync(join(profile, 'cache.db'), 0o400);
    expect(await openAsUser('write')).toMatchObject({ code: 'database_read_only', events: null });
    expect(await openAsUser('read')).toMatchObject({ code: 'none', events: EVENTS });
  });

  it('R42: a folder or a file without any right is a typed error', async () => {
    giveAway();
    chmodSync(join(profile, 'cache.db'), 0o000);
    expect((await openAsUser('read')).code).toBe('profile_unwritable');
    expect((await openAsUser('write')).code).toBe('profile_unwritable');
    chmodSync(profile, 0o000);
    expect((await openAsUser('read')).code).toBe('profile_unwritable');
    expect((await openAsUser('write')).code).toBe('profile_unwritable');
  });

  const mounted = isRoot && spawnSync('sh', ['-c', 'd=$(mktemp -d) && mount --bind "$d" "$d" && umount "$d" && rmdir "$d"']).status === 0;
  it.skipIf(!mounted)(`R42: a read-only file system (EROFS)${mounted ? '' : ': skipped, this user may not mount'}`, async () => {
    const mount = (...args: string[]): void => expect(spawnSync('mount', [...args, profile]).status).toBe(0);
    mount('--bind', profile);
    try {
      mount('-o', 'remount,ro,bind');
      expect(await openAsUser('read', 0)).toEqual({ code: 'none', events: EVENTS, lock: 'profile_unwritable' });
      expect(await openAsUser('write', 0)).toEqual({ code: 'database_read_only', events: null, lock: 'profile_unwritable' });
    } finally {
      spawnSync('umount', [profile]);
    }
  });
});
