// A cancel while an import holds the right to write: nothing that waits for that right lets the caller wait with it, and nothing that came is lost.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createWitness } from '#core/audit/witness/service.ts';
import { createHttpClient } from '#core/deployments/http.ts';
import { createDeploymentsService } from '#core/deployments/service.ts';
import type { DeploymentsService } from '#core/deployments/service.ts';
import { createEmitter } from '#core/emitter.ts';
import { createJobs } from '#core/jobs/jobs.ts';
import { createLedgerService } from '#core/ledger/service.ts';
import { createSession } from '#core/session.ts';
import type { Session } from '#core/session.ts';
import { AppError } from '#shared/errors.ts';
import { keptLog, systemClock, temporaryFolder, testPorts } from '../support/ports.ts';
import { addDeployment, DEPLOYMENT, numbers, store } from '../support/audit-witness-profile.ts';

let folder: ReturnType<typeof temporaryFolder>;
let session: Session;
let deployments: DeploymentsService;
let witness: ReturnType<typeof createWitness>;
beforeEach(async () => {
  folder = temporaryFolder('cancel-while-importing');
  const log = keptLog();
  const emitter = createEmitter(log);
  session = createSession({ ports: testPorts(join(folder.path, 'profile')), emitter, access: 'write' });
  await session.open({ store: 'keychain', passphrase: null });
  const jobs = createJobs(emitter, systemClock);
  const ledger = createLedgerService({ session, emitter, clock: systemClock, actor: 'tester' });
  deployments = createDeploymentsService({ session, ledger, jobs, emitter, clock: systemClock, http: createHttpClient({ clock: systemClock, log }) });
  witness = createWitness({ session, ledger, jobs, clock: systemClock });
  addDeployment(session);
});
afterEach(async () => {
  await session.close();
  folder.remove();
});

const reached = (): string => deployments.get(DEPLOYMENT).reachability.state;

it('what was done is given, and noted only when the cache may be written', async () => {
  const before = reached();
  const { release } = session.reserveWrites('An import is running.');
  const cancelling = new AbortController();
  const cancelled = deployments.withClient(DEPLOYMENT, cancelling.signal, async () => 'done');
  cancelling.abort();
  expect(await cancelled).toBe('done');
  expect(reached()).toBe(before);

  const waiting = deployments.withClient(DEPLOYMENT, new AbortController().signal, async () => 'done');
  release();
  expect(await waiting).toBe('done');
  expect(reached()).toBe('reached');
});

it('the failure of what was cancelled is told as it was', async () => {
  session.reserveWrites('An import is running.');
  const cancelling = new AbortController();
  const failing = deployments.withClient(DEPLOYMENT, cancelling.signal, () => Promise.reject(new AppError('server_error', { message: 'The deployment failed.', hint: 'Look at its log.' })));
  cancelling.abort();
  await expect(failing).rejects.toMatchObject({ code: 'server_error' });
});

it('somebody else takes the right to write at once: what was done is not refused for that', async () => {
  const first = session.reserveWrites('An import is running.');
  const waiting = deployments.withClient(DEPLOYMENT, new AbortController().signal, async () => 'done');
  await new Promise((resolve) => { setImmediate(resolve); });
  first.release();
  const second = session.reserveWrites('Another import is running.');
  await new Promise((resolve) => { setImmediate(resolve); });
  second.release();
  expect(await waiting).toBe('done');
});

it('signing hears it too, also while an earlier signing is waiting', async () => {
  store(session, numbers(1, 20));
  const { release } = session.reserveWrites('An import is running.');
  const first = witness.afterSync(DEPLOYMENT);
  const cancelling = new AbortController();
  const second = witness.afterSync(DEPLOYMENT, { signal: cancelling.signal });
  cancelling.abort();
  await expect(second).rejects.toMatchObject({ code: 'cancelled' });
  release();
  expect(await first).toMatchObject({ leaves: 20, problem: null });
});
