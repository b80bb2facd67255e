// Stored JSON inside a line of JSON: it is put in as it stands and never written anew, so that no number and no doubled key is lost.
import type { ExportRow } from './export-row.ts';

export interface SplicedPayload {
  /** JSON on one line. */
  readonly json: string;
  /** The stored text, where `json` is not it, character for character. */
  readonly exactText: string | null;
}

/** Line breaks in JSON can only stand between its parts, where a space says the same. What is no JSON stands as text. */
export function splicedPayload({ body }: ExportRow): SplicedPayload {
  if (body === null) return { json: 'null', exactText: null };
  if (!isJson(body)) return { json: 'null', exactText: body };
  return /[\r\n]/.test(body) ? { json: body.replace(/[\r\n]/g, ' '), exactText: body } : { json: body, exactText: null };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
