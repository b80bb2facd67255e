// Files in the clear that were being written: noted in the encrypted cache before the first byte, so that what a killed process leaves is removed at the next start.
import { readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isDead, readPartialName, targetTag } from '../../files/partial-name.ts';
import type { Session } from '../../session.ts';
import { deleteDraft, insertDraft, listDrafts } from './bulk-queries.ts';

/** Removes what dead processes left of the files that were noted. A folder that cannot be read now (a stick that is not in) is tried again next time. */
export async function clearDrafts(session: Session): Promise<void> {
  if (session.access() !== 'write') return;
  for (const path of listDrafts(session.read())) {
    if (!await clearDraft(path)) continue;
    await session.whenWritable();
    // Closed meanwhile: the note is dropped at the next start.
    if (session.state() !== 'open') return;
    deleteDraft(session.write(), path);
  }
}

/** @returns true when nothing of it is left */
async function clearDraft(path: string): Promise<boolean> {
  let names: string[];
  try {
    names = await readdir(dirname(path));
  } catch {
    return false;
  }
  let isClear = true;
  for (const name of names) {
    const owner = readPartialName(name);
    if (owner === null || owner.target !== targetTag(basename(path))) continue;
    const removed = isDead(owner) && await unlink(join(dirname(path), name)).then(() => true, () => false);
    if (!removed) isClear = false;
  }
  return isClear;
}

/** Runs `write` with the file noted; the note goes when the file is whole or gone. */
export async function noted<T>(session: Session, { path, atUs }: { readonly path: string; readonly atUs: number }, write: () => Promise<T>): Promise<T> {
  insertDraft(session.write(), path, atUs);
  try {
    return await write();
  } finally {
    // Locked or busy: the note stays, and the next start finds nothing to remove.
    try {
      deleteDraft(session.write(), path);
    } catch {
      // Nothing is lost: a note without a file is dropped at the next start.
    }
  }
}
