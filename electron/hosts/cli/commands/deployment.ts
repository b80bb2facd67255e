// The commands about deployments: add, list, show, test, replace the token, remove.
import { readFileSync, statSync } from 'node:fs';
import { testRefusal } from '#shared/contract/deployment.ts';
import { deploymentKind, ENVIRONMENTS } from '#shared/domain/deployment.ts';
import type { Deployment, TokenClaims } from '#shared/domain/deployment.ts';
import { AppError } from '#shared/errors.ts';
import { command } from '../command.ts';
import type { Command, Failing } from '../command.ts';
import { UsageError } from '../failure.ts';
import { counted, fields, say, table, utc } from '../print.ts';
import { describeDeployment, describeTest } from './deployment-text.ts';
import { deploymentNamed, NAME } from './named.ts';
import { bullets, size } from './retention-text.ts';

const CA_MAX_BYTES = 262_144;
const TOKEN_OPTION = { type: 'flag', about: 'read the access token from stdin; on a terminal ask for it without echo' } as const;

const add = command({
  words: ['deployment', 'add'],
  summary: 'Add a deployment. Nothing is sent to it, so it may be down.',
  arguments: [{ ...NAME, about: 'a name of your choice: letters, digits, space, dot, dash, underscore' }],
  options: {
    url: { type: 'text', value: 'URL', required: true, about: 'its address; plain http only on this machine' },
    kind: { type: 'text', value: 'KIND', choices: deploymentKind.options, fallback: 'navi', about: 'what runs there; karen (AI-Karen) takes an address alone: probes and configuration files' },
    'token-stdin': TOKEN_OPTION,
    ca: { type: 'text', value: 'FILE', about: 'PEM file of the certificate authority that signed its certificate' },
    pin: { type: 'text', value: 'SPKI', about: 'SHA-256 of its public key: sha256/BASE64, base64 or hex' },
    'read-write': { type: 'flag', about: 'allow requests that change something there; without it none leaves this machine' },
    environment: { type: 'text', value: 'E', choices: ENVIRONMENTS, fallback: 'development', about: 'what it is used for' },
  },
}, async ({ args: [name], options }, context) => {
  const caPem = options.ca === undefined ? null : readCa(options.ca);
  const token = options['token-stdin'] ? await context.readSecret('access token') : undefined;
  const added = await context.serve(['deployment.add'], (app) => app.call('deployment.add', {
    name, url: options.url, kind: options.kind, environment: options.environment, caPem, pin: options.pin ?? null, readOnly: !options['read-write'], ...(token === undefined ? {} : { token }),
  }));
  for (const warning of added.token.claims?.warnings ?? []) context.note(warning);
  return { document: added, text: say`Added ${added.name} (${added.url}, ${added.environment}, ${added.readOnly ? 'read-only' : 'read and write'}). ${tokenSentence(added)}\nNext: holdfast deployment test "${added.name}"` };
});

const list = command({ words: ['deployment', 'list'], summary: 'List the deployments of this profile.', arguments: [], options: {} }, async (_, context) => {
  const { deployments } = await context.serve(['deployment.list'], (app) => app.call('deployment.list', {}));
  const text = deployments.length === 0
    ? 'No deployment yet. Add one with "holdfast deployment add".'
    : table(
      [{ title: 'NAME', cut: true }, { title: 'KIND' }, { title: 'ENVIRONMENT' }, { title: 'MODE' }, { title: 'TOKEN' }, { title: 'LAST ANSWER' }, { title: 'URL', cut: true }],
      deployments.map((each) => [each.name, each.dialect === null ? each.kind : `${each.kind} ${each.dialect}`, each.environment, each.readOnly ? 'read-only' : 'read-write', each.token.stored ? 'stored' : 'none', utc(each.reachability.lastReachedAt), each.url]),
      context.look,
    );
  return { document: { deployments }, text };
});

const show = command({ words: ['deployment', 'show'], summary: 'Show one deployment: how it is reached, its token\'s claims, what it offers.', arguments: [NAME], options: {} }, async ({ args: [name] }, context) => {
  const found = await context.serve(['deployment.list'], (app) => deploymentNamed(app, name));
  return { document: found, text: describeDeployment(found, context.look) };
});

const test = command({ words: ['deployment', 'test'], summary: 'Ask a deployment what it is and offers, and remember the answer.', arguments: [NAME], options: {} }, async ({ args: [name] }, context) => {
  const tested = await context.serve(['deployment.list', 'deployment.test'], async (app) => app.call('deployment.test', { id: (await deploymentNamed(app, name)).id }));
  return { document: tested, text: describeTest(tested, context.look), failing: testRefusal(tested) ?? undefined };
});

const token = command({
  words: ['deployment', 'token'],
  summary: 'Replace the access token of a deployment.',
  arguments: [NAME],
  options: { 'token-stdin': { ...TOKEN_OPTION, required: true } },
}, async ({ args: [name] }, context) => {
  const text = await context.readSecret('access token');
  const { claims } = await context.serve(['deployment.list', 'deployment.setToken'], async (app) => app.call('deployment.setToken', { id: (await deploymentNamed(app, name)).id, token: text }));
  for (const warning of claims.warnings) context.note(warning);
  return { document: { claims }, text: say`Stored the token of ${name}. ${claimsSentence(claims)}` };
});

const remove = command({
  words: ['deployment', 'remove'],
  summary: 'Remove a deployment with its cached rows, token and keys. Without --confirm it only says what would go.',
  arguments: [NAME],
  options: { confirm: { type: 'text', value: 'NAME', about: 'the name once more, to remove it' } },
  notes: ['The ledger keeps its entries about the deployment, and runs of runbooks stay with their evidence. Nothing is changed at the deployment itself.'],
}, async ({ args: [name], options }, context) => {
  if (options.confirm === undefined) {
    const plan = await context.serve(['deployment.list', 'deployment.planRemoval'], async (app) => app.call('deployment.planRemoval', { id: (await deploymentNamed(app, name)).id }));
    const failing: Failing = { code: 'invalid_input', message: 'Nothing was removed: --confirm is missing.', hint: `To remove it, add: --confirm "${plan.name}"` };
    const text = [say`Would remove ${plan.name}: ${counted(plan.events, 'cached event')}, ${counted(plan.keys, 'audit key')}, its token and its settings.`, ...beside('Would go too', plan.kept), ...bullets('These files with its data would stay, outside the profile:', plan.files)].join('\n\n');
    return { document: { removed: false, name: plan.name, events: plan.events, keys: plan.keys, kept: plan.kept, files: plan.files }, text, failing };
  }
  const confirmName = options.confirm;
  const removed = await context.serve(['deployment.list', 'deployment.planRemoval', 'deployment.remove'], async (app) => {
    const { id } = await deploymentNamed(app, name);
    const plan = await app.call('deployment.planRemoval', { id });
    return app.call('deployment.remove', { id, token: plan.token, confirmName });
  });
  const { left, space } = removed;
  const found = left.rows + left.secrets === 0 ? `nothing of it in ${counted(left.tables, 'table')} and in the secret store, looked at after it` : `${counted(left.rows, 'row')} in ${counted(left.tables, 'table')}, ${counted(left.secrets, 'secret')}: not everything went`;
  const text = [
    say`Removed ${confirmName}: ${counted(removed.eventsRemoved, 'cached event')} and ${counted(removed.secretsRemoved, 'secret')}.`,
    ...beside('Went too', removed.kept),
    fields([['Left of it', found], ['On disk', space === null ? 'overwritten; the space is given back by the next retention own purge' : `${size(space.bytesBefore)} before, ${size(space.bytesAfter)} now${space.copiesRemoved === 0 ? '' : `; ${counted(space.copiesRemoved, 'old copy', 'old copies')} removed`}`]], context.look),
    ...bullets('These files with its data stay, outside the profile:', removed.filesLeft),
  ].join('\n\n');
  return { document: { removed: true, name: confirmName, ...removed }, text };
});

const beside = (title: string, kept: readonly { readonly what: string; readonly count: number }[]): string[] => (kept.length === 0 ? [] : [`${title}: ${kept.map(({ what, count }) => `${what} ${count}`).join(', ')}.`]);

/** Reads the PEM text; whether it holds certificates is for core to say. Throws AppError invalid_ca. */
function readCa(path: string): string {
  try {
    if (statSync(path).size > CA_MAX_BYTES) throw new UsageError(`The file of --ca is larger than ${CA_MAX_BYTES / 1024} KiB; give a PEM file with the authority's certificates only.`, ['deployment', 'add']);
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new AppError('invalid_ca', { message: `The CA file cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown reason'}). Nothing was added.`, hint: 'Name a PEM file that you can read.', cause });
  }
}

function tokenSentence(added: Deployment): string {
  if (added.kind === 'karen') return 'It is asked without a token.';
  if (!added.token.stored) return 'No token is stored: give one with "holdfast deployment token NAME --token-stdin".';
  return added.token.claims === null ? 'Its token is stored.' : `Its token is stored. ${claimsSentence(added.token.claims)}`;
}

function claimsSentence(claims: TokenClaims): string {
  if (claims.format === 'opaque') return 'It is opaque: it carries no claims.';
  return `It says: role ${claims.role ?? 'none'}, organisation ${claims.org ?? 'none'}, expires ${claims.expiresAt === null ? 'never' : utc(claims.expiresAt)}.`;
}

export const deploymentCommands: readonly Command[] = [add, list, show, test, token, remove];
