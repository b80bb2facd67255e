// Results of an earlier run, taken over into a new one where the text of the step is the same. Signatures and timers never are; an answer of a check keeps the time at which it was seen.
import type { RunbookPack } from '#shared/domain/runbook-pack.ts';
import { isKind } from '#shared/domain/runbook-registers.ts';
import type { RunEvent, RunEventBody, StepStanding } from '#shared/domain/runbook-run.ts';
import { AppError } from '#shared/errors.ts';
import { stepDigest } from '../packs/packs.ts';
import { stepsIn } from './store.ts';
import type { LoadedRun } from './store.ts';

/** Results; what is open, claimed or in conflict is none. */
const RESULTS: ReadonlySet<StepStanding['state']> = new Set(['done', 'overridden', 'failed', 'skipped', 'not-applicable']);

/** Whether an event counts and comes from somebody who is trusted: what others said is not said again under this profile's key. */
const isSound = ({ people, state }: LoadedRun, { author, digest }: RunEvent): boolean => !state.voided.has(digest) && ['self', 'trusted'].includes(people.trustOf(author));

type Start = Extract<RunEventBody, { kind: 'started' }>;

/** What was seen of one deployment proves nothing of another, and a drill proves nothing of an incident. @throws AppError not_offered */
export function refuseForeign({ state }: LoadedRun, { deployment, drill }: Pick<Start, 'deployment' | 'drill'>): void {
  const refuse = (message: string, hint: string): AppError => new AppError('not_offered', { message: `${message} Nothing was started.`, hint });
  const isSame = state.deployment === null || deployment === null ? state.deployment === deployment : state.deployment.url === deployment.url && state.deployment.kind === deployment.kind;
  if (!isSame) throw refuse(`The results of that run are about ${state.deployment === null ? 'no deployment' : state.deployment.name}, and the new one is about ${deployment === null ? 'none' : deployment.name}.`, 'Carry results over between runs about one deployment, or start without them.');
  if (state.isDrill && !drill) throw refuse('That run was a drill, and the new one is none.', 'Start it as a drill, or without the results.');
}

/** What a new run of this runbook records first, in the order of its steps. */
export function carriedOver(from: LoadedRun, pack: RunbookPack): RunEventBody[] {
  const earlier = new Map(stepsIn(from.pack).map((step) => [step.id, stepDigest(step)]));
  return stepsIn(pack).flatMap((step) => {
    const text = stepDigest(step);
    const standing = from.state.steps.find((each) => each.step === step.id);
    if (earlier.get(step.id) !== text || standing === undefined || !RESULTS.has(standing.state) || !standing.isTrusted || step.kind === 'sign-off' || step.kind === 'timer') return [];
    const claim = standing.claims.findLast((each) => each.isTrusted);
    if (claim === undefined) return [];
    const of = (kind: 'check' | 'decision'): RunEventBody[] => from.events.flatMap((event) => (isKind(event, kind) && event.body.step === step.id && isSound(from, event) ? [event] : []))
      .sort((a, b) => (Date.parse(a.at) - Date.parse(b.at))).slice(-1).map(({ body }) => (body.kind === 'check' ? { ...body, source: `carried over from ${from.id}: ${body.source}`.slice(0, 300) } : body));
    const proofs = step.kind === 'live-check' ? of('check') : step.kind === 'decision' ? of('decision') : [];
    const evidence = from.events.flatMap((event): Extract<RunEventBody, { kind: 'evidence' }>[] => (isKind(event, 'evidence') && isSound(from, event) && standing.evidence.some(({ digest }) => digest === event.body.digest) ? [{ ...event.body, step: step.id }] : []));
    const refs = [...new Set(evidence.map(({ digest }) => digest))].slice(0, 50);
    return [...evidence, ...proofs, { kind: 'step', step: step.id, text, outcome: claim.outcome, note: claim.note, evidence: refs, override: standing.override, carried: { run: from.id, event: claim.event } }];
  });
}
