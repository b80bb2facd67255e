// The baselines that can be used: those that ship with the program and those that were imported. An imported one never replaces a shipped one; a newer version of itself it does.
import type { Baseline } from '#shared/domain/posture.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { LedgerService } from '../ledger/service.ts';
import type { Clock } from '../ports.ts';
import { recorded } from '../recorded.ts';
import type { Session } from '../session.ts';
import { readEvidenceFile } from './evidence-files.ts';
import { readPack, shippedPacks } from './packs.ts';
import type { LoadedPack } from './packs.ts';
import { importedBaselines, putBaseline } from './queries.ts';

export interface UsableBaseline extends LoadedPack { readonly about: Baseline }

export interface Baselines {
  list(): readonly UsableBaseline[];
  /** @throws AppError baseline_not_found */
  find(id: string): UsableBaseline;
  /** The one that ships for a kind. */
  shippedFor(kind: 'navi' | 'karen'): UsableBaseline;
  /** @throws AppError invalid_baseline with file, line and reason; baseline_exists */
  import(path: string): Promise<Baseline>;
}

function usable(loaded: LoadedPack, importedAtUs: number | null): UsableBaseline {
  const { pack, digest } = loaded;
  return { ...loaded, about: { id: pack.id, version: pack.version, title: pack.title, kind: pack.kind, checks: pack.checks.length, digest, source: pack.source, origin: importedAtUs === null ? 'shipped' : 'imported', importedAt: importedAtUs === null ? null : formatInstantUs(importedAtUs) } };
}

export function createBaselines({ session, ledger, clock }: { session: Session; ledger: LedgerService; clock: Clock }): Baselines {
  /** Compiled once: their text never changes under one digest. */
  const compiled = new Map<string, LoadedPack>();

  /** Null for one that this version does not read any more: it stands in nobody's way, and its file can be imported again. */
  function loadedOf({ digest, id, text }: { readonly digest: string; readonly id: string; readonly text: string }): LoadedPack | null {
    const held = compiled.get(digest);
    if (held !== undefined) return held;
    try {
      const loaded = readPack(text, `baseline ${id}`);
      compiled.set(digest, loaded);
      return loaded;
    } catch (error) {
      if (error instanceof AppError && error.code === 'invalid_baseline') return null;
      throw error;
    }
  }

  function list(): readonly UsableBaseline[] {
    const imported = importedBaselines(session.read()).flatMap((stored) => {
      const loaded = loadedOf(stored);
      return loaded === null ? [] : [usable(loaded, stored.importedAtUs)];
    });
    return [...shippedPacks().map((loaded) => usable(loaded, null)), ...imported];
  }

  return {
    list,
    find(id) {
      const found = list().find(({ pack }) => pack.id === id);
      if (found === undefined) throw new AppError('baseline_not_found', { message: `There is no baseline ${id}.`, hint: 'See the list of baselines, or import it first.' });
      return found;
    },
    shippedFor(kind) {
      const found = shippedPacks().find(({ pack }) => pack.kind === kind);
      if (found === undefined) throw new Error(`no baseline ships for ${kind}`);
      return usable(found, null);
    },
    async import(path) {
      const file = await readEvidenceFile(path);
      const loaded = readPack(file.bytes.toString('utf8'), file.name);
      if (shippedPacks().some(({ pack }) => pack.id === loaded.pack.id)) throw new AppError('baseline_exists', { message: `The baseline ${loaded.pack.id} ships with the program. Nothing was changed.`, hint: 'Give yours an id of its own.' });
      const before = importedBaselines(session.read()).find(({ id }) => id === loaded.pack.id);
      if (before?.digest === loaded.digest) throw new AppError('baseline_exists', { message: `The baseline ${loaded.pack.id} is here already, word for word. Nothing was changed.`, hint: 'Choose it in the list of baselines.' });
      const importedAtUs = clock.now() * 1000;
      const outcome = `sha256 ${loaded.digest}${before === undefined ? '' : `, in place of ${before.digest}`}`;
      await recorded(ledger, { action: 'security.baseline.imported', deployment: null, subject: `${loaded.pack.id} ${loaded.pack.version}`, outcome }, () => putBaseline(session.write(), { digest: loaded.digest, id: loaded.pack.id, text: loaded.text, importedAtUs }));
      return usable(loaded, importedAtUs).about;
    },
  };
}
