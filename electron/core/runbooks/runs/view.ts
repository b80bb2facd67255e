// A run as screens and commands get it: the state with the words of its runbook beside it, and what of the evidence is here.
import type { CallOutput } from '#shared/contract.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { fingerprintOf } from '../merge/identities.ts';
import { isSettled } from '#shared/domain/runbook-steps.ts';
import type { LoadedRun } from './store.ts';
import { timelineText } from './timeline-text.ts';

/** Items of a timeline in one view. */
const TIMELINE_MAX = 2000;
/** And of all of them together: an answer must stay small enough to be carried. */
const TIMELINE_CHARACTERS = 1_000_000;

export interface Around { readonly deployments: readonly Deployment[]; isHere(digest: string): boolean; /** Digest of the text that is here under this id and version; null when there is none. */ textOf(id: string, version: string): string | null }

/** The deployment of this profile with the same address and kind; of several the one with the same name. */
function localDeployment({ url, kind, name }: { readonly url: string; readonly kind: string; readonly name: string }, deployments: readonly Deployment[]): string | null {
  const same = deployments.filter((each) => each.url === url && each.kind === kind);
  return (same.find((each) => each.name === name) ?? same[0])?.id ?? null;
}

/** The newest that fit; what is before them is counted. */
function timelineOf({ state, pack }: LoadedRun): RunView['timeline'] {
  const shown: RunView['timeline'] = [];
  let room = TIMELINE_CHARACTERS;
  for (let at = state.timeline.length - 1; at >= 0 && shown.length < TIMELINE_MAX && room > 0; at -= 1) {
    const item = state.timeline[at];
    if (item === undefined) break;
    const full = { ...item, text: timelineText(item.body, pack, state.voided.get(item.event)) };
    room -= JSON.stringify(full).length;
    shown.push(full);
  }
  return shown.reverse();
}

export function viewOf(run: LoadedRun, { deployments, isHere, textOf }: Around): RunView {
  const { state, pack } = run;
  const { milestones } = state;
  const timeline = timelineOf(run);
  return {
    runId: run.id, pack, packDigest: run.packDigest, isOtherText: (textOf(pack.id, pack.version) ?? run.packDigest) !== run.packDigest, title: state.title, startedAt: state.startedAt, startedBy: state.startedBy,
    deployment: state.deployment === null ? null : { name: state.deployment.name, url: state.deployment.url, deploymentId: localDeployment(state.deployment, deployments) },
    isDrill: state.isDrill, severity: state.severity, ended: state.ended, steps: [...state.steps], next: state.next,
    roles: state.roles.map(({ role, names }) => ({ role, title: pack.roles.find(({ id }) => id === role)?.title ?? role, names: [...names] })),
    milestones: { acknowledged: milestones.acknowledged ?? null, mitigated: milestones.mitigated ?? null, resolved: milestones.resolved ?? null },
    doubts: { severity: state.doubts.severity ?? null, acknowledged: state.doubts.acknowledged ?? null, mitigated: state.doubts.mitigated ?? null, resolved: state.doubts.resolved ?? null },
    decisions: [...state.decisions], signatures: [...state.signatures], reviews: state.reviews.map((review) => ({ ...review, reviews: [...review.reviews] })), actions: [...state.actions],
    evidence: state.evidence.map((ref) => ({ ...ref, isHere: isHere(ref.digest) })),
    timeline, earlier: state.timeline.length - timeline.length,
    authors: state.authors.map(({ key, name, isTrusted, events }) => ({ fingerprint: fingerprintOf(key), name, isTrusted, isSelf: run.people.trustOf(key) === 'self', events })),
    missing: [...state.missing], waiting: state.waiting,
  };
}

export function headOf({ id, pack, state }: LoadedRun): CallOutput<'run.list'>['runs'][number] {
  return {
    runId: id, packId: pack.id, packTitle: pack.title, title: state.title, severity: state.severity, isDrill: state.isDrill, deployment: state.deployment?.name ?? null, startedAt: state.startedAt, endedAt: state.ended?.at ?? null, outcome: state.ended?.outcome ?? null,
    done: state.steps.filter(isSettled).length, steps: state.steps.length, conflicts: state.steps.filter((step) => step.state === 'conflict').length, people: state.authors.length,
  };
}
