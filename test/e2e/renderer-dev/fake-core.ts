// A stand-in for core behind the bridge, for drawing screens only: every answer is checked against the contract before the page gets it.
import { contract, isCallName } from '#shared/contract.ts';
import type { CallInput, CallName, CallOutput, Envelope } from '#shared/contract.ts';
import { DEFAULT_SETTINGS } from '#shared/contract/settings.ts';
import type { TailState } from '#shared/domain/audit-event.ts';
import type { SavedView } from '#shared/domain/audit-search.ts';
import type { AuditFinding } from '#shared/domain/audit-witness.ts';
import { KEYCHAIN_WORDS } from '#shared/domain/credentials.ts';
import type { CredentialsStatus, KeychainState } from '#shared/domain/credentials.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { AppError } from '#shared/errors.ts';
import { dialogAnswers } from './audit-dialogs-seed.ts';
import type { DialogOptions } from './audit-dialogs-seed.ts';
import { searchAnswers } from './audit-search-seed.ts';
import { securityAnswers } from './security-seed.ts';
import { ago, eventAt, LEDGER, makeSecurity, makeSummary, PROD, SAMPLE, STAGING } from './seed.ts';

export interface Scenario {
  readonly state?: 'setup' | 'locked' | 'open';
  readonly lockMode?: 'passphrase' | 'screen-only';
  readonly keychain?: KeychainState;
  readonly problem?: { readonly code: string; readonly message: string; readonly hint: string };
  readonly deployments?: readonly Deployment[];
  readonly events?: number;
  readonly settings?: Partial<CallOutput<'settings.get'>>;
  readonly securityNever?: boolean;
  readonly securityFailure?: boolean;
  /** Calls that never answer. */
  readonly hang?: readonly CallName[];
  /** Calls that are refused. */
  readonly fail?: readonly CallName[];
  /** A job is shown as running. */
  readonly job?: boolean;
  readonly tail?: TailState;
  readonly views?: readonly SavedView[];
  /** Rows that came after the first search. */
  readonly grown?: () => number;
  /** Findings of the events at every fifth row. */
  readonly findings?: readonly AuditFinding[];
  readonly dialogs?: DialogOptions;
}

type Emit = (name: string, payload: unknown) => void;
type Fake = { [N in CallName]?: (input: CallInput<N>) => CallOutput<N> | Promise<CallOutput<N>> };

const PAYLOAD = '{"query_params":{"device_code":"Jx3-Rk77-q9","trace":"2f1c09","note":"invoice\u202Efdp.exe","amount":9007199254740993}}';

export function createFakeCore(scenario: Scenario, emit: Emit): (name: string, input: unknown) => Promise<Envelope> {
  let state = scenario.state ?? 'open';
  let settings = { ...DEFAULT_SETTINGS, ...scenario.settings };
  let deployments: Deployment[] = [...(scenario.deployments ?? [PROD, STAGING, SAMPLE])];
  const count = scenario.events ?? 5000;
  const rowOf = (id: number): number => (id >= 2 ** 52 ? id - 2 ** 52 : 5_918_204 - id);
  const keychain = scenario.keychain ?? 'working';
  let store: CredentialsStatus['store'] = state === 'setup' ? null : 'keychain';
  const credentials = (): CredentialsStatus => ({ store, keychain, words: { ...KEYCHAIN_WORDS[keychain] }, checkedAt: ago(40) });
  const keys = [{ keyId: 'audit-2026-01', fingerprint: '9c1f02ab77de3310', addedAt: ago(86_400 * 2), rows: 2650 }];
  const summary = () => (count === 0 ? { events: 0, encrypted: 0, plain: 0, notOffered: 0, oldestAt: null, newestAt: null, lastSyncAt: null, lastSyncComplete: null, gaps: [], findings: 0 } : makeSummary(count));
  const security = (deploymentId: string) => makeSecurity(deploymentId, { ...(scenario.securityNever === true ? { observedAt: null, summary: '0 of 14 known and fresh' } : {}), ...(scenario.securityFailure === true ? { lastFailure: { code: 'connection_refused', message: 'Nothing answered at navi.acme.example:443.', hint: 'Check that the deployment runs and that this machine can reach it.', at: ago(240) } } : {}) });
  const find = (id: string): Deployment => {
    const found = deployments.find((deployment) => deployment.id === id);
    if (found === undefined) throw new AppError('deployment_not_found', { message: 'There is no such deployment.', hint: 'Choose another.' });
    return found;
  };

  const fake: Fake = {
    ...dialogAnswers(scenario.dialogs),
    ...searchAnswers(count, { ...(scenario.tail === undefined ? {} : { tail: scenario.tail }), ...(scenario.views === undefined ? {} : { views: scenario.views }), ...(scenario.grown === undefined ? {} : { grown: scenario.grown }) }),
    'app.status': () => ({
      version: '0.1.0', host: 'chromium', profileDir: '/home/admin/.local/share/holdfast', state, lockMode: scenario.lockMode ?? 'screen-only', lockAfterMinutes: settings.lockAfterMinutes, access: 'write', problem: scenario.problem ?? null,
      cache: state === 'open' ? { encrypted: true, verifiedAt: ago(900), bytes: 7_340_032, damage: null } : null, ledger: state === 'open' ? { entries: LEDGER.length, verdict: 'intact' } : null, network: { hostsReached: 1, refused: 0, lastRequestAt: ago(240) },
    }),
    'app.about': () => ({ version: '0.1.0', licence: 'Apache-2.0', runtime: [{ name: 'Node', value: '24.21.0' }, { name: 'Chromium', value: '156' }, { name: 'SQLite', value: '3.53.4' }], licences: ['react', 'react-dom', 'zod', 'zustand', 'undici', 'cmdk', 'lucide-react', 'keytar', 'better-sqlite3', '@tanstack/react-virtual', '@fontsource-variable/inter', '@fontsource-variable/jetbrains-mono'].map((name) => ({ name, version: '1.0.0', licence: name.startsWith('@fontsource') ? 'OFL-1.1' : 'MIT' })) }),
    'app.touch': () => ({}),
    'app.lock': () => { state = 'locked'; emit('app.locked', { why: 'asked' }); return {}; },
    'app.unlock': ({ passphrase }) => {
      if (scenario.lockMode === 'passphrase' && passphrase !== 'correct horse battery') throw new AppError('wrong_passphrase', { message: 'The passphrase does not fit.', hint: 'Try again.' });
      state = 'open'; emit('app.opened', {}); return {};
    },
    'app.setPassphrase': () => ({}), 'app.removePassphrase': () => ({}),
    'settings.get': () => settings,
    'settings.set': (change) => { settings = { ...settings, ...(change as Partial<typeof settings>) }; emit('settings.changed', {}); return settings; },
    'credentials.status': credentials, 'credentials.check': credentials,
    'credentials.choose': ({ store: wanted }) => { store = wanted; state = 'open'; emit('credentials.changed', {}); emit('app.opened', {}); return credentials(); },
    'deployment.list': () => ({ deployments }),
    'deployment.get': ({ id }) => find(id),
    'deployment.add': (input) => { const added: Deployment = { ...PROD, id: 'd_00000000000000b1', name: input.name, url: input.url, environment: input.environment ?? 'development' }; deployments = [...deployments, added]; emit('deployment.changed', { deploymentId: added.id }); return added; },
    'deployment.edit': ({ id }) => find(id),
    'deployment.setToken': ({ id }) => ({ claims: find(id).token.claims ?? { format: 'opaque', subject: null, role: null, org: null, email: null, issuer: null, algorithm: null, issuedAt: null, expiresAt: null, warnings: [] } }),
    'deployment.test': ({ id }) => ({ kind: 'navi', seen: null, reached: true, dialect: 'C1', dialectReason: 'openapi.json lists GET /api/audit/export.', capabilities: find(id).capabilities, role: 'admin', roleReason: 'GET /api/admin/security/status answered 200.', token: 'accepted', anonymous: 'refused', transport: 'encrypted', tls: { protocol: 'TLSv1.3', subject: 'CN=navi.acme.example', issuer: 'CN=Acme Internal CA', validTo: ago(-86_400 * 80), spki: 'sha256/2Yt0w5m3Ck8p0l9r6l1Yw2Z0r9i3N5w0c8m8Jp8m0nA=' }, clockSkewSeconds: 42, durationMs: 184.2, warnings: ['The clock of the server is 42 s ahead of ours.'], testedAt: ago(0) }),
    'deployment.planRemoval': ({ id }) => ({ token: 't'.repeat(32), digest: 'ab12cd34ef56ab12cd34ef56', name: find(id).name, events: count, keys: 1, kept: [], files: [], expiresAt: ago(-900) }),
    'deployment.remove': ({ id }) => { deployments = deployments.filter((deployment) => deployment.id !== id); emit('deployment.removed', { deploymentId: id }); return { eventsRemoved: count, secretsRemoved: 2, kept: [], filesLeft: [], left: { tables: 30, rows: 0, secrets: 0 }, space: null }; },
    'deployment.startSample': () => { deployments = [...deployments, SAMPLE]; emit('deployment.changed', { deploymentId: SAMPLE.id }); return SAMPLE; },
    'overview.show': () => ({ deployments: deployments.map((deployment) => { const view = security(deployment.id); return { deployment, checks: view.counts, checksAt: view.observedAt, checksSummary: view.summary, worst: view.checks.filter((check) => check.state === 'fail').map(({ id, title, severity, state: checkState, seen }) => ({ id, title, severity, state: checkState, seen })), audit: summary(), keys: 1 }; }) }),
    'security.show': ({ deploymentId }) => security(deploymentId),
    'security.scan': ({ deploymentId }) => security(deploymentId),
    ...securityAnswers(deployments),
    'audit.summary': summary,
    'audit.get': ({ id }) => {
      const event = eventAt(rowOf(id));
      if (event.id !== id) throw new AppError('event_not_found', { message: 'No such event.', hint: 'Sync.' });
      const payload = event.payloadState === 'plain' ? PAYLOAD : event.payloadState === 'encrypted' ? `{"encrypted":true,"ciphertext":"gAAAAA${'Bk3x'.repeat(60)}","key_id":"${event.keyId ?? ''}"}` : event.payloadState === 'failed' ? '{"encrypted":false,"error":"audit_encryption_failed"}' : event.payloadState === 'malformed' ? '{"encrypted":true}' : null;
      return { ...event, payload, payloadObservedAt: payload === null ? null : ago(3 * 3600), firstSeenAt: ago(3 * 3600), source: 'GET /api/audit/export', findings: rowOf(id) % 5 === 0 ? [...(scenario.findings ?? [])] : [], sealedAt: event.payloadState === 'encrypted' ? `${new Date(Date.parse(event.createdAt) + 3_900_000).toISOString().slice(0, 19)}Z` : null };
    },
    'audit.sync': async ({ deploymentId }) => { emit('audit.changed', { deploymentId }); return { added: 1204, payloadsAdded: 980, alreadyHeld: 3796, changed: 0, findings: 0, requests: 12, total: 5000, complete: false, gaps: [], notes: [], syncedAt: ago(0) }; },
    'audit.decrypt': ({ id, reason, where = 'here' }) => { emit('ledger.appended', { seq: 7 }); return { id, payload: PAYLOAD, wasEncrypted: true, where, keyId: 'audit-2026-01', keyIdOnRow: eventAt(rowOf(id)).keyId, sealedAt: ago(11_000), ledgerEntry: 7, reason }; },
    'audit.keyList': () => ({ keys, idsWithoutKey: [{ keyId: 'audit-2025-12', rows: 441 }, { keyId: null, rows: 3 }] }),
    'audit.keyAdd': ({ keyId, key }) => { if (key.length !== 44) throw new AppError('invalid_key', { message: 'This is no Fernet key: it has not 44 characters.', hint: 'Paste the key as it stands.' }); return { keyId, fingerprint: '0011223344556677', addedAt: ago(0), rows: 441 }; },
    'audit.keyRemove': () => ({}),
    'clipboard.copy': () => ({ copied: true, clearsAfterSeconds: settings.clearClipboardAfterSeconds }),
    'job.list': () => ({ jobs: scenario.job === true ? [{ jobId: 'j1', call: 'audit.sync', deploymentId: PROD.id, step: 'Reading the audit export', done: 3200, total: 5000, rate: 820.4, etaSeconds: 2.2 }] : [] }),
    'job.cancel': () => ({ cancelled: true }),
    'ledger.list': () => ({ entries: [...LEDGER], total: LEDGER.length }),
    'ledger.verify': () => ({ verdict: 'intact', entries: 6, headDigest: 'a'.repeat(64), rememberedEntries: 6, firstBrokenSeq: null, message: 'All 6 entries are intact, and the head is the one that the keychain remembers.', limits: 'Someone who holds the database key and the keychain could rewrite everything.' }),
  };

  return async (name, input) => {
    if (!isCallName(name)) throw new Error(`no such call: ${name}`);
    const spec = contract[name];
    const parsed = spec.input.parse(input);
    if (scenario.hang?.includes(name) === true) return new Promise<never>(() => undefined);
    try {
      if (scenario.fail?.includes(name) === true) throw new AppError('connection_refused', { message: 'Nothing answered at navi.acme.example:443. Nothing was changed.', hint: 'Check that the deployment runs and that this machine can reach it.' });
      const handler = fake[name] as ((given: unknown) => unknown) | undefined;
      if (handler === undefined) throw new Error(`the fake has no ${name}`);
      return { ok: true, value: spec.output.parse(await handler(parsed)) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { ok: false, error: { code: error.code, message: error.message, hint: error.hint, id: '5f0c2a1e-77aa-4c1d-9d1c-0e8a1b2c3d4e' } };
    }
  };
}
