// The one command about the installation itself: what works, what does not, what nobody can tell; made to run where the rest does not.
import { DOUBTFUL_VERDICTS } from '#shared/domain/ledger.ts';
import { release } from 'node:os';
import type { AppStatus } from '#shared/contract/app.ts';
import type { CredentialsStatus, KeychainState } from '#shared/domain/credentials.ts';
import type { LedgerVerdict } from '#shared/domain/ledger.ts';
import type { ErrorCode, WireError } from '#shared/errors.ts';
import { command } from '../command.ts';
import type { Command, Failing } from '../command.ts';
import { counted, table, utc } from '../print.ts';
import type { Tone } from '../print.ts';
import { inspectProfile } from './doctor-profile.ts';

export type Verdict = 'ok' | 'warn' | 'fail' | 'unknown';

export interface Finding {
  readonly name: string;
  readonly verdict: Verdict;
  readonly words: string;
  /** What to do; empty when there is nothing to do. */
  readonly hint: string;
  /** For a program, when the verdict is fail. */
  readonly code: ErrorCode | null;
}

const TONES: Readonly<Record<Verdict, Tone>> = { ok: 'good', warn: 'doubtful', fail: 'bad', unknown: 'doubtful' };

const doctor = command({
  words: ['doctor'],
  summary: 'Check this installation and this profile: versions, keychain, directory, database, ledger.',
  arguments: [],
  options: {},
}, async (_, context) => {
  const findings = await context.serve(['app.status', 'app.about', 'credentials.check', 'ledger.verify'], async (app) => {
    const status = await app.call('app.status', {});
    const about = await app.call('app.about', {});
    const credentials = await app.call('credentials.check', {});
    const ledger = await app.attempt('ledger.verify', {});
    const told = new Set(['node', 'platform']);
    const runtime = about.runtime.flatMap(({ name, value }) => (told.has(name.toLowerCase()) ? [] : [fine(name.toLowerCase(), value)]));
    return [
      fine('host', `command line on ${process.platform} ${process.arch}, ${release()}`),
      fine('holdfast', status.version),
      fine('node', process.versions.node),
      ...runtime,
      keychainFinding(credentials),
      secretsFinding(credentials, status.problem),
      ...inspectProfile(context.profileDir),
      databaseFinding(status),
      ledgerFinding(ledger.ok ? ledger.value : ledger.error),
    ];
  });
  const failed = findings.filter((finding) => finding.verdict === 'fail');
  const first = failed[0];
  const failing: Failing | undefined = first === undefined ? undefined : { code: first.code ?? 'setup_needed', message: `${counted(failed.length, 'check')} failed: ${failed.map((finding) => finding.name).join(', ')}. ${first.words}`, hint: first.hint };
  const text = table(
    [{ title: 'CHECK' }, { title: 'VERDICT' }, { title: 'WORDS' }],
    findings.map((finding) => [finding.name, { text: finding.verdict, tone: TONES[finding.verdict] }, finding.hint === '' ? finding.words : `${finding.words} ${finding.hint}`]),
    context.look,
  );
  return { document: { host: 'cli', verdict: overall(findings), checks: findings }, text, failing };
});

function overall(findings: readonly Finding[]): Verdict {
  for (const verdict of ['fail', 'warn', 'unknown'] as const) if (findings.some((finding) => finding.verdict === verdict)) return verdict;
  return 'ok';
}

function fine(name: string, words: string): Finding {
  return { name, verdict: 'ok', words, hint: '', code: null };
}

const KEYCHAIN_CODES: Readonly<Record<Exclude<KeychainState, 'working'>, ErrorCode>> = {
  locked: 'keychain_locked', 'no-service': 'keychain_no_service', 'no-bus': 'keychain_no_bus', denied: 'keychain_denied', 'canary-lost': 'keychain_canary_lost', 'timed-out': 'keychain_timed_out',
};

/** A keychain that does not work is a failure only where this profile depends on it. */
export function keychainFinding({ store, keychain, words }: CredentialsStatus): Finding {
  if (keychain === null) return { name: 'keychain', verdict: 'unknown', words: `Not asked: this profile keeps its secrets elsewhere (${store ?? 'not chosen yet'}).`, hint: '', code: null };
  if (keychain === 'working') return fine('keychain', `${words.title}. ${words.what}`);
  const needed = store === 'keychain';
  return { name: 'keychain', verdict: needed ? 'fail' : 'warn', words: `${words.title}. ${words.what} ${words.kept}`, hint: words.todo, code: needed ? KEYCHAIN_CODES[keychain] : null };
}

const SECRET_PROBLEMS: ReadonlySet<string> = new Set(['wrong_passphrase', 'passphrase_required', 'passphrase_too_short', 'vault_damaged', 'secret_missing', 'invalid_input']);

/** Where secrets live, and whether they could be reached just now. */
export function secretsFinding({ store, words }: CredentialsStatus, problem: AppStatus['problem']): Finding {
  if (problem !== null && (SECRET_PROBLEMS.has(problem.code) || problem.code.startsWith('keychain_'))) return failed('secrets', problem);
  if (store === null) return { name: 'secrets', verdict: 'unknown', words: words.what, hint: words.todo, code: null };
  if (store === 'memory') return { name: 'secrets', verdict: 'warn', words: words.what, hint: words.todo, code: null };
  return fine('secrets', store === 'keychain' ? 'In the keychain of this operating system account.' : words.what);
}

/** The encrypted cache: opened and verified, absent, or the reason why not. */
export function databaseFinding({ problem, cache, state }: AppStatus): Finding {
  if (problem !== null) {
    if (problem.code.startsWith('database_') || problem.code === 'disk_full' || problem.code === 'profile_unwritable') return failed('database', problem);
    return { name: 'database', verdict: 'unknown', words: 'It was not opened, because its key could not be had.', hint: '', code: null };
  }
  if (cache === null) return { name: 'database', verdict: 'unknown', words: state === 'open' ? 'There is no cache yet.' : 'It is not open.', hint: '', code: null };
  const words = `${cache.bytes} bytes; last verified ${utc(cache.verifiedAt)}.`;
  if (cache.damage !== null) return { name: 'database', verdict: 'fail', words: cache.damage, hint: 'Keep a copy of the profile, then sync into a new one.', code: 'database_corrupt' };
  if (!cache.encrypted) return { name: 'database', verdict: 'fail', words: `It is not encrypted. ${words}`, hint: 'Keep a copy, and start a new profile.', code: 'database_corrupt' };
  return fine('database', `Opened, encrypted, ${words}`);
}

/** A refused verification proves nothing either way, so it is unknown. */
export function ledgerFinding(outcome: LedgerVerdict | WireError): Finding {
  if (!('verdict' in outcome)) return { name: 'ledger', verdict: 'unknown', words: `It was not verified: ${outcome.message}`, hint: '', code: null };
  if (outcome.verdict === 'broken' || outcome.verdict === 'tail-removed') return { name: 'ledger', verdict: 'fail', words: outcome.message, hint: 'Keep this profile as it is and compare it with a backup.', code: 'ledger_broken' };
  if (DOUBTFUL_VERDICTS.has(outcome.verdict) && outcome.entries > 0) return { name: 'ledger', verdict: 'warn', words: outcome.message, hint: '', code: null };
  return fine('ledger', `${counted(outcome.entries, 'entry', 'entries')}. ${outcome.message}`);
}

function failed(name: string, problem: NonNullable<AppStatus['problem']>): Finding {
  return { name, verdict: 'fail', words: problem.message, hint: problem.hint, code: problem.code as ErrorCode };
}

export const doctorCommands: readonly Command[] = [doctor];
