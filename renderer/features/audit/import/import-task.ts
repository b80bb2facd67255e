// The import that a window started, and the ways from dropped or chosen files to their paths; file contents never pass through the page.
import type { CallInput, CallOutput } from '#shared/contract.ts';
import { announce } from '../../../lib/announce.ts';
import { call, pathOf, toClientError } from '../../../lib/client.ts';
import { refetch } from '../../../lib/query.ts';
import { createTasks } from '../../../components/tasks.ts';
import { reportSentence } from './import-words.ts';

export const importTasks = createTasks<CallInput<'audit.import'>, CallOutput<'audit.import'>>(async (input) => {
  const report = await call('audit.import', input);
  announce(reportSentence(report));
  refetch('audit.importList');
  return report;
});

export interface ChosenPaths {
  readonly paths: readonly string[];
  /** Why something of it was not taken, as a sentence; null when all of it was. */
  readonly refusal: string | null;
}

/** Paths of files that the admin chose or dropped. One that has none, for example something dragged out of a web page, is named. */
export async function pathsOf(files: readonly File[]): Promise<ChosenPaths> {
  const paths: string[] = [];
  const without: string[] = [];
  // One at a time: the host answers only so many at once.
  for (const file of files) {
    try {
      const path = await pathOf(file);
      if (path === null) without.push(file.name);
      else paths.push(path);
    } catch (error) {
      return { paths, refusal: toClientError(error).wire.message };
    }
  }
  return { paths, refusal: without.length === 0 ? null : withoutPath(without) };
}

function withoutPath(names: readonly string[]): string {
  return `${names.length === 1 ? `“${names[0] ?? ''}” is` : `${names.length} of these are`} no file on this machine, so nothing was taken from there. Save it first, then choose the file.`;
}
