// A profile, a reference deployment and the real command line between them, for the tests that do a whole job as a script would; it remembers all that was printed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { contract } from '#shared/contract.ts';
import type { CallName, CallOutput } from '#shared/contract.ts';
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { startCli, startDeployment } from './cli-process.ts';
import type { Deployment, Finished } from './cli-process.ts';

export const EVENTS = 2400;
export const PASSPHRASE = 'canary passphrase 7d2f91';
export const REASON = 'CASE-1042 review of a refused login';

export interface Options { readonly input?: string; readonly env?: Record<string, string>; readonly profile?: string; readonly secrets?: string }
export interface Refused { readonly code: number | null; readonly error: string; readonly stdout: string; readonly message: string }
type Listed = Pick<CallOutput<'audit.search'>, 'events' | 'nextCursor'> & CallOutput<'audit.count'>;

export interface CliJob {
  readonly directory: string;
  readonly profile: string;
  readonly navi: Deployment;
  /** All cached events, once `connect` was called. */
  readonly events: readonly AuditEvent[];
  begin(args: readonly string[], options?: Options): ReturnType<typeof startCli>;
  holdfast(args: readonly string[], options?: Options): Promise<Finished>;
  /** Runs with --json, expects success and the contract's shape. */
  served<N extends CallName>(name: N, args: readonly string[], options?: Options): Promise<CallOutput<N>>;
  /** Events as `audit list` and `audit search` give them with --json. */
  listed(args: readonly string[], options?: Options): Promise<Listed>;
  /** Runs with --json and expects a failure: one JSON error on stderr. */
  refused(args: readonly string[], options?: Options): Promise<Refused>;
  /** Adds the deployment, syncs it and stores its keys. */
  connect(): Promise<void>;
  /** No command of this job printed a token, a key or the passphrase. */
  expectNoSecrets(): void;
}

/** The job of one test file: starts before its tests, and is gone after them. */
export function useCliJob(): CliJob {
  let directory = '';
  let profile = '';
  let passphraseFile = '';
  let navi: Deployment;
  let events: readonly AuditEvent[] = [];
  let everything = '';

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
    profile = join(directory, 'profile');
    passphraseFile = join(directory, 'passphrase');
    writeFileSync(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
    navi = await startDeployment(['--dialect', 'C1', '--events', String(EVENTS), '--seed', '7']);
  });
  afterAll(async () => {
    await navi.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const job: CliJob = {
    get directory() { return directory; },
    get profile() { return profile; },
    get navi() { return navi; },
    get events() { return events; },
    begin: (args, { input, env = {}, profile: where = profile, secrets = 'passphrase' } = {}) => (
      startCli(['--profile', where, '--secrets', secrets, ...args], { ...(input === undefined ? {} : { input }), env: { HOLDFAST_PASSPHRASE_FILE: passphraseFile, ...env } })),
    async holdfast(args, options) {
      const finished = await job.begin(args, options).finished;
      everything += finished.stdout + finished.stderr;
      return finished;
    },
    async served<N extends CallName>(name: N, args: readonly string[], options?: Options) {
      const { code, stdout, stderr } = await job.holdfast([...args, '--json'], options);
      expect(code, stderr).toBe(0);
      const document = JSON.parse(stdout) as Record<string, unknown>;
      if (!('payloadText' in document)) return contract[name].output.parse(document) as CallOutput<N>;
      // A payload comes as a value for programs and as its exact text; the text is what the contract knows.
      const { payloadText, ...rest } = document;
      expect(rest['payload']).toEqual(payloadText === null ? null : JSON.parse(String(payloadText)));
      return contract[name].output.parse({ ...rest, payload: payloadText }) as CallOutput<N>;
    },
    async listed(args, options) {
      const { code, stdout, stderr } = await job.holdfast([...args, '--json'], options);
      expect(code, stderr).toBe(0);
      const { matching, total, ...page } = JSON.parse(stdout) as Record<string, unknown>;
      return { ...contract['audit.search'].output.omit({ anchor: true }).strict().parse(page), ...contract['audit.count'].output.parse({ matching, total }) };
    },
    async refused(args, options) {
      const { code, stdout, stderr } = await job.holdfast([...args, '--json'], options);
      const error = JSON.parse(stderr) as Record<string, string>;
      expect(Object.keys(error)).toEqual(['code', 'message', 'hint', 'id']);
      return { code, error: error['code'] ?? '', stdout, message: error['message'] ?? '' };
    },
    async connect() {
      await job.served('deployment.add', ['deployment', 'add', 'Acme', '--url', navi.url, '--kind', 'navi', '--token-stdin'], { input: `${navi.token}\n` });
      await job.served('audit.sync', ['audit', 'sync', 'Acme']);
      for (const { keyId, key } of navi.auditKeys) await job.served('audit.keyAdd', ['audit', 'key', 'add', 'Acme', '--key-id', keyId, '--key-stdin'], { input: `${key}\n` });
      ({ events } = await job.listed(['audit', 'list', 'Acme', '--limit', '100000']));
    },
    expectNoSecrets() {
      expect(everything.length).toBeGreaterThan(10_000);
      const secrets = [navi.token, navi.viewerToken, PASSPHRASE, ...navi.auditKeys.map((each) => each.key)];
      for (const secret of secrets) for (const form of [secret, Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex')]) expect(everything.includes(form)).toBe(false);
    },
  };
  return job;
}
