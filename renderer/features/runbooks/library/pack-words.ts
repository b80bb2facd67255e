// A runbook's kinds, gates and live checks in plain words, and how a library is filtered and ordered; it decides nothing about a run.
import type { RunbookHead } from '#shared/contract/runbook.ts';
import type { DeploymentKind } from '#shared/domain/deployment.ts';
import type { LiveCheck, RunbookPack, StepKind } from '#shared/domain/runbook-pack.ts';
import { formatCount, plural } from '../../../lib/format.ts';

export type PackKind = RunbookPack['kind'];
/** In the order in which they are offered: what cannot wait comes first. */
export const PACK_KINDS = ['incident', 'checklist', 'rollout', 'drill', 'review'] as const satisfies readonly PackKind[];

export const PLATFORMS: Readonly<Record<DeploymentKind, string>> = { navi: 'NAVI', karen: 'AI-Karen' };
export const STEP_WORDS: Readonly<Record<StepKind, string>> = { manual: 'by hand', 'live-check': 'live check', decision: 'decision', timer: 'timer', 'sign-off': 'sign-off', evidence: 'evidence required' };

const COMPARED = { '<': 'is below', '<=': 'is at most', '>': 'is above', '>=': 'is at least', '==': 'is' } as const;
const PHASES = { prepare: 'prepare', deploy: 'deploy', validate: 'validate', cutover: 'cutover', finished: 'its end' } as const;

/** What a live check asks, as one sentence. Parts of it are an author's, so it is shown as hostile text. */
export function checkSentence(check: LiveCheck): string {
  switch (check.asks) {
    case 'health': return `${check.path} answers 200 within ${formatCount(check.within_ms)} ms, without a token${check.holds === undefined ? '' : `, and the answer holds “${check.holds}”`}.`;
    case 'error-rate': return `Fewer than ${check.below_percent} % of the answers of ${plural(check.minutes, 'minute')} are server errors (5xx).`;
    case 'token': return `The stored token is ${check.expect}. A request without a token is sent beside it.`;
    case 'security-check': return `The security check ${check.check} passes and is fresh.`;
    case 'overdue-rows': return check.at_most === 0 ? 'No audit row is overdue, and its database was there to be counted.' : `At most ${plural(check.at_most, 'audit row')} ${check.at_most === 1 ? 'is' : 'are'} overdue.`;
    case 'metric': return `The metric ${check.name}${labelsOf(check.labels)} ${COMPARED[check.is]} ${check.value}.`;
    case 'rotation': return `The newest rotation of the JWT secret has come to ${PHASES[check.phase]}.`;
  }
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  const all = Object.entries(labels);
  return all.length === 0 ? '' : ` {${all.map(([name, value]) => `${name}="${value}"`).join(', ')}}`;
}

/** A number of minutes without rounding: 45 min, 1 h 30 min, 3 d. */
export function minutesWords(minutes: number): string {
  const parts = [[Math.floor(minutes / 1440), 'd'], [Math.floor(minutes / 60) % 24, 'h'], [minutes % 60, 'min']] as const;
  return parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`).join(' ');
}

/** Whom it is for, in words. */
export function appliesWords(applies: readonly DeploymentKind[]): string {
  return applies.length === 0 ? 'Any deployment, or none' : applies.map((kind) => PLATFORMS[kind]).join(' and ');
}

export interface PackFilter { readonly text: string; readonly kinds: ReadonlySet<PackKind> }
export const NO_PACK_FILTER: PackFilter = { text: '', kinds: new Set() };

/** Every word of the text must stand in its title, id or kind. No kind chosen means all. */
export function filterPacks(heads: readonly RunbookHead[], { text, kinds }: PackFilter): readonly RunbookHead[] {
  const words = text.toLowerCase().split(/\s+/u).filter((word) => word !== '');
  return heads.filter(({ id, title, kind, applies, isShipped }) => {
    if (kinds.size > 0 && !kinds.has(kind)) return false;
    const held = `${title} ${id} ${kind} ${appliesWords(applies)} ${isShipped ? 'shipped' : 'imported'}`.toLowerCase();
    return words.every((word) => held.includes(word));
  });
}

export interface PackGroup { readonly id: 'own' | 'any' | 'other'; readonly heads: readonly RunbookHead[] }

/** What is for the deployment first, then what is for any, then the rest; in each by kind, then by title. Empty groups are left out. */
export function groupPacks(heads: readonly RunbookHead[], deployment: DeploymentKind | null): readonly PackGroup[] {
  const groupOf = ({ applies }: RunbookHead): PackGroup['id'] => (applies.length === 0 ? 'any' : deployment !== null && applies.includes(deployment) ? 'own' : 'other');
  const sorted = heads.toSorted((a, b) => PACK_KINDS.indexOf(a.kind) - PACK_KINDS.indexOf(b.kind) || a.title.localeCompare(b.title, 'en') || (a.id < b.id ? -1 : 1));
  return (['own', 'any', 'other'] as const).map((id) => ({ id, heads: sorted.filter((head) => groupOf(head) === id) })).filter((group) => group.heads.length > 0);
}
