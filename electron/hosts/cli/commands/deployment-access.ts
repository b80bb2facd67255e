// The command that lets requests that change something leave for a deployment, or forbids them.
import { command } from '../command.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../failure.ts';
import { say } from '../print.ts';
import { deploymentNamed, NAME } from './named.ts';

const access = command({
  words: ['deployment', 'access'],
  summary: 'Allow requests that change something at a deployment, or forbid them.',
  arguments: [NAME],
  options: {
    'read-write': { type: 'flag', about: 'allow requests that change something there' },
    'read-only': { type: 'flag', about: 'let none of them leave this machine' },
  },
}, async ({ args: [name], options }, context) => {
  if (options['read-write'] === options['read-only']) throw new UsageError('Either --read-write or --read-only.', ['deployment', 'access']);
  const edited = await context.serve(['deployment.list', 'deployment.edit'], async (app) => app.call('deployment.edit', { id: (await deploymentNamed(app, name)).id, readOnly: options['read-only'] }));
  return { document: edited, text: edited.readOnly ? say`${edited.name} is read-only here.` : say`${edited.name} is read-write: requests that change something there may leave this machine.` };
});

export const deploymentAccessCommands: readonly Command[] = [access];
