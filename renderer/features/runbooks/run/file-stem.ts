// The name that a new file of a run begins with: what a file can be called of its title, and the day.
import { fileStem } from '../../../components/file-name.ts';

/** For example SEV1-Token-replay-2026-11-22. */
export function runStem(title: string, nowMs: number): string {
  return `${/[a-z0-9]/iu.test(title.normalize('NFKD')) ? fileStem(title).slice(0, 48) : 'run'}-${new Date(nowMs).toISOString().slice(0, 10)}`;
}
