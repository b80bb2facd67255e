// The rotation of a deployment's JWT signing key, step by step on proof. It holds tokens in the secret store while it lasts, and never a signing key.
import { randomBytes } from 'node:crypto';
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { RotationView } from '#shared/contract/rotation.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { ANONYMOUS, BROKEN, NEXT, nextLabel, RECORD_FORMAT } from '#shared/domain/rotation.ts';
import type { RecordVerdict, RotationEntry, RotationPhase, RotationState, TokenSlot } from '#shared/domain/rotation.ts';
import { earliestCutover, replayRotation, whyNotAdvance, whyNotToken } from '#shared/domain/rotation-steps.ts';
import { formatInstantMs, formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { rotationPrefix, rotationTokenName } from '../../credentials/names.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import type { Emitter } from '../../emitter.ts';
import type { JobHandle, Jobs } from '../../jobs/jobs.ts';
import type { LedgerService } from '../../ledger/service.ts';
import type { Clock } from '../../ports.ts';
import { recorded } from '../../recorded.ts';
import { Secret } from '../../secret.ts';
import type { Session } from '../../session.ts';
import { askNodes } from './ask-nodes.ts';
import { chained, sealRecord, verifyRotationRecord } from './record.ts';
import type { EntryDraft, Signer } from './record.ts';
import { entriesOf, insertEntry, insertRotation, insertSeal, rotationIds, sealOf } from './rotation-queries.ts';
import { fingerprintOf, negativeControl, readRotationToken } from './token-facts.ts';
import type { ReadToken } from './token-facts.ts';
import { rotationViewOf, storedLabels } from './view.ts';

/** Entries in one part of a record: a part stays well below what one message may hold. */
const PART = 10;

export interface RotationService {
  start(input: ParsedInput<'rotation.start'>): Promise<RotationView>;
  setToken(deploymentId: string, slot: ParsedInput<'rotation.setToken'>['slot'], token: Secret): Promise<RotationView>;
  show(deploymentId: string, rotationId?: string): CallOutput<'rotation.show'>;
  record(input: ParsedInput<'rotation.record'>): CallOutput<'rotation.record'>;
  probe(deploymentId: string, signal: AbortSignal): Promise<RotationView>;
  advance(input: ParsedInput<'rotation.advance'>, signal: AbortSignal): Promise<RotationView>;
  abandon(deploymentId: string, reason: string): Promise<RotationView>;
}

export interface RotationDeps {
  readonly session: Session; readonly deployments: DeploymentsService; readonly ledger: LedgerService; readonly jobs: Jobs; readonly emitter: Emitter; readonly clock: Clock; readonly actor: string;
  /** Whether looks at this deployment are allowed, as for its other probes. */
  readonly areProbesAllowed: (deploymentId: string) => boolean;
  /** The signing key of the profile, made where there is none; and the public keys that the ledger names. */
  readonly signing: { key(): Promise<Signer>; known(): readonly Buffer[] };
}

interface Loaded { readonly id: string; readonly state: RotationState; readonly last: RotationEntry; readonly verdict: RecordVerdict }

export function createRotation({ session, deployments, ledger, jobs, emitter, clock, actor, areProbesAllowed, signing }: RotationDeps): RotationService {
  const nowUs = (): number => clock.now() * 1000;
  /** Deployments whose rotation is being changed: steps come one at a time. */
  const changing = new Set<string>();

  async function alone<T>(deploymentId: string, change: () => Promise<T>): Promise<T> {
    if (changing.has(deploymentId)) throw new AppError('busy', { message: 'Something of this rotation is running. Nothing was changed.', hint: 'Wait for it, or cancel it first.' });
    changing.add(deploymentId);
    try {
      return await change();
    } finally {
      changing.delete(deploymentId);
    }
  }

  const broken = (message: string): AppError => new AppError('rotation_broken', { message: `The record of this rotation does not verify: ${message} It was left as it is.`, hint: 'Keep a copy of the profile. Run ledger verify, then start with a new profile.' });

  function load(id: string): Loaded {
    const db = session.read();
    const read = entriesOf(db, id);
    const entries = read.filter((entry) => entry !== null);
    const verdict = read.length === entries.length ? verifyRotationRecord({ format: RECORD_FORMAT, rotationId: id, entries, seal: sealOf(db, id) }, signing.known()) : { verdict: 'broken' as const, firstBrokenSeq: read.indexOf(null) + 1, message: `Entry ${read.indexOf(null) + 1} cannot be read.` };
    const { state } = replayRotation(entries);
    const last = entries.at(-1);
    if (state === null || last === undefined) throw broken(verdict.message);
    return { id, state, last, verdict };
  }

  function openOf(deploymentId: string): Loaded | null {
    const [newest] = rotationIds(session.read(), deploymentId);
    if (newest === undefined || sealOf(session.read(), newest) !== null) return null;
    const loaded = load(newest);
    if (loaded.verdict.verdict === 'broken') throw broken(loaded.verdict.message);
    return loaded;
  }

  function requireOpen(deploymentId: string): Loaded {
    const found = openOf(deploymentId);
    if (found === null) throw new AppError('rotation_not_found', { message: 'No rotation of this deployment is open. Nothing was changed.', hint: 'Start one.' });
    return found;
  }

  function view({ id, state, last, verdict }: Loaded): RotationView {
    return rotationViewOf({ rotationId: id, state, last, verdict, nowUs: nowUs(), ownToken: deployments.tokenFingerprint(state.deploymentId) });
  }

  const now = (): { readonly at: string; readonly actor: string } => ({ at: formatInstantMs(clock.now()), actor });

  /** Adds an entry to the chain as it stands now; `beside` runs in the same transaction. */
  function append(id: string, draft: EntryDraft, beside: (entry: RotationEntry) => void = () => undefined): RotationEntry {
    const db = session.write();
    return db.transaction(() => {
      const entry = chained(id, draft, entriesOf(db, id).at(-1) ?? null);
      insertEntry(db, id, entry);
      beside(entry);
      return entry;
    });
  }

  const changed = (deploymentId: string): void => emitter.emit('security.refreshed', { deploymentId });

  /** What is open no more holds no token: also what a kill between two steps left. */
  async function sweep(deploymentId: string): Promise<void> {
    for (const name of session.secretNames()) if (name.startsWith(rotationPrefix(deploymentId))) await session.dropSecret(name);
  }

  /** A kill after the signature and before its tokens had left the store. */
  async function sweepEnded(): Promise<void> {
    if (session.access() !== 'write') return;
    for (const { id } of deployments.list()) {
      if (changing.has(id) || !session.secretNames().some((name) => name.startsWith(rotationPrefix(id)))) continue;
      await alone(id, async () => { if (openOf(id) === null) await sweep(id); });
    }
  }
  emitter.listen((event) => {
    // What stands in its way stands in the way of the next start or the next rotation as well, which both try again.
    if (event.name === 'app.opened') sweepEnded().catch(() => undefined);
  });

  /** Signs the end and lets go of the tokens. The key comes first: a rotation never ends without its signature. */
  async function end(id: string, draft: EntryDraft & { readonly kind: 'advanced' | 'abandoned' }, { deployment, outcome, reason }: { readonly deployment: Deployment; readonly outcome: 'finished' | 'abandoned'; readonly reason: string | null }): Promise<Loaded> {
    const key = await signing.key();
    const { digest } = chained(id, draft, load(id).last);
    await recorded(ledger, { action: 'security.rotation.ended', deployment: deployment.name, subject: id, outcome: `${outcome}; head ${digest}`, reason }, () => append(id, draft, (entry) => insertSeal(session.write(), id, {
      outcome, endedAtUs: parseInstantUs(entry.at) ?? nowUs(), publicKey: key.publicKey.toString('base64'), note: sealRecord(id, { last: entry, outcome }, key),
    })));
    await sweep(deployment.id);
    changed(deployment.id);
    return load(id);
  }

  /** The label of a token that the record names and the store has not: it was lost, or a kill came while another was to take its place. */
  async function lostLabel({ state }: Loaded, slot: TokenSlot, { read, control }: { readonly read: ReadToken; readonly control: Secret | null }): Promise<string | null> {
    const label = state.tokens.find((token) => token.slot === slot && token.facts.fingerprint === read.facts.fingerprint)?.label;
    if (label === undefined) return null;
    const isHeld = async (name: string, secret: Secret): Promise<boolean> => await session.secrets().get(rotationTokenName(state.deploymentId, name)) === secret.reveal();
    return await isHeld(label, read.token) && (control === null || await isHeld(BROKEN, control)) ? null : label;
  }

  /** The tokens as they lie in the store, checked against the record. @throws AppError secret_missing */
  async function tokensOf({ state }: Loaded, deploymentId: string): Promise<readonly { readonly label: string; readonly token: Secret | 'none' }[]> {
    const labels = storedLabels(state);
    if (labels.length === 0) throw new AppError('rotation_unproven', { message: 'The old or the new token is missing. Nothing was sent.', hint: 'Give one token of the old key and one of the new one.' });
    const fingerprints = new Map(state.tokens.map(({ label, facts }) => [label, facts.fingerprint]));
    const held: { label: string; token: Secret | 'none' }[] = [{ label: ANONYMOUS, token: 'none' }];
    let fresh: Secret | null = null;
    for (const label of labels) {
      const text = await session.secrets().get(rotationTokenName(deploymentId, label));
      const token = text === null ? null : new Secret(text);
      if (label === 'new') fresh = token;
      const isRight = token !== null && (label === BROKEN ? fresh !== null && negativeControl(readRotationToken(fresh)).reveal() === text : fingerprintOf(token) === fingerprints.get(label));
      if (token === null || !isRight) throw new AppError('secret_missing', { message: `The token ${label} of this rotation is no longer in the secret store. Nothing was sent; the record is kept.`, hint: 'Give that very token again, and it is put back; or check the keychain in Settings; or abandon this rotation.' });
      held.push({ label, token });
    }
    return held;
  }

  async function ask(loaded: Loaded, deployment: Deployment, job: JobHandle): Promise<Loaded> {
    if (!areProbesAllowed(deployment.id)) throw new AppError('probes_off', { message: `Probes are switched off for ${deployment.name}. Nothing was sent.`, hint: 'Look at what a rotation sends, then allow probes for this deployment; on the command line: holdfast security probes NAME --allow probes.' });
    const tokens = await tokensOf(loaded, deployment.id);
    const rows = await askNodes({ deployments, deployment, nodes: loaded.state.nodes, tokens, job });
    await session.whenWritable({ signal: job.signal });
    append(loaded.id, { kind: 'probed', phase: loaded.state.phase, rows: [...rows], ...now() });
    changed(deployment.id);
    return load(loaded.id);
  }

  /** What no answer can change now. */
  function refuseTooEarly({ state }: Loaded): void {
    if (state.phase !== 'validate') return;
    const { atUs, message } = earliestCutover(state);
    if (atUs !== null && nowUs() >= atUs) return;
    throw new AppError('rotation_unproven', { message: `${atUs === null ? 'There is no safe moment for the cutover.' : 'It is too early for the cutover.'} ${message} Nothing was marked done.`, hint: atUs === null ? 'See what is known of the tokens.' : `Come back after ${formatInstantUs(atUs)}.` });
  }

  return {
    start: ({ deploymentId, nodes, ttlSeconds }) => alone(deploymentId, async () => {
      const deployment = deployments.get(deploymentId);
      if (deployment.kind !== 'navi') throw new AppError('not_offered', { message: `${deployment.name} is an AI-Karen, which is asked without a token. Nothing was started.`, hint: 'A rotation is for a NAVI.' });
      if (openOf(deploymentId) !== null) throw new AppError('rotation_exists', { message: `A rotation of ${deployment.name} is open already. Nothing was started.`, hint: 'Go on with it, or abandon it.' });
      const addresses: string[] = [];
      for (const given of nodes ?? [deployment.url]) {
        // Nothing is asked: the way to the node is checked as for the deployment itself.
        await deployments.withProber(deploymentId, () => Promise.resolve(), { node: given });
        const { origin, pathname } = new URL(given);
        const address = `${origin}${pathname.replace(/\/+$/, '')}`;
        if (!addresses.includes(address)) addresses.push(address);
      }
      await sweep(deploymentId);
      const id = `r_${randomBytes(8).toString('hex')}`;
      await recorded(ledger, { action: 'security.rotation.started', deployment: deployment.name, subject: id, outcome: `${addresses.length} ${addresses.length === 1 ? 'node' : 'nodes'}` }, () => {
        const db = session.write();
        db.transaction(() => {
          insertRotation(db, { id, deploymentId });
          insertEntry(db, id, chained(id, { kind: 'started', deploymentId, deployment: deployment.name, nodes: addresses, ttlSeconds, ...now() }, null));
        });
      });
      changed(deploymentId);
      return view(load(id));
    }),

    setToken: (deploymentId, slot, given) => alone(deploymentId, async () => {
      const deployment = deployments.get(deploymentId);
      const loaded = requireOpen(deploymentId);
      const read = readRotationToken(given);
      const control = slot === 'new' ? negativeControl(read) : null;
      const lost = await lostLabel(loaded, slot, { read, control });
      const why = lost === null ? whyNotToken(loaded.state, slot, read.facts) : null;
      const label = lost ?? nextLabel(loaded.state, slot);
      if (why !== null || label === null) throw new AppError('rotation_unproven', { message: `${why ?? 'There is no room for it.'} Nothing was stored.`, hint: 'See the tokens of the rotation.' });
      await recorded(ledger, { action: 'security.rotation.token.stored', deployment: deployment.name, subject: `${loaded.id} ${label}`, outcome: `fingerprint ${read.facts.fingerprint}${lost === null ? '' : ', put back'}` }, async () => {
        await session.putSecret(rotationTokenName(deploymentId, label), read.token.reveal());
        if (control !== null) await session.putSecret(rotationTokenName(deploymentId, BROKEN), control.reveal());
        if (lost === null) append(loaded.id, { kind: 'token', slot, label, token: read.facts, control: control === null ? null : fingerprintOf(control), ...now() });
      });
      changed(deploymentId);
      return view(load(loaded.id));
    }),

    show(deploymentId, rotationId) {
      deployments.get(deploymentId);
      const ids = rotationIds(session.read(), deploymentId);
      if (rotationId !== undefined && !ids.includes(rotationId)) throw new AppError('rotation_not_found', { message: 'There is no such rotation of this deployment.', hint: 'See the list of its rotations.' });
      const wanted = rotationId ?? ids[0];
      const heads = ids.map((id) => {
        const { state } = load(id);
        return { rotationId: id, outcome: state.outcome, startedAt: state.startedAt, endedAt: state.endedAt };
      });
      return { rotation: wanted === undefined ? null : view(load(wanted)), all: heads };
    },

    record({ deploymentId, rotationId, after }) {
      deployments.get(deploymentId);
      const db = session.read();
      if (!rotationIds(db, deploymentId).includes(rotationId)) throw new AppError('rotation_not_found', { message: 'There is no such rotation of this deployment.', hint: 'See the list of its rotations.' });
      const read = entriesOf(db, rotationId, { after, limit: PART + 1 });
      const entries = read.filter((entry) => entry !== null);
      if (entries.length !== read.length) throw broken('an entry cannot be read.');
      return { format: RECORD_FORMAT, rotationId, entries: entries.slice(0, PART), seal: sealOf(db, rotationId), hasMore: entries.length > PART };
    },

    probe: (deploymentId, signal) => alone(deploymentId, () => jobs.run({ call: 'rotation.probe', deploymentId, signal }, async (job) => {
      const deployment = deployments.get(deploymentId);
      const loaded = requireOpen(deploymentId);
      session.write();
      return view(await ask(loaded, deployment, job));
    })),

    advance: ({ deploymentId, phase }, signal) => alone(deploymentId, () => jobs.run({ call: 'rotation.advance', deploymentId, signal }, async (job) => {
      const deployment = deployments.get(deploymentId);
      let loaded = requireOpen(deploymentId);
      if (loaded.state.phase !== phase) throw new AppError('rotation_unproven', { message: `The rotation is in ${loaded.state.phase}, not in ${phase}. Nothing was marked done.`, hint: 'Look at where it stands.' });
      refuseTooEarly(loaded);
      session.write();
      if (whyNotAdvance(loaded.state, nowUs()).why.length > 0) loaded = await ask(loaded, deployment, job);
      // Judged at the very time that the entry will carry: whoever checks the record judges by that.
      const at = now();
      const { why } = whyNotAdvance(loaded.state, parseInstantUs(at.at) ?? Number.NaN);
      const proof = loaded.state.probe?.seq;
      if (why.length > 0 || proof === undefined) throw new AppError('rotation_unproven', { message: `${phase} is not proven, so it was not marked done. ${why.slice(0, 4).join(' ')}${why.length > 4 ? ` And ${why.length - 4} more.` : ''}`, hint: 'Look at what each node answered, mend that, then try again.' });
      const to = NEXT[phase];
      const draft = { kind: 'advanced' as const, from: phase, to, proof, ...at };
      if (to === 'finished') return view(await end(loaded.id, draft, { deployment, outcome: 'finished', reason: null }));
      return view(await step(loaded, draft, deployment));
    })),

    abandon: (deploymentId, reason) => alone(deploymentId, async () => {
      const deployment = deployments.get(deploymentId);
      const open = openOf(deploymentId);
      if (open === null) await sweep(deploymentId);
      return view(await end(requireOpen(deploymentId).id, { kind: 'abandoned', reason, ...now() }, { deployment, outcome: 'abandoned', reason }));
    }),
  };

  async function step({ id, last }: Loaded, draft: EntryDraft & { readonly kind: 'advanced'; readonly from: RotationPhase; readonly to: string }, deployment: Deployment): Promise<Loaded> {
    // The ledger names the head: a record that is rewritten later does not fit it.
    const { digest } = chained(id, draft, last);
    await recorded(ledger, { action: 'security.rotation.advanced', deployment: deployment.name, subject: id, outcome: `${draft.from} done, now ${draft.to}; head ${digest}` }, () => append(id, draft));
    changed(deployment.id);
    return load(id);
  }
}
