// Entries of the ledger that name a set and have no second entry: the profile was locked, or the program ended, in the middle. They get one as soon as the ledger takes one again.
import type { LedgerService } from '../../ledger/service.ts';
import type { Log } from '../../ports.ts';
import type { Session } from '../../session.ts';
import { bulkEntries } from './bulk-queries.ts';
import type { BulkEntry } from './bulk-queries.ts';

type First = 'audit.bulk.decrypt' | 'audit.bulk.export';
/** True of every run without its second entry: results are shown, and a file gets its name, only after that. */
const KEPT: Readonly<Record<First, string>> = { 'audit.bulk.decrypt': 'nothing was shown', 'audit.bulk.export': 'no file was given its name' };
const ABOUT = /^about entry (\d+): /;

export interface UntoldEnds {
  /** Runs work that writes a first entry and the second one itself, if it can. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Has the second entries written that are missing; while a run is under way, after it. What fails is told next time. */
  tell(): void;
}

export function createUntoldEnds({ session, ledger, log }: { readonly session: Session; readonly ledger: LedgerService; readonly log: Log }): UntoldEnds {
  let underWay = 0;
  let isDue = false;
  // One after another: two at once would both find the same entry.
  let telling: Promise<void> = Promise.resolve();

  async function tellAll(): Promise<void> {
    if (session.access() !== 'write' || session.state() !== 'open') return;
    for (const { seq, action, deployment, subject, reason } of untold(bulkEntries(session.read()))) {
      await ledger.append({ action: `${action}.ended`, deployment, subject, reason, outcome: `about entry ${seq}: its end could not be told at the time (locked, closed, killed, or no entry could be written); ${KEPT[action]}` });
    }
  }

  function tell(): void {
    isDue = underWay > 0;
    if (isDue) return;
    telling = telling.then(tellAll).catch((error: unknown) => { log.error('the end of an interrupted run could not be told in the ledger; it is told at the next start', { cause: String(error) }); });
  }

  return {
    tell,
    async during(work) {
      underWay += 1;
      try {
        return await work();
      } catch (error) {
        isDue = true;
        throw error;
      } finally {
        underWay -= 1;
        if (isDue) tell();
      }
    },
  };
}

type FirstEntry = BulkEntry & { readonly action: First };
const isFirst = (entry: BulkEntry): entry is FirstEntry => entry.action in KEPT;

/** Runs of one kind and one deployment do not overlap: a second entry belongs to the first one before it, unless it names another. */
function untold(entries: readonly BulkEntry[]): FirstEntry[] {
  const found = new Map<number, FirstEntry>();
  const latest = new Map<string, number>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.action.replace(/\.ended$/, ''), entry.deployment, entry.subject]);
    if (isFirst(entry)) {
      found.set(entry.seq, entry);
      latest.set(key, entry.seq);
    } else {
      const about = ABOUT.exec(entry.outcome)?.[1];
      found.delete(about === undefined ? latest.get(key) ?? 0 : Number(about));
    }
  }
  return [...found.values()];
}
