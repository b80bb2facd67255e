// The files that were chosen for an import, each looked at by itself, so that one that cannot be read hides none of the others.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { InspectedFile } from '#shared/domain/audit-import.ts';
import { call, toClientError } from '../../../lib/client.ts';
import type { ClientError } from '../../../lib/client.ts';

/** As many as one import takes. */
export const MAX_FILES = 100;

export interface ChosenFile {
  readonly path: string;
  /** Null while it is being looked at, and when that failed. */
  readonly seen: InspectedFile | null;
  readonly error: ClientError | null;
}

export interface Inspection {
  readonly files: readonly ChosenFile[];
  readonly isLooking: boolean;
  /** Files that were left out, because an import takes no more than MAX_FILES. */
  readonly leftOut: number;
  add(paths: readonly string[]): void;
  remove(path: string): void;
}

export function useInspection(deploymentId: string, initialPaths: readonly string[]): Inspection {
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [leftOut, setLeftOut] = useState(0);
  const known = useRef<readonly string[]>([]);
  // One after the other: each look opens a file, and a hundred at once would be refused as too many calls.
  const queue = useRef<Promise<void>>(Promise.resolve());

  const look = useCallback(async (path: string): Promise<void> => {
    if (!known.current.includes(path)) return;
    let result: Omit<ChosenFile, 'path'>;
    try {
      const { files: [seen] } = await call('audit.importInspect', { deploymentId, paths: [path] });
      result = { seen: seen ?? null, error: null };
    } catch (error) {
      result = { seen: null, error: toClientError(error) };
    }
    setFiles((now) => now.map((file) => (file.path === path ? { path, ...result } : file)));
  }, [deploymentId]);

  const add = useCallback((paths: readonly string[]) => {
    const fresh = [...new Set(paths)].filter((path) => !known.current.includes(path));
    const taken = fresh.slice(0, Math.max(0, MAX_FILES - known.current.length));
    setLeftOut(fresh.length - taken.length);
    if (taken.length === 0) return;
    known.current = [...known.current, ...taken];
    setFiles((now) => [...now, ...taken.map((path) => ({ path, seen: null, error: null }))]);
    for (const path of taken) queue.current = queue.current.then(() => look(path));
  }, [look]);

  const remove = useCallback((path: string) => {
    known.current = known.current.filter((held) => held !== path);
    setFiles((now) => now.filter((file) => file.path !== path));
    setLeftOut(0);
  }, []);

  useEffect(() => () => { known.current = []; }, []);
  // More may be dropped on the screen behind while the dialog is open; what is known already is not taken twice.
  useEffect(() => { if (initialPaths.length > 0) add(initialPaths); }, [add, initialPaths]);

  return { files, isLooking: files.some(({ seen, error }) => seen === null && error === null), leftOut, add, remove };
}
