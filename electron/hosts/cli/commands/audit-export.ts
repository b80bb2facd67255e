// The command that writes cached audit rows to a file, with its manifest; payloads go out as they are stored, and a file that exists is never written over.
import { EXPORT_FORMATS } from '#shared/domain/audit-export.ts';
import { command } from '../command.ts';
import type { Command } from '../command.ts';
import { counted, fields, say } from '../print.ts';
import { checkedQuery } from './audit-event-text.ts';
import { deploymentNamed, NAME } from './named.ts';
import { outFile } from './out-file.ts';

const exportRows = command({
  words: ['audit', 'export'],
  summary: 'Write cached audit events to a file, oldest first, with a manifest beside it. Asks nobody.',
  arguments: [NAME],
  options: {
    query: { type: 'text', value: 'QUERY', fallback: '', about: 'only events that match, written as for audit search; left out: all of them' },
    format: { type: 'text', value: 'FORMAT', required: true, choices: EXPORT_FORMATS, about: 'jsonl and csv can be imported again; ocsf, cef and syslog are for other systems' },
    out: { type: 'text', value: 'FILE', required: true, about: 'the file to write; one that exists is refused. The manifest is FILE.manifest.json' },
  },
  notes: ['Encrypted payloads stay encrypted. The same events give the same bytes, so the digest can be compared.'],
}, async ({ args: [name], options }, context) => {
  const query = checkedQuery(options.query);
  const path = outFile(options.out, ['audit', 'export']);
  const result = await context.serve(['deployment.list', 'audit.export'], async (app) => app.call('audit.export', { deploymentId: (await deploymentNamed(app, name)).id, query, format: options.format, path }));
  const text = fields([['File', result.path], ['Manifest', result.manifestPath], ['Events', result.rows], ['Bytes', result.bytes], ['SHA-256', result.sha256]], context.look);
  return { document: result, text: `${say`Wrote ${counted(result.rows, 'event')}.`}\n\n${text}` };
});

export const auditExportCommands: readonly Command[] = [exportRows];
