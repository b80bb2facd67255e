// What a rule of the Electron host is in these tests: a probe of a running host, and the changes of the source after which the probe must fail.
import type { Change, RunningHost, StartOptions } from './electron-host.ts';
import { cancellable, FakeContents, FakeSession } from './fake-electron.ts';

export interface Rule {
  readonly title: string;
  readonly probe: (host: RunningHost) => Promise<void> | void;
  /** The source without this rule; more than one where several lines keep it. */
  readonly without: readonly Change[];
  readonly start?: StartOptions;
}

/** The source without a piece of text. */
export const drop = (file: string, from: string): Change => ({ file, from, to: '' });
/** The source with another text in its place. */
export const swap = (file: string, from: string, to: string): Change => ({ file, from, to });

/** Every session counts, also one that something else made. */
export function eachSession(host: RunningHost, probe: (session: FakeSession) => void): void {
  const other = new FakeSession('persist:another');
  for (const session of [host.contents.session, other]) probe(session);
}

/** Every web contents counts, also one that is not the window. */
export function eachContents(host: RunningHost, probe: (contents: FakeContents) => void): void {
  const other = new FakeContents(host.contents.session);
  for (const contents of [host.contents, other]) probe(contents);
}

/** Whether what was emitted was prevented. */
export function cancelledBy(emit: (event: ReturnType<typeof cancellable>) => void): boolean {
  const event = cancellable();
  emit(event);
  return event.defaultPrevented;
}
