// Profiles with runbooks for tests: the parts of core under them, a small runbook with a step of each kind, and people who each have a key of their own.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureWitnessKey, keysOfLedger } from '#core/audit/witness/witness-key.ts';
import { createEmitter } from '#core/emitter.ts';
import { createLedgerService } from '#core/ledger/service.ts';
import type { LedgerService } from '#core/ledger/service.ts';
import type { Clock } from '#core/ports.ts';
import { createRunbooks } from '#core/runbooks/service.ts';
import type { Runbooks } from '#core/runbooks/service.ts';
import { sealEvent } from '#core/runbooks/runs/events.ts';
import type { SigningKey } from '#core/seal.ts';
import { createSession } from '#core/session.ts';
import type { Session } from '#core/session.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { RunEvent, RunEventBody } from '#shared/domain/runbook-run.ts';
import { AppError } from '#shared/errors.ts';
import { keptLog, systemClock, testPorts } from './ports.ts';

export const PACK = `format: holdfast.runbook/1
id: small
version: 1.0.0
title: A small runbook
when: In tests.
kind: checklist
source: made for tests
severities:
  - { id: high, title: High }
  - { id: low, title: Low }
roles:
  - { id: lead, title: Lead }
  - { id: security, title: Security }
sections:
  - id: first
    title: First
    steps:
      - { id: look, title: Look at it, gate: blocks }
      - { id: health, title: It answers, kind: live-check, gate: blocks, stale_minutes: 5, check: { asks: health, path: /health, within_ms: 1000 } }
      - { id: soak, title: Let it soak, kind: timer, minutes: 10, can_override: true }
      - { id: proof, title: Keep the picture, kind: evidence, evidence: A picture, can_override: true }
  - id: second
    title: Second
    steps:
      - { id: choose, title: Choose, kind: decision, options: [{ id: go, title: Go }, { id: stay, title: Stay }, { id: leave, title: Leave, ends: true }] }
      - { id: agree, title: Security agrees, kind: sign-off, signs: security }
      - { id: tidy, title: Tidy up }
`;

export interface RunbookProfile extends Runbooks {
  readonly session: Session;
  readonly ledger: LedgerService;
  readonly profileDir: string;
  /** The key under which this profile signs, as it is written in events. */
  key(): Promise<string>;
  close(): Promise<void>;
}

export interface ProfileOptions { readonly clock?: Clock; readonly actor?: string; readonly deployments?: readonly Deployment[]; readonly stays?: boolean; readonly access?: 'read' | 'write' }

export async function openRunbookProfile(profileDir: string, { clock = systemClock, actor = 'tester', deployments = [], stays = false, access = 'write' }: ProfileOptions = {}): Promise<RunbookProfile> {
  const log = keptLog();
  const ports = testPorts(profileDir, { host: 'cli', clock, actor, log });
  const emitter = createEmitter(log);
  const session = createSession({ ports, emitter, access });
  const ledger = createLedgerService({ session, emitter, clock, actor });
  const signing = { key: async () => (await ensureWitnessKey(session, ledger, undefined)).key, known: () => keysOfLedger(session.read()).map(({ publicKey }) => publicKey) };
  const runbooks = createRunbooks({
    session, ledger, emitter, clock, log, actor, signing, securityReports: { report: () => Promise.resolve({ text: '{"checks":[]}\n' }) }, version: '1.2.3', profileDir, stays,
    deployments: {
      list: () => [...deployments],
      get(id) {
        const found = deployments.find((each) => each.id === id);
        if (found === undefined) throw new AppError('deployment_not_found', { message: 'There is no such deployment.', hint: 'Add it.' });
        return found;
      },
    },
  });
  await session.open({ store: 'keychain', passphrase: null });
  const problem = session.problem();
  if (problem !== null) throw problem;
  return {
    ...runbooks, session, ledger, profileDir,
    key: async () => (await signing.key()).publicKey.toString('base64'),
    close: async () => {
      await runbooks.watch.stop();
      await session.close();
    },
  };
}

/** Writes a runbook into a folder and imports it. */
export async function importPack(profile: RunbookProfile, folder: string, text = PACK): Promise<void> {
  const path = join(folder, `pack-${createHash('sha256').update(text).digest('hex').slice(0, 8)}.yaml`);
  writeFileSync(path, text);
  await profile.library.import(path);
}

export const START_INPUT = { packId: 'small', deploymentId: null, severity: null, drill: false, carryFrom: null } as const;
export const STEP = { note: '', evidence: [], override: null } as const;

export interface Person extends SigningKey { readonly author: string; event(draft: { readonly run: string | null; readonly parents: readonly string[]; readonly at: string; readonly body: RunEventBody }): RunEvent }

/** Somebody with a key and no profile; a name gives the same key every time. */
export function makePerson(name?: string): Person {
  const privateKey = name === undefined ? generateKeyPairSync('ed25519').privateKey : createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), createHash('sha256').update(name).digest()]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  const key: SigningKey = { publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(12), sign: (text) => sign(null, Buffer.from(text), privateKey) };
  return { ...key, author: key.publicKey.toString('base64'), event: (draft) => sealEvent(draft, key) };
}

/** The code of the AppError that is thrown; 'none' when nothing is. */
export async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
    return 'none';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}
