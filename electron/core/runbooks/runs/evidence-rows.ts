// Evidence up to 1 MiB, as rows of the encrypted cache under the digest of their bytes; larger ones are refused here.
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { readingError } from '../../files/file-errors.ts';
import type { Clock } from '../../ports.ts';
import type { Session } from '../../session.ts';
import type { EvidencePort } from './evidence-port.ts';
import { evidenceBody, hasEvidence, insertEvidence } from './evidence-rows-queries.ts';

const MAX_BYTES = 1_048_576;
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** By the bytes: a name proves nothing. */
function typeOf(bytes: Buffer): string {
  const begins = (hex: string): boolean => bytes.subarray(0, hex.length / 2).toString('hex') === hex;
  if (begins('89504e470d0a1a0a')) return 'image/png';
  if (begins('ffd8ff')) return 'image/jpeg';
  return isUtf8(bytes) && !bytes.includes(0) ? 'text/plain' : 'application/octet-stream';
}

const tooLarge = (what: string): AppError => new AppError('too_large', { message: `${what} is larger than 1 MiB. Nothing was kept.`, hint: 'Choose a smaller file, for example the part that matters.' });

export function createEvidenceRows({ session, clock }: { readonly session: Session; readonly clock: Clock }): EvidencePort {
  async function keep(bytes: Buffer): Promise<string> {
    if (bytes.length > MAX_BYTES) throw tooLarge('This piece of evidence');
    await session.whenWritable({ maxMs: 10_000 });
    const digest = sha256(bytes);
    insertEvidence(session.write(), { digest, bytes, nowUs: clock.now() * 1000 });
    return digest;
  }

  return {
    keep,
    isHere: (digest) => hasEvidence(session.read(), digest),
    async addFile(path) {
      const name = basename(path).slice(0, 255);
      try {
        const handle = await open(path, 'r');
        try {
          const facts = await handle.stat();
          if (!facts.isFile()) throw new AppError('file_unreadable', { message: `${name} is no file. Nothing was kept.`, hint: 'Choose a file.' });
          if (facts.size > MAX_BYTES) throw tooLarge(name);
          const bytes = await handle.readFile();
          return { digest: await keep(bytes), name, bytes: bytes.length, type: typeOf(bytes) };
        } finally {
          await handle.close();
        }
      } catch (error) {
        const translated = readingError(error);
        if (translated instanceof AppError && translated.code === 'file_not_found') throw new AppError('file_not_found', { message: `There is no file ${name}. Nothing was kept.`, hint: 'Check the path.', cause: error });
        throw translated;
      }
    },
    read(digest) {
      const bytes = evidenceBody(session.read(), digest);
      if (bytes === null) return Promise.reject(new AppError('evidence_not_found', { message: 'These bytes are not here.', hint: 'Import a file of the run that holds its evidence.' }));
      if (sha256(bytes) !== digest) return Promise.reject(new AppError('evidence_damaged', { message: 'These bytes are not those of their digest any more. They were left as they are.', hint: 'Keep a copy of the profile, and import a file of the run that holds its evidence.' }));
      return Promise.resolve(bytes);
    },
  };
}
