// The security status of a deployment: refreshed where that is possible, else what the cache holds, with the reason.
import type { SecurityView } from '#shared/contract/security.ts';
import type { WireError } from '#shared/errors.ts';
import { command } from '../command.ts';
import type { Command, Context } from '../command.ts';
import { Refused } from '../failure.ts';
import { say, stateCell, table, utc } from '../print.ts';
import type { Look } from '../print.ts';
import { deploymentNamed, NAME } from './named.ts';

/** After these there is nothing to fall back to, or the admin asked to stop. */
const FINAL: ReadonlySet<string> = new Set(['internal', 'cancelled', 'invalid_input', 'deployment_not_found']);

const show = command({
  words: ['security', 'show'],
  summary: 'Show the security checks of a deployment with their evidence.',
  arguments: [NAME],
  options: { offline: { type: 'flag', about: 'ask nobody: show what the cache holds' } },
  notes: ['It asks the deployment first. Where that is not possible (no network, or a window holds the profile) it shows the cache and says why on stderr.'],
}, async ({ args: [name], options }, context) => {
  const view = options.offline ? await cached(name, context) : await refreshed(name, context);
  return { document: view, text: describe(view, context.look) };
});

async function refreshed(name: string, context: Context): Promise<SecurityView> {
  let refusal: WireError;
  try {
    const answer = await context.serve(['deployment.list', 'security.refresh', 'security.show'], async (app) => {
      const { id: deploymentId } = await deploymentNamed(app, name);
      const envelope = await app.attempt('security.refresh', { deploymentId });
      if (envelope.ok) return envelope.value;
      if (FINAL.has(envelope.error.code)) throw new Refused(envelope.error);
      context.note(`Not refreshed: ${envelope.error.message} ${envelope.error.hint}`);
      return app.call('security.show', { deploymentId });
    });
    return answer;
  } catch (error) {
    if (!(error instanceof Refused) || error.wire.code !== 'profile_in_use') throw error;
    refusal = error.wire;
  }
  context.note(`Not refreshed: ${refusal.message}`);
  return cached(name, context);
}

function cached(name: string, context: Context): Promise<SecurityView> {
  return context.serve(['deployment.list', 'security.show'], async (app) => app.call('security.show', { deploymentId: (await deploymentNamed(app, name)).id }));
}

function describe(view: SecurityView, look: Look): string {
  const rows = view.checks.map((check) => [stateCell(check.state), check.severity, check.title, check.state === 'pass' || check.state === 'fail' ? check.seen : check.reason]);
  const lines = [
    table([{ title: 'STATE' }, { title: 'SEVERITY' }, { title: 'CHECK' }, { title: 'SEEN', cut: true }], rows, look),
    '',
    say`${view.summary.replace(/\.$/, '')}. Observed ${utc(view.observedAt)}.`,
  ];
  if (view.lastFailure !== null) lines.push(say`The last attempt to refresh failed at ${utc(view.lastFailure.at)}: ${view.lastFailure.message}`);
  return lines.join('\n');
}

export const securityCommands: readonly Command[] = [show];
