// An export and its manifest as a pair: under its final name a file always has its manifest; what a crash may leave is a manifest alone, and a later export may replace it.
import { lstat, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { exportManifest } from '#shared/domain/audit-export.ts';
import type { ExportManifest } from '#shared/domain/audit-export.ts';
import { visibleJson } from '#shared/domain/visible-text.ts';
import { openAtomicFile } from '../../files/atomic-file.ts';
import type { AtomicFile, Sealed } from '../../files/atomic-file.ts';

export const MANIFEST_END = '.manifest.json';
/** A larger file is none of ours. */
const MANIFEST_MAX_BYTES = 16_777_216;

export interface ExportPair {
  readonly manifestPath: string;
  write(chunk: Buffer | string): Promise<void>;
  /** Puts both under their names; `note` is told of each before. After a failure neither is left. @throws AppError file_exists, file_unwritable or disk_full */
  commit(describe: (sealed: Sealed) => ExportManifest, note?: (path: string, sealed: Sealed) => Promise<void>): Promise<Sealed>;
  abort(): Promise<void>;
}

/** @param profileDir where no file may go. @throws AppError file_exists, file_unwritable or disk_full */
export async function openExportPair(path: string, profileDir: string): Promise<ExportPair> {
  const manifestPath = `${path}${MANIFEST_END}`;
  const data = await openAtomicFile(path, { profileDir });
  let manifest: AtomicFile;
  try {
    manifest = await openAtomicFile(manifestPath, { profileDir, mayReplace: (held) => isOrphan(held, path) });
  } catch (error) {
    await data.abort();
    throw error;
  }
  const abort = async (): Promise<void> => {
    await data.abort();
    await manifest.abort();
  };
  return {
    manifestPath,
    write: (chunk) => data.write(chunk),
    async commit(describe, note = async () => undefined) {
      try {
        const sealed = await data.seal();
        await manifest.write(`${visibleJson(describe(sealed))}\n`);
        await note(manifestPath, await manifest.seal());
        await note(path, sealed);
        await manifest.commit();
        await data.commit();
        return sealed;
      } catch (error) {
        await abort();
        await manifest.withdraw();
        throw error;
      }
    },
    abort,
  };
}

/** A manifest of ours whose file is not there. */
async function isOrphan(manifestPath: string, path: string): Promise<boolean> {
  try {
    if (await lstat(path).then(() => true, () => false)) return false;
    const facts = await lstat(manifestPath);
    if (!facts.isFile() || facts.size > MANIFEST_MAX_BYTES) return false;
    const found = exportManifest.safeParse(JSON.parse(await readFile(manifestPath, 'utf8')));
    return found.success && found.data.file === basename(path);
  } catch {
    return false;
  }
}
