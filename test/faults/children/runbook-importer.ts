// A child that imports one file of a run after the other and keeps large evidence until it is killed; prints the run, or the digest, after each call that returned.
import { randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openRunbookProfile } from '../../support/runbook-profile.ts';

const [profileDir = '', files = '', from = '0'] = process.argv.slice(2);
const profile = await openRunbookProfile(profileDir);
const say = (line: string): void => { writeSync(1, `${line}\n`); };
say('open');
for (const name of readdirSync(files).sort().slice(Number(from))) {
  const { run } = await profile.merging.import(join(files, name));
  say(`joined ${run}`);
  const path = `${profileDir}.bin`;
  writeFileSync(path, randomBytes(1_100_000));
  const { digest } = await profile.evidence.add({ runId: run, step: null, note: '', from: { source: 'file', path } }, AbortSignal.any([]));
  say(`evidence ${run} ${digest}`);
}
say('all');
await new Promise(() => setInterval(() => undefined, 1000));
