// A world in which purges are planned and carried out: a reference deployment of dialect A that this console may write to, and a second profile that approves.
import { join } from 'node:path';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import { sql } from '#core/db/sql.ts';
import type { PurgePlan, PurgeRun } from '#shared/domain/retention-plan.ts';
import type { Environment } from '#shared/domain/deployment.ts';
import { value } from './calls.ts';
import { keptLog, systemClock, testPorts } from './ports.ts';
import { retentionWorld } from './retention-world.ts';
import type { RetentionWorld, WorldOptions } from './retention-world.ts';

export { sql };

export interface PurgeWorld extends RetentionWorld {
  folder: string;
  /** POSTs of a purge that reached the server. */
  posts(): number;
  plan(days?: number): Promise<PurgePlan>;
  /** Arms and carries out. */
  purge(plan: PurgePlan, over?: { readonly confirm?: string; readonly approvalPath?: string | null; readonly token?: string }): Promise<PurgeRun>;
  /** Carries out, and gives the code of the refusal; 'ok' when there was none. */
  refusal(plan: PurgePlan, over?: { readonly confirm?: string; readonly approvalPath?: string | null; readonly token?: string }): Promise<string>;
  /** Another profile, on the same clock. */
  secondProfile(): Promise<App>;
  actions(): Promise<readonly string[]>;
}

export async function purgeWorld(cleanups: (() => unknown)[], { environment = 'staging', ...options }: WorldOptions & { readonly environment?: Environment } = {}): Promise<PurgeWorld> {
  const world = await retentionWorld(cleanups, { readOnly: false, ...options, config: { rateLimit: { mode: 'inert' }, ...options.config } });
  const { app, id } = world;
  const folder = join(world.profileDir, '..');
  if (environment !== 'staging') await value(app, 'deployment.edit', { id, environment });
  const arm = async (plan: PurgePlan) => app.dispatch('retention.arm', { deploymentId: id, planId: plan.id });
  const run = async (plan: PurgePlan, { confirm, approvalPath = null, token }: { readonly confirm?: string; readonly approvalPath?: string | null; readonly token?: string } = {}) => {
    const armed = await arm(plan);
    if (!armed.ok) return armed;
    return app.dispatch('retention.purge', { deploymentId: id, planId: plan.id, token: token ?? armed.value.token, confirm: confirm ?? armed.value.confirm, approvalPath });
  };
  let others = 0;
  return {
    ...world, folder,
    posts: () => world.server.requests.filter(({ method, url }) => method === 'POST' && url.startsWith('/api/audit/purge')).length,
    plan: (days) => value(app, 'retention.plan', { deploymentId: id, ...(days === undefined ? {} : { days }) }),
    async purge(plan, over) {
      const answer = await run(plan, over);
      if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`);
      return answer.value;
    },
    async refusal(plan, over) {
      const answer = await run(plan, over);
      return answer.ok ? 'ok' : answer.error.code;
    },
    async secondProfile() {
      others += 1;
      const clock = { ...systemClock, now: () => world.nowMs() };
      const other = await createApp(testPorts(join(folder, `other-${others}`), { log: keptLog(), clock, actor: 'second' }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
      cleanups.push(() => other.close());
      return other;
    },
    actions: async () => (await value(app, 'ledger.list', { limit: 200 })).entries.map(({ action }) => action).filter((action) => action.startsWith('retention.')).toReversed(),
  };
}
