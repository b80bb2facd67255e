// Rows as text for the clipboard, written by core in our export form; it copies nothing that is too much, and says what to do instead.
import { announce } from '../../../lib/announce.ts';
import { call, ClientError } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';

/** The contract's limit for one rendering. */
export const MAX_COPIED = 1000;
/** The contract's limit for the clipboard. */
const MAX_TEXT = 524_288;

export interface Copied { readonly rows: number; readonly format: 'json' | 'csv'; readonly clearsAfterSeconds: number }

function refusal(message: string, hint: string): ClientError {
  return new ClientError({ code: 'too_large', message, hint, id: 'window' });
}

/** @throws ClientError */
export async function copyRows(deploymentId: string, ids: readonly number[], format: 'json' | 'csv'): Promise<Copied> {
  if (ids.length > MAX_COPIED) throw refusal(`Nothing was copied: the clipboard takes ${plural(MAX_COPIED, 'row')} at most.`, 'Export writes any number of rows to a file.');
  const { text } = await call('audit.render', { deploymentId, ids: [...ids], format });
  if (text.length > MAX_TEXT) throw refusal('Nothing was copied: these rows are more text than the clipboard takes.', 'Select fewer rows, or export them to a file.');
  const { copied, clearsAfterSeconds } = await call('clipboard.copy', { text });
  if (!copied) throw new ClientError({ code: 'not_offered', message: 'Nothing was copied: this window has no clipboard.', hint: 'Export the rows to a file instead.', id: 'window' });
  announce(`${plural(ids.length, 'row')} copied as ${format.toUpperCase()}. It leaves the clipboard in ${clearsAfterSeconds} seconds.`);
  return { rows: ids.length, format, clearsAfterSeconds };
}
