// R38, R43, R61: exports under kill -9 and on a full disk. Under its final name a file is whole and has its manifest, what was acknowledged is there, and the next export clears what a dead one left.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAtomicFile } from '#core/files/atomic-file.ts';
import { exportManifest } from '#shared/domain/audit-export.ts';
import { DEPLOYMENT, openBench, rowsFor } from '../support/audit-export.ts';
import type { ExportBench } from '../support/audit-export.ts';
import { temporaryFolder } from '../support/ports.ts';
import { isLong, randomFrom, seed } from './children/db-profile.ts';

const kills = isLong ? 100 : 20;
const trials = isLong ? 60 : 15;
const child = join(import.meta.dirname, 'children/audit-export-child.ts');
const MANIFEST = '.manifest.json';

const random = randomFrom(seed);
let folder: ReturnType<typeof temporaryFolder>;
let bench: ExportBench;
let cache: string;
let out: string;
beforeEach(() => {
  folder = temporaryFolder('export-faults');
  cache = join(folder.path, 'profile', 'cache.db');
  out = join(folder.path, 'out');
  mkdirSync(out);
  bench = openBench(cache);
});
afterEach(() => {
  bench.close();
  bench.database.close();
  folder.remove();
});

const isPartial = (name: string): boolean => name.endsWith('.holdfast-partial');
const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Runs the child and kills it `delayMs` after it began. @returns what it said was done: name and digest */
function runAndKill(mode: string, round: number, delayMs: number): Promise<Map<string, string>> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, [child, mode, cache, out, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const done = new Map<string, string>();
    createInterface({ input: process_.stdout }).on('line', (line) => {
      const [word, name = '', digest = ''] = line.split(' ');
      if (word === 'done') done.set(name, digest);
      else setTimeout(() => process_.kill('SIGKILL'), delayMs);
    }).on('close', () => resolve(done));
    process_.on('error', reject);
  });
}

/** Every file under a final name, checked against its manifest. @returns the manifests that stand alone */
function checkFolder(): string[] {
  const names = readdirSync(out).filter((name) => !isPartial(name));
  const files = names.filter((name) => !name.endsWith(MANIFEST));
  for (const name of files) {
    const manifest = exportManifest.parse(JSON.parse(readFileSync(join(out, `${name}${MANIFEST}`), 'utf8')));
    expect(manifest.file).toBe(name);
    expect(digestOf(join(out, name)), name).toBe(manifest.sha256);
  }
  return names.filter((name) => name.endsWith(MANIFEST) && !files.includes(name.slice(0, -MANIFEST.length)));
}

describe('kill -9 during an export', () => {
  it(`R38 R61: ${kills} times: what stands under a final name is whole, what was acknowledged is there, and nothing else stays for long`, async () => {
    bench.store(rowsFor(3000));
    let left = 0;
    const orphans = new Set<string>();
    for (let round = 0; round < kills; round += 1) {
      const mode = round % 2 === 0 ? 'pair' : 'whole';
      const done = await runAndKill(mode, round, random(mode === 'pair' ? 120 : 900));
      for (const name of checkFolder()) orphans.add(name);
      for (const [name, digest] of done) expect(digestOf(join(out, name)), `seed ${seed}, round ${round}`).toBe(digest);
      left += readdirSync(out).filter(isPartial).length;
      const path = join(out, `after-${round}`);
      await bench.exports.export({ deploymentId: DEPLOYMENT, query: '', format: 'jsonl', path }, bench.signal);
      expect(readdirSync(out).filter(isPartial), `seed ${seed}, round ${round}`).toEqual([]);
    }
    expect(new Set(Array.from({ length: kills }, (_, round) => digestOf(join(out, `after-${round}`)))).size).toBe(1);
    // Some kills came in the middle of one.
    expect(left).toBeGreaterThan(0);
    for (const orphan of orphans) {
      const path = join(out, orphan.slice(0, -MANIFEST.length));
      if (!existsSync(path)) await bench.exports.export({ deploymentId: DEPLOYMENT, query: '', format: 'jsonl', path }, bench.signal);
    }
    expect(checkFolder()).toEqual([]);
  }, 60_000 + kills * 12_000);
});

describe('a full disk', () => {
  const disk = ['-t', 'tmpfs', '-o', 'size=2097152', 'tmpfs'];
  const mayMount = process.getuid?.() === 0 && spawnSync('sh', ['-c', `d=$(mktemp -d) && mount ${disk.join(' ')} "$d" && umount "$d" && rmdir "$d"`]).status === 0;
  const remark = mayMount ? '' : ': skipped, this user may not mount';

  it.skipIf(!mayMount)(`R43 R61: with ${trials} amounts of room an export is whole with its manifest, or disk_full and not there at all${remark}`, async () => {
    bench.store(rowsFor(1500));
    const mounted = join(folder.path, 'disk');
    mkdirSync(mounted);
    expect(spawnSync('mount', [...disk, mounted]).status).toBe(0);
    const codes = new Map<string, number>();
    try {
      for (let trial = 0; trial < trials; trial += 1) {
        const blocks = trial === 0 ? 0 : trial === trials - 1 ? 400 : random(260);
        const ballast = join(mounted, 'ballast');
        writeFileSync(ballast, Buffer.alloc(Math.max(0, statfsSync(mounted).bavail - blocks) * 4096));
        const path = join(mounted, 'rows.jsonl');
        const code = await bench.exports.export({ deploymentId: DEPLOYMENT, query: '', format: 'jsonl', path }, bench.signal).then(() => 'none', (error: { code?: string }) => error.code ?? String(error));
        codes.set(code, (codes.get(code) ?? 0) + 1);
        const names = readdirSync(mounted).sort();
        if (code === 'none') {
          expect(names).toEqual(['ballast', 'rows.jsonl', `rows.jsonl${MANIFEST}`]);
          expect(exportManifest.parse(JSON.parse(readFileSync(`${path}${MANIFEST}`, 'utf8'))).sha256).toBe(digestOf(path));
        } else {
          expect(code, `seed ${seed}, ${blocks} blocks`).toBe('disk_full');
          expect(names, `seed ${seed}, ${blocks} blocks`).toEqual(['ballast']);
        }
        for (const name of names) rmSync(join(mounted, name));
      }
      expect([...codes.keys()].sort()).toEqual(['disk_full', 'none']);
    } finally {
      spawnSync('umount', [mounted]);
    }
  }, 60_000 + trials * 4_000);

  it.skipIf(!mayMount)(`R43: a single file of every size around what fits${remark}`, async () => {
    const mounted = join(folder.path, 'disk');
    mkdirSync(mounted);
    expect(spawnSync('mount', [...disk, mounted]).status).toBe(0);
    try {
      const codes = new Set<string>();
      const free = statfsSync(mounted).bavail * 4096;
      for (const bytes of [0, 1, free - 8192, free - 1, free, free + 1, free + 4096, free * 2]) {
        const path = join(mounted, 'file');
        const file = await openAtomicFile(path);
        const code = await (async () => {
          await file.write(Buffer.alloc(Math.floor(bytes / 2), 1));
          await file.write(Buffer.alloc(bytes - Math.floor(bytes / 2), 2));
          await file.commit();
          return 'none';
        })().catch((error: { code?: string }) => error.code ?? String(error));
        await file.abort();
        codes.add(code);
        expect(readdirSync(mounted), `${bytes} bytes`).toEqual(code === 'none' ? ['file'] : []);
        if (code === 'none') rmSync(path);
      }
      expect([...codes].sort()).toEqual(['disk_full', 'none']);
    } finally {
      spawnSync('umount', [mounted]);
    }
  }, 60_000);
});
