// The commands about audit keys: add, list, remove. A key goes in by stdin and never out.
import { command } from '../command.ts';
import type { Command } from '../command.ts';
import { bareUtc, counted, say, table } from '../print.ts';
import { deploymentNamed, NAME } from './named.ts';

const KEY_ID = { type: 'text', value: 'ID', required: true, about: 'the id of the key, as the rows name it' } as const;

const add = command({
  words: ['audit', 'key', 'add'],
  summary: 'Store a key that opens encrypted audit payloads on this machine.',
  arguments: [NAME],
  options: { 'key-id': KEY_ID, 'key-stdin': { type: 'flag', required: true, about: 'read the key from stdin (32 bytes as base64url); on a terminal ask for it without echo' } },
}, async ({ args: [name], options }, context) => {
  const key = await context.readSecret('audit key');
  const added = await context.serve(['deployment.list', 'audit.keyAdd'], async (app) => app.call('audit.keyAdd', { deploymentId: (await deploymentNamed(app, name)).id, keyId: options['key-id'], key }));
  return { document: added, text: say`Stored the key ${added.keyId} (fingerprint ${added.fingerprint}); ${counted(added.rows, 'cached row names', 'cached rows name')} it.` };
});

const list = command({ words: ['audit', 'key', 'list'], summary: 'List the audit keys of a deployment by fingerprint, and the ids that have none.', arguments: [NAME], options: {} }, async ({ args: [name] }, context) => {
  const ring = await context.serve(['deployment.list', 'audit.keyList'], async (app) => app.call('audit.keyList', { deploymentId: (await deploymentNamed(app, name)).id }));
  const columns = [{ title: 'KEY ID', cut: true }, { title: 'FINGERPRINT' }, { title: 'ADDED (UTC)' }, { title: 'ROWS', align: 'right' }] as const;
  const rows = [
    ...ring.keys.map((key) => [key.keyId, key.fingerprint, bareUtc(key.addedAt), key.rows]),
    ...ring.idsWithoutKey.map(({ keyId, rows: count }) => [keyId ?? '(rows that name no key)', { text: 'no key stored', tone: 'doubtful' } as const, null, count]),
  ];
  return { document: ring, text: rows.length === 0 ? 'No key is stored, and no cached row needs one.' : table(columns, rows, context.look) };
});

const remove = command({
  words: ['audit', 'key', 'remove'],
  summary: 'Remove an audit key from this machine. Rows that need it can then no longer be opened here.',
  arguments: [NAME],
  options: { 'key-id': KEY_ID },
}, async ({ args: [name], options }, context) => {
  const keyId = options['key-id'];
  await context.serve(['deployment.list', 'audit.keyRemove'], async (app) => app.call('audit.keyRemove', { deploymentId: (await deploymentNamed(app, name)).id, keyId }));
  return { document: { removed: true, keyId }, text: say`Removed the key ${keyId}.` };
});

export const auditKeyCommands: readonly Command[] = [add, list, remove];
