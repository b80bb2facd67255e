// R25, R46: what is opened in bulk is nowhere in the profile, its logs, its ledger, its events or an error, and no key is either. Markers go through every call, then everything is searched in five encodings.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, expect, it } from 'vitest';
import { openLogFile } from '#core/profile/log-file.ts';
import { auditBulkHandlers } from '#core/audit/bulk/handlers.ts';
import { addDeployment, DEPLOYMENT, KEYS, openBulkProfile, rowOf, seal, store, wrap } from '../support/audit-bulk-profile.ts';
import { encodings, filesUnder } from '../support/canaries.ts';
import { systemClock, temporaryFolder } from '../support/ports.ts';

const folder = temporaryFolder('bulk-canary');
const profileDir = join(folder.path, 'profile');
const out = join(folder.path, 'out');
afterAll(folder.remove);

const MARKERS = ['canary-object-Zp4Rt9Vb', 'canary-broken-Qm7Ls2Xw', 'canary-list-Hd5Nk8Jy'];
const never = new AbortController().signal;

function hitsIn(content: Buffer, where: string): string[] {
  return [...MARKERS, KEYS['k-new'], KEYS['k-old']].flatMap((marker) => (encodings(marker).some((needle) => content.includes(needle)) ? [`${marker} in ${where}`] : []));
}

it('markers and keys are found nowhere but in the file that was asked for', async () => {
  mkdirSync(out);
  const profile = await openBulkProfile(profileDir, { log: openLogFile({ profileDir, clock: systemClock }) });
  await addDeployment(profile.session);
  const events: unknown[] = [];
  profile.emitter.listen((event) => events.push(event));
  const filler = 'x'.repeat(500);
  store(profile.session, [
    ...Array.from({ length: 3000 }, (_, index) => rowOf(index + 1, wrap(seal(`{"secret":"${MARKERS[0]}","n":"${index}${filler}"}`, { by: index % 2 === 0 ? 'k-new' : 'k-old', iv: index % 250 })))),
    rowOf(5001, wrap(seal(`{"secret":"${MARKERS[1]}"`))), rowOf(5002, wrap(seal(`["${MARKERS[2]}"]`))), rowOf(5003, wrap(seal(`"${MARKERS[2]}"`))), rowOf(5004, wrap(seal(`{"secret":"${MARKERS[0]}"}`, { by: 'stranger' }), 'gone')),
  ]);
  const calls = auditBulkHandlers(profile.bulk);
  const context = { signal: never };
  const selection = { query: '' };
  const { digest } = await calls['audit.bulkPlan']({ deploymentId: DEPLOYMENT, selection }, context);
  const asked = { deploymentId: DEPLOYMENT, selection, digest, reason: 'canary search' };
  const run = await calls['audit.bulkDecrypt'](asked, context);
  const shown = await calls['audit.bulkResults']({ bulkId: run.bulkId, text: MARKERS[0] ?? '', outcome: null, offset: 0, limit: 5 }, context);
  expect(shown.matching).toBe(3000);
  expect(shown.rows[0]?.payload).toContain(MARKERS[0]);
  const recipient = await identityToRecipient(await generateIdentity());
  await calls['audit.bulkExport']({ ...asked, path: join(out, 'opened.age'), protection: { kind: 'age', recipients: [recipient] } }, context);
  await calls['audit.checks']({ deploymentId: DEPLOYMENT }, context);
  const failures: string[] = [];
  const failing = async (doing: unknown): Promise<void> => { await Promise.resolve(doing).catch((error: unknown) => failures.push(JSON.stringify([String(error), (error as Error).stack, (error as { hint?: string }).hint, String((error as Error).cause)]))); };
  const stop = new AbortController();
  const watching = profile.emitter.listen((event) => { if (event.name === 'job.progressed' && (event.payload as { done: number }).done > 0) stop.abort(); });
  await failing(calls['audit.bulkDecrypt'](asked, { signal: stop.signal }));
  watching();
  await failing(calls['audit.bulkDecrypt']({ ...asked, digest: 'f'.repeat(64) }, context));
  await failing(calls['audit.bulkExport']({ ...asked, path: join(out, 'opened.age'), protection: { kind: 'age', recipients: [recipient] } }, context));
  await failing(calls['audit.bulkExport']({ ...asked, path: join(out, 'never.age'), protection: { kind: 'age', recipients: [await generateIdentity()] } }, context));
  expect(failures).toHaveLength(4);
  const ledger = JSON.stringify(profile.ledger.list(null, 1000).entries);

  const search = (): string[] => [
    ...filesUnder(profileDir).flatMap((path) => hitsIn(readFileSync(path), path.slice(profileDir.length))), ...filesUnder(out).flatMap((path) => hitsIn(readFileSync(path), path)),
    ...hitsIn(Buffer.from(ledger), 'the ledger'), ...hitsIn(Buffer.from(JSON.stringify(events)), 'the events'), ...hitsIn(Buffer.from(failures.join('')), 'the errors'),
  ];
  expect(search()).toEqual([]);
  profile.session.lock('asked');
  await profile.session.unlock(null);
  await failing(calls['audit.bulkResults']({ bulkId: run.bulkId, text: '', outcome: null, offset: 0, limit: 5 }, context));
  expect(failures).toHaveLength(5);
  // In the clear it stands in the file that was asked for, and still nowhere else.
  await calls['audit.bulkExport']({ ...asked, path: join(folder.path, 'clear.jsonl'), protection: { kind: 'plaintext', confirmName: 'acme' } }, context);
  expect(hitsIn(readFileSync(join(folder.path, 'clear.jsonl')), 'the file')).toEqual([`${MARKERS[0]} in the file`]);
  await profile.close();
  expect(search()).toEqual([]);
  expect(filesUnder(profileDir).some((path) => path.includes('log'))).toBe(true);

  // The search itself can find: the same marker in each encoding is a hit.
  for (const bytes of encodings(MARKERS[0] ?? '')) expect(hitsIn(Buffer.concat([Buffer.from('....'), bytes, Buffer.from('....')]), 'planted')).toEqual([`${MARKERS[0]} in planted`]);
  writeFileSync(join(profileDir, 'planted'), MARKERS[0] ?? '');
  expect(search()).toHaveLength(1);
}, 120_000);
