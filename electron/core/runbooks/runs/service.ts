// Runs: started from a runbook, recorded step by step, signed, reviewed and ended. Each call adds signed events and changes none.
import { randomBytes } from 'node:crypto';
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { EvidenceRef, RunEventBody } from '#shared/domain/runbook-run.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import type { LedgerNote, LedgerService } from '../../ledger/service.ts';
import type { Clock } from '../../ports.ts';
import { recorded } from '../../recorded.ts';
import type { Session } from '../../session.ts';
import type { Signing } from '../merge/identities.ts';
import { carriedOver, refuseForeign } from './carry-over.ts';
import type { EvidencePort } from './evidence-port.ts';
import type { Library } from './library.ts';
import { attestBodies, decisionBodies, endBodies, milestoneBodies, refuseSeverity, reviewBodies, roleBodies, severityBodies, signBodies, stepBodies, timeOf, timerBodies } from './recording.ts';
import { runIds } from './run-queries.ts';
import { findStep, stepsIn } from './store.ts';
import type { LoadedRun, RunStore } from './store.ts';
import { headOf, viewOf } from './view.ts';

type Standing = CallOutput<'run.step'>;

export interface Runs {
  list(limit: number): CallOutput<'run.list'>;
  show(runId: string): RunView;
  start(input: ParsedInput<'run.start'>): Promise<RunView>;
  step(input: ParsedInput<'run.step'>): Promise<Standing>;
  attest(input: ParsedInput<'run.attest'>): Promise<Standing>;
  decide(input: ParsedInput<'run.decide'>): Promise<RunView>;
  timer(input: ParsedInput<'run.timer'>): Promise<Standing>;
  entry(input: ParsedInput<'run.entry'>): Promise<RunView>;
  action(input: ParsedInput<'run.action'>): Promise<RunView>;
  role(input: ParsedInput<'run.role'>): Promise<RunView>;
  severity(input: ParsedInput<'run.severity'>): Promise<RunView>;
  milestone(input: ParsedInput<'run.milestone'>): Promise<RunView>;
  sign(input: ParsedInput<'run.sign'>): Promise<RunView>;
  submit(input: ParsedInput<'run.submit'>): Promise<RunView>;
  review(input: ParsedInput<'run.review'>): Promise<RunView>;
  end(input: ParsedInput<'run.end'>): Promise<RunView>;
  view(run: LoadedRun): RunView;
}

export interface RunsDeps {
  readonly session: Session; readonly store: RunStore; readonly library: Library; readonly ledger: LedgerService; readonly clock: Clock; readonly signing: Signing;
  readonly deployments: Pick<DeploymentsService, 'get' | 'list'>; readonly evidence: EvidencePort;
}

/** How one step stands. @throws AppError step_not_found */
export const standingIn = (run: LoadedRun, stepId: string): Standing => findStep(run, stepId).found.standing;

export function createRuns({ session, store, library, ledger, clock, signing, deployments, evidence }: RunsDeps): Runs {
  const now = (): string => formatInstantMs(clock.now());
  const view = (run: LoadedRun): RunView => viewOf(run, { deployments: deployments.list(), isHere: (digest) => evidence.isHere(digest), textOf: (id, version) => library.digestOf(id, version) });
  const record = async (runId: string, make: (run: LoadedRun) => readonly RunEventBody[]): Promise<RunView> => view(await store.append(runId, make));

  /** For what the ledger names: refused before the entry, when it would be refused after it. */
  async function entered(runId: string, note: Pick<LedgerNote, 'action' | 'outcome'>, make: (run: LoadedRun) => readonly RunEventBody[]): Promise<RunView> {
    session.write();
    const run = store.load(runId);
    const what = note.action === 'run.reviewed' ? 'review' : undefined;
    if (run.state.ended !== null && what === undefined) return record(runId, make);
    make(run);
    return view(await recorded(ledger, { ...note, deployment: run.state.deployment?.name ?? null, subject: runId }, () => store.append(runId, make, what)));
  }

  function deploymentOf(id: string | null, applies: readonly string[] | undefined): Extract<RunEventBody, { kind: 'started' }>['deployment'] {
    if (id === null) return null;
    const { name, url, kind } = deployments.get(id);
    if (applies !== undefined && !applies.includes(kind)) throw new AppError('not_offered', { message: `This runbook is not for ${name}. Nothing was started.`, hint: `It is for: ${applies.join(', ')}.` });
    return { name, url, kind };
  }

  /** Why none of the evidence that a step names can be looked at here; null: some can, or none is named. */
  async function lostEvidence(run: LoadedRun, stepId: string): Promise<string | null> {
    const { step, found } = findStep(run, stepId);
    if (step.evidence === undefined || found.standing.evidence.length === 0) return null;
    for (const { digest } of found.standing.evidence) {
      try {
        await evidence.read(digest);
        return null;
      } catch (error) {
        if (!(error instanceof AppError) || (error.code !== 'evidence_not_found' && error.code !== 'evidence_damaged')) throw error;
      }
    }
    return 'The bytes of its evidence are not here, or damaged.';
  }

  return {
    view,
    list: (limit) => ({ runs: runIds(session.read(), limit).map((id) => headOf(store.load(id))).sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt)) }),
    show: (runId) => view(store.load(runId)),
    async start({ packId, deploymentId, title, severity, drill, carryFrom }) {
      session.write();
      const runbook = library.find(packId);
      const { pack } = runbook;
      const deployment = deploymentOf(deploymentId, pack.applies);
      if (severity !== null) refuseSeverity(runbook, severity);
      const earlier = carryFrom === null ? null : store.load(carryFrom);
      if (earlier !== null) refuseForeign(earlier, { deployment, drill });
      const carried = earlier === null ? [] : carriedOver(earlier, pack);
      const start: Extract<RunEventBody, { kind: 'started' }> = { kind: 'started', pack: { id: pack.id, version: pack.version, digest: runbook.digest }, title: title ?? pack.title, deployment, severity, drill, nonce: randomBytes(16).toString('hex') };
      return view(await recorded(ledger, { action: 'run.started', deployment: deployment?.name ?? null, subject: `${pack.id} ${pack.version}`, outcome: `sha256 ${runbook.digest}` }, () => store.begin(runbook, start, carried)));
    },
    async step(input) {
      // Everything that can be refused is refused before a file is read; what was read and is not named by an event is only bytes.
      const before = store.load(input.runId);
      findStep(before, input.step);
      const lost = input.outcome === 'done' && before.state.ended === null && input.evidence.length === 0 ? await lostEvidence(before, input.step) : null;
      if (before.state.ended === null && input.evidence.length === 0) stepBodies(before, input, { files: [], lost, at: now() });
      session.write();
      const files: EvidenceRef[] = [];
      for (const path of before.state.ended === null ? input.evidence : []) files.push(await evidence.addFile(path));
      return standingIn(await store.append(input.runId, (run) => stepBodies(run, input, { files, lost, at: now() })), input.step);
    },
    attest: async (input) => standingIn(await store.append(input.runId, (run) => attestBodies(run, input, now())), input.step),
    async decide(input) {
      const before = store.load(input.runId);
      const lost = input.step === null ? null : await lostEvidence(before, input.step);
      return record(input.runId, (run) => decisionBodies(run, input, { lost, at: now() }));
    },
    timer: async (input) => standingIn(await store.append(input.runId, (run) => timerBodies(run, input)), input.step),
    entry: ({ runId, text, occurredAt }) => record(runId, () => [{ kind: 'entry', text, occurredAt: timeOf(occurredAt, now()) }]),
    action: ({ runId, id, text, owner, due, isDone }) => record(runId, ({ state }) => {
      if (id !== null && !state.actions.some((each) => each.id === id)) throw new AppError('invalid_input', { message: `This run has no action ${id}. Nothing was recorded.`, hint: 'Leave the id out to note a new one.' });
      return [{ kind: 'action', id: id ?? `a_${randomBytes(4).toString('hex')}`, text, owner, due, isDone }];
    }),
    role: (input) => record(input.runId, (run) => roleBodies(run, input)),
    severity: (input) => record(input.runId, (run) => severityBodies(run, input)),
    milestone: (input) => record(input.runId, () => milestoneBodies(input, now())),
    sign: (input) => entered(input.runId, { action: 'run.signed', outcome: `${input.verdict} as ${input.role}${input.step === null ? '' : `, step ${input.step}`}` }, (run) => signBodies(run, input)),
    submit: ({ runId, note }) => record(runId, () => [{ kind: 'submitted', note }]),
    async review(input) {
      const own = (await signing.key()).publicKey.toString('base64');
      return entered(input.runId, { action: 'run.reviewed', outcome: `${input.verdict}, submission ${input.of.slice(0, 16)}` }, (run) => reviewBodies(run, input, own));
    },
    end: (input) => entered(input.runId, { action: 'run.ended', outcome: input.outcome }, (run) => endBodies(run, input)),
  };
}

/** Steps that are in conflict, for a report of a merge. */
export const conflictsIn = ({ pack, state }: LoadedRun): { readonly step: string; readonly title: string }[] => state.steps.filter((step) => step.state === 'conflict').map(({ step }) => ({ step, title: stepsIn(pack).find(({ id }) => id === step)?.title ?? step }));
