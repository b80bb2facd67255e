// The command that opens payloads for a stated reason: one of them on the screen, or those of a query into a file. Nothing is opened before the ledger entry is on disk.
import { visibleBlock } from '#shared/domain/visible-text.ts';
import type { ArgumentSpec } from '../args.ts';
import { command } from '../command.ts';
import type { Command, Context, Result } from '../command.ts';
import { UsageError } from '../failure.ts';
import { counted, fields, say, utc } from '../print.ts';
import { checkedQuery } from './audit-event-text.ts';
import { deploymentNamed, NAME } from './named.ts';
import { outFile } from './out-file.ts';
import { payloadFields } from './payload-fields.ts';

const ID = { name: 'ID', type: 'id', optional: true, about: 'id of the audit event, a whole number as the server gave it; left out with --query' } as const satisfies ArgumentSpec;

interface Options { readonly reason: string; readonly server: boolean; readonly query: string | undefined; readonly out: string | undefined; readonly 'age-recipient': string | undefined; readonly plaintext: boolean }

const decrypt = command({
  words: ['audit', 'decrypt'],
  summary: 'Open one payload, or all of a query into a file, for a stated reason that the ledger holds before.',
  arguments: [NAME, ID],
  options: {
    reason: { type: 'text', value: 'TEXT', required: true, about: 'why, 3 to 256 characters; goes into the ledger' },
    server: { type: 'flag', about: 'one payload: let the deployment decrypt it, instead of doing it here with a stored key' },
    query: { type: 'text', value: 'QUERY', about: 'all encrypted payloads that match, written as for audit search; encrypted:yes means every one' },
    out: { type: 'text', value: 'FILE', about: 'with --query: the file to write, one JSON object a line; one that exists is refused' },
    'age-recipient': { type: 'text', value: 'R', about: 'with --query: encrypt the file to this public key of age; several with commas between them' },
    plaintext: { type: 'flag', about: 'with --query: write the payloads in the clear. This flag is the confirmation' },
  },
  notes: ['At dialect A, --server is a GET that writes a row at the deployment and carries the reason in its address.'],
}, ({ args: [name, id], options }, context) => {
  if (id === null) return decryptMany(name, options, context);
  for (const option of ['query', 'out', 'age-recipient'] as const) if (options[option] !== undefined) throw wrong(`--${option} goes without an ID: it is about all payloads of a query.`);
  if (options.plaintext) throw wrong('--plaintext goes without an ID: one payload is shown, not written.');
  return decryptOne({ name, id }, options, context);
});

const wrong = (message: string): UsageError => new UsageError(message, ['audit', 'decrypt']);

async function decryptOne({ name, id }: { readonly name: string; readonly id: number }, options: Options, context: Context): Promise<Result> {
  const opened = await context.serve(['deployment.list', 'audit.decrypt'], async (app) => {
    const deployment = await deploymentNamed(app, name);
    if (options.server && deployment.dialect === 'A') context.note('This deployment decrypts by a GET that writes a row of its own and carries the reason in its address, where logs and proxies may keep it.');
    return app.call('audit.decrypt', { deploymentId: deployment.id, id, reason: options.reason, where: options.server ? 'server' : 'here' });
  });
  const head = fields([
    ['Event', opened.id],
    ['Opened', `${opened.where === 'here' ? 'on this machine' : 'by the deployment'}${opened.wasEncrypted ? '' : '; it was not encrypted'}`],
    ['Key', opened.keyId ?? 'not named'],
    ['Key on the row', opened.keyIdOnRow],
    ['Sealed', opened.sealedAt === null ? null : utc(opened.sealedAt)],
    ['Ledger entry', opened.ledgerEntry],
    ['Reason', opened.reason],
  ], context.look);
  return { document: { ...opened, ...payloadFields(opened.payload) }, text: `${head}\n\n${visibleBlock(opened.payload)}` };
}

async function decryptMany(name: string, options: Options, context: Context): Promise<Result> {
  const { query: given, out } = options;
  const recipients = options['age-recipient']?.split(',').map((each) => each.trim()).filter((each) => each !== '');
  if (given === undefined) throw wrong('Give the ID of one event, or --query QUERY.');
  if (out === undefined) throw wrong('--out FILE is missing: the payloads of a query go into a file.');
  if (options.server) throw wrong('--server goes with an ID only: many payloads are opened on this machine.');
  if ((recipients === undefined) === !options.plaintext) throw wrong('Give either --age-recipient R, to encrypt the file, or --plaintext.');
  if (recipients?.length === 0) throw wrong('--age-recipient is empty.');
  const query = checkedQuery(given);
  const path = outFile(out, ['audit', 'decrypt']);
  const result = await context.serve(['deployment.list', 'audit.bulkPlan', 'audit.bulkExport'], async (app) => {
    const deployment = await deploymentNamed(app, name);
    const selection = { query };
    const { digest } = await app.call('audit.bulkPlan', { deploymentId: deployment.id, selection });
    const protection = recipients === undefined ? { kind: 'plaintext' as const, confirmName: deployment.name } : { kind: 'age' as const, recipients };
    return app.call('audit.bulkExport', { deploymentId: deployment.id, selection, digest, reason: options.reason, path, protection });
  });
  const { counts } = result;
  if (counts.damaged > 0 && counts.opened === 0) context.note('No payload was opened with the keys held here, although their ids fit. Such rows count as damaged; the keys may be the wrong ones: see holdfast audit key list.');
  const text = fields([
    ['File', result.path],
    ['Protected', recipients === undefined ? { text: 'no: in the clear', tone: 'doubtful' } : 'encrypted with age'],
    ['Opened', counts.opened],
    ['No key held', counts.noKey],
    ['Damaged, or another key', counts.damaged],
    ['Not an object', counts.notObject],
    ['Bytes', result.bytes],
    ['SHA-256 of the file', result.sha256],
    ['SHA-256 of the ids', result.digest],
    ['Ledger entry', result.ledgerEntry],
  ], context.look);
  return { document: result, text: `${say`Wrote ${counted(result.rows, 'row')}.`}\n\n${text}` };
}

export const auditDecryptCommands: readonly Command[] = [decrypt];
