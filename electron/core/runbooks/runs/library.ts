// The runbooks that a run can be started from: those that ship with the program and those that were imported. An imported one never replaces a shipped one; of its versions the newest counts.
import { stat, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CallOutput } from '#shared/contract.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { readingError } from '../../files/file-errors.ts';
import type { LedgerService } from '../../ledger/service.ts';
import type { Clock } from '../../ports.ts';
import { recorded } from '../../recorded.ts';
import type { Session } from '../../session.ts';
import { lintRunbook, MAX_RUNBOOK_BYTES, readRunbook, shippedRunbooks } from '../packs/packs.ts';
import type { LoadedRunbook } from '../packs/packs.ts';
import { importedRunbooks, keepRunbook } from './run-queries.ts';
import { stepsIn } from './store.ts';

type Head = CallOutput<'runbook.import'>;
export interface UsableRunbook extends LoadedRunbook { readonly head: Head }

export interface Library {
  list(): readonly UsableRunbook[];
  /** @throws AppError runbook_not_found */
  find(id: string): UsableRunbook;
  /** Digest of the text that is here under this id and version; null when there is none. */
  digestOf(id: string, version: string): string | null;
  lint(path: string): Promise<CallOutput<'runbook.lint'>>;
  import(path: string): Promise<Head>;
}

function usable(loaded: LoadedRunbook, importedAtUs: number | null): UsableRunbook {
  const { pack, digest } = loaded;
  return {
    ...loaded,
    head: { id: pack.id, version: pack.version, title: pack.title, kind: pack.kind, digest, steps: stepsIn(pack).length, isShipped: importedAtUs === null, importedAt: importedAtUs === null ? null : formatInstantUs(importedAtUs), applies: [...pack.applies ?? []] },
  };
}

/** Below 0 when `a` is the older one. */
function byVersion(a: string, b: string): number {
  const [left, right] = [a.split('.').map(BigInt), b.split('.').map(BigInt)];
  for (let at = 0; at < 3; at += 1) if (left[at] !== right[at]) return (left[at] ?? 0n) < (right[at] ?? 0n) ? -1 : 1;
  return 0;
}

/** Text of a file that may be a runbook. @throws AppError file_not_found, file_unreadable, too_large */
async function textOf(path: string): Promise<string> {
  try {
    const facts = await stat(path);
    if (!facts.isFile()) throw new AppError('file_unreadable', { message: `${basename(path)} is no file. Nothing was taken.`, hint: 'Choose a file.' });
    if (facts.size > MAX_RUNBOOK_BYTES) throw new AppError('too_large', { message: `${basename(path)} is larger than 1 MiB, which no runbook is. Nothing was taken.`, hint: 'Choose the file of a runbook.' });
    return await readFile(path, 'utf8');
  } catch (error) {
    const translated = readingError(error);
    if (translated instanceof AppError && translated.code === 'file_not_found') throw new AppError('file_not_found', { message: `There is no file ${basename(path)}. Nothing was taken.`, hint: 'Check the path.', cause: error });
    throw translated;
  }
}

export function createLibrary({ session, ledger, clock }: { readonly session: Session; readonly ledger: LedgerService; readonly clock: Clock }): Library {
  /** Read once: a text never changes under its digest. */
  const read = new Map<string, LoadedRunbook>();

  function list(): readonly UsableRunbook[] {
    const newest = new Map<string, UsableRunbook>();
    for (const { digest, id, text, importedAtUs } of importedRunbooks(session.read())) {
      const loaded = read.get(digest) ?? readRunbook(text, `runbook ${id}`);
      read.set(digest, loaded);
      const known = newest.get(id);
      if (known === undefined || byVersion(known.pack.version, loaded.pack.version) < 0) newest.set(id, usable(loaded, importedAtUs));
    }
    const shipped = shippedRunbooks();
    // A later program may ship what was imported before: then its own counts.
    return [...shipped.map((loaded) => usable(loaded, null)), ...[...newest.values()].filter(({ pack }) => !shipped.some((each) => each.pack.id === pack.id))];
  }

  return {
    list,
    find(id) {
      const found = list().find(({ pack }) => pack.id === id);
      if (found === undefined) throw new AppError('runbook_not_found', { message: `There is no runbook ${id}.`, hint: 'See the list of runbooks, or import it first.' });
      return found;
    },
    digestOf(id, version) {
      // Those that ship are read already; texts that were imported lie in the cache.
      const known = shippedRunbooks().find(({ pack }) => pack.id === id) ?? list().find(({ pack }) => pack.id === id);
      return known?.pack.version === version ? known.digest : null;
    },
    async lint(path) {
      const text = await textOf(path);
      const problems = lintRunbook(text).map(({ line, column, message }) => ({ line, column, message }));
      const pack = problems.length === 0 ? readRunbook(text, basename(path)).pack : null;
      return { problems, id: pack?.id ?? null, steps: pack === null ? 0 : stepsIn(pack).length };
    },
    async import(path) {
      const loaded = readRunbook(await textOf(path), basename(path));
      const { pack, digest, text } = loaded;
      const known = list().find((each) => each.pack.id === pack.id);
      const refuse = (message: string, hint: string): AppError => new AppError('runbook_exists', { message: `${message} Nothing was changed.`, hint });
      if (known?.head.isShipped === true) throw refuse(`The runbook ${pack.id} ships with the program.`, 'Give yours an id of its own.');
      if (known !== undefined && byVersion(known.pack.version, pack.version) >= 0) throw refuse(`The runbook ${pack.id} is here in version ${known.pack.version}.`, 'Give yours a later version, or an id of its own.');
      const importedAtUs = clock.now() * 1000;
      await recorded(ledger, { action: 'runbook.imported', deployment: null, subject: `${pack.id} ${pack.version}`, outcome: `sha256 ${digest}` }, () => keepRunbook(session.write(), { digest, id: pack.id, text, importedAtUs }, importedAtUs));
      return usable(loaded, importedAtUs).head;
    },
  };
}
