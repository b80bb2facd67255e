// Reads age recipients out of a field: shape only, so that a slip is said at once; core checks each again before it writes.

/** Classic recipients have 62 characters; those for post-quantum and hardware keys name their kind and are longer. */
const CLASSIC = /^age1[02-9ac-hj-np-z]{58}$/u;
const NAMED = /^age1(?:pq|tag|tagpq)1[02-9ac-hj-np-z]{40,2000}$/u;
const MAX_RECIPIENTS = 20;

export interface Recipients {
  readonly recipients: readonly string[];
  /** What is wrong, as a sentence; null when the field can be used. */
  readonly error: string | null;
}

/** Recipients stand one a line, or apart by spaces or commas; lines that begin with # are left out. */
export function readRecipients(text: string): Recipients {
  const words = text.split(/\r?\n/u).filter((line) => !line.trimStart().startsWith('#')).flatMap((line) => line.split(/[\s,;]+/u)).filter((word) => word !== '');
  const recipients = [...new Set(words)];
  const bad = recipients.findIndex((word) => !CLASSIC.test(word) && !NAMED.test(word));
  if (recipients.length === 0) return { recipients, error: 'Give at least one recipient.' };
  if (recipients.some((word) => word.toUpperCase().startsWith('AGE-SECRET-KEY-'))) return { recipients, error: 'This is a secret key, which opens files. Take it out of the field, and give the recipient that belongs to it: it begins with age1.' };
  if (recipients.some((word) => word.startsWith('ssh-'))) return { recipients, error: 'An SSH key cannot be used here. Give a recipient that begins with age1.' };
  if (bad !== -1) return { recipients, error: `${recipients.length === 1 ? 'This is' : `Number ${bad + 1} is`} no age recipient: one begins with age1 and has 62 characters, all in lower case.` };
  if (recipients.length > MAX_RECIPIENTS) return { recipients, error: `Give at most ${MAX_RECIPIENTS} recipients.` };
  return { recipients, error: null };
}
