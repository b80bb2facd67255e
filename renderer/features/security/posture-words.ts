// The words of the security screen: evidence, consents, looks and what changed between them. It judges nothing.
import { isAccepted, OWN_SOURCE } from '#shared/domain/evidence.ts';
import type { CheckCounts, EvidenceKind, SecurityCheck } from '#shared/domain/evidence.ts';
import type { CheckChange, PostureDiff, ProbeConsent, SnapshotHead } from '#shared/domain/posture.ts';
import type { ChipTone } from '../../components/WordChip.tsx';
import { formatDuration, plural } from '../../lib/format.ts';

export const KINDS: readonly { readonly kind: EvidenceKind; readonly word: string; readonly about: string; readonly none: string }[] = [
  { kind: 'declared', word: 'Declared', about: 'what the deployment, or a configuration file of it, says of itself', none: 'It says nothing of it.' },
  { kind: 'observed', word: 'Observed', about: 'what a probe saw', none: 'No probe has looked.' },
  { kind: 'derived', word: 'Derived', about: 'computed from what is held here', none: 'Nothing held here speaks of it.' },
  { kind: 'attested', word: 'Attested', about: 'what a named person says', none: 'Nobody has stated anything.' },
];

/** The newest evidence of each kind from outside this console (what it knows of itself is always of now); null for a kind that no check has. */
export function agesOf(checks: readonly SecurityCheck[]): readonly { readonly kind: EvidenceKind; readonly word: string; readonly at: string | null }[] {
  const newest = new Map<EvidenceKind, string>();
  for (const { evidence } of checks) for (const { kind, source, observedAt } of evidence) {
    if (source === OWN_SOURCE) continue;
    const known = newest.get(kind);
    if (known === undefined || Date.parse(observedAt) > Date.parse(known)) newest.set(kind, observedAt);
  }
  return KINDS.map(({ kind, word }) => ({ kind, word, at: newest.get(kind) ?? null }));
}

export const CONSENTS: Readonly<Record<ProbeConsent, { readonly title: string; readonly text: string }>> = {
  probes: { title: 'Ordinary probes', text: 'GET, HEAD and OPTIONS without a token, or with one that is wrong on purpose, at most two a second. They only read. The deployment may note them in its access log, and its alarms may see the refused ones.' },
  burst: { title: 'Burst, to see the rate limit answer', text: 'Up to 45 GETs, to see whether 429 comes. Until the limit opens again, others who come from this address may be refused too.' },
  'header-bypass': { title: 'Header bypass', text: 'One GET with the headers that are known to skip sign-in. If it gets through, the deployment has served this console as somebody who is signed in, and may note that.' },
};

export interface Repeated { readonly line: string; readonly times: number }

/** Equal request lines that follow each other, counted. */
export function repeatedLines(lines: readonly string[]): readonly Repeated[] {
  const found: { line: string; times: number }[] = [];
  for (const line of lines) {
    const last = found.at(-1);
    if (last?.line === line) last.times += 1;
    else found.push({ line, times: 1 });
  }
  return found;
}

/** How long requests take at least, at two a second. */
export const leastTime = (requests: number): string => formatDuration(Math.ceil(requests / 2));

export type Change = CheckChange['change'];

/** In the order in which they want attention. */
export const CHANGE_WORDS: readonly { readonly change: Change; readonly title: string; readonly word: string; readonly about: string; readonly tone: ChipTone }[] = [
  { change: 'broken', title: 'Broken', word: 'broken', about: 'did not fail before, fails now', tone: 'fail' },
  { change: 'lost', title: 'No longer known', word: 'lost', about: 'was known, is unknown or stale now', tone: 'warn' },
  { change: 'fixed', title: 'Fixed', word: 'fixed', about: 'failed before, passes now', tone: 'pass' },
  { change: 'found', title: 'Now known', word: 'found', about: 'was unknown or stale, passes now', tone: 'pass' },
  { change: 'added', title: 'New in the baseline', word: 'new', about: 'no such check before', tone: 'unknown' },
  { change: 'removed', title: 'Gone from the baseline', word: 'gone', about: 'no such check any more', tone: 'none' },
  { change: 'other', title: 'Otherwise changed', word: 'changed', about: 'in another way', tone: 'unknown' },
];

/** "2 broken, 1 fixed", or that nothing changed. */
export function diffSentence({ changes, unchanged }: Pick<PostureDiff, 'changes' | 'unchanged'>): string {
  if (changes.length === 0) return `Nothing changed in ${plural(unchanged, 'check')}.`;
  const parts = CHANGE_WORDS.map(({ change, word }) => ({ word, count: changes.filter((one) => one.change === change).length })).filter(({ count }) => count > 0);
  return `${parts.map(({ word, count }) => `${count} ${word}`).join(', ')}; ${unchanged} unchanged.`;
}

/** "Failing: 15 in the first look, 12 in the newest; known and fresh: 36 of 45, now 40 of 45." Oldest first. */
export function trendSentence(looks: readonly Pick<SnapshotHead, 'counts'>[]): string {
  const [first, last] = [looks[0]?.counts, looks.at(-1)?.counts];
  if (first === undefined || last === undefined) return 'No look is kept yet.';
  const known = ({ pass, fail, accepted, unknown, stale }: CheckCounts): string => `${pass + fail + accepted} of ${pass + fail + accepted + unknown + stale}`;
  if (looks.length === 1) return `One look: ${last.fail} failing, ${known(last)} known and fresh.`;
  return `Over ${looks.length} looks: failing ${first.fail}, now ${last.fail}; known and fresh ${known(first)}, now ${known(last)}.`;
}

/** "until 12 Dec" for what is accepted: the day on which the first exception ends; null without one. */
export function firstEnd(checks: readonly SecurityCheck[]): { readonly until: string; readonly isOnly: boolean } | null {
  const ends = checks.filter(isAccepted).flatMap(({ exception }) => (exception === null ? [] : [exception.until])).toSorted();
  const [until] = ends;
  return until === undefined ? null : { until, isOnly: ends.length === 1 };
}

/** The state of the newest look, and since when and how many looks it has been so. */
export function lastRun<S extends string>(points: readonly { readonly state: S; readonly at: string }[]): { readonly state: S; readonly since: string; readonly looks: number } | null {
  const last = points.at(-1);
  if (last === undefined) return null;
  let looks = 0;
  let since = last.at;
  for (const point of points.toReversed()) {
    if (point.state !== last.state) break;
    looks += 1;
    since = point.at;
  }
  return { state: last.state, since, looks };
}

/** A day so many days after an instant, in UTC: YYYY-MM-DD. */
export const dayAfter = (nowMs: number, days: number): string => new Date(nowMs + days * 86_400_000).toISOString().slice(0, 10);
