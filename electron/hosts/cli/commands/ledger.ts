// The commands about the ledger: list its entries, verify its chain.
import { DOUBTFUL_VERDICTS } from '#shared/domain/ledger.ts';
import type { LedgerEntry } from '#shared/domain/ledger.ts';
import { command } from '../command.ts';
import type { Command, Failing } from '../command.ts';
import { bareUtc, counted, fields, table } from '../print.ts';

const PAGE = 1000;

const list = command({
  words: ['ledger', 'list'],
  summary: 'List the ledger, newest entry first.',
  arguments: [],
  options: { limit: { type: 'count', value: 'N', fallback: 100, max: 1_000_000, about: 'at most so many entries' } },
}, async ({ options }, context) => {
  const { entries, total } = await context.serve(['ledger.list'], async (app) => {
    const found: LedgerEntry[] = [];
    for (;;) {
      const page = await app.call('ledger.list', { before: found.at(-1)?.seq ?? null, limit: Math.min(PAGE, options.limit - found.length) });
      found.push(...page.entries);
      if (page.entries.length === 0 || found.length >= options.limit || found.at(-1)?.seq === 1) return { entries: found, total: page.total };
    }
  });
  const rows = entries.map((entry) => [entry.seq, bareUtc(entry.at), entry.actor, entry.deployment, entry.action, entry.subject, entry.outcome, entry.reason]);
  const text = entries.length === 0 ? 'The ledger is empty.' : [
    table([{ title: 'NO', align: 'right' }, { title: 'TIME (UTC)' }, { title: 'ACTOR', cut: true }, { title: 'DEPLOYMENT', cut: true }, { title: 'ACTION' }, { title: 'SUBJECT', cut: true }, { title: 'OUTCOME', cut: true }, { title: 'REASON', cut: true }], rows, context.look),
    '',
    `${entries.length} of ${counted(total, 'entry', 'entries')}.`,
  ].join('\n');
  return { document: { entries, total }, text };
});

/** Verdicts that say the ledger was tampered with or cut. */
const BAD: ReadonlySet<string> = new Set(['broken', 'tail-removed']);

const verify = command({ words: ['ledger', 'verify'], summary: 'Check the chain of the ledger and the head that the secret store remembers.', arguments: [], options: {} }, async (_, context) => {
  const verdict = await context.serve(['ledger.verify'], (app) => app.call('ledger.verify', {}));
  const bad = BAD.has(verdict.verdict);
  const failing: Failing | undefined = bad ? { code: 'ledger_broken', message: verdict.message, hint: 'Keep this profile as it is and compare it with a backup: the entries before the break are still proven.' } : undefined;
  const text = fields([
    ['Verdict', { text: verdict.verdict, tone: bad ? 'bad' : DOUBTFUL_VERDICTS.has(verdict.verdict) ? 'doubtful' : 'good' }],
    ['Entries', verdict.entries],
    ['Remembered', verdict.rememberedEntries],
    ['First broken', verdict.firstBrokenSeq],
    ['Head', verdict.headDigest],
    ['Says', verdict.message],
    ['Cannot prove', verdict.limits],
  ], context.look);
  return { document: verdict, text, failing };
});

export const ledgerCommands: readonly Command[] = [list, verify];
