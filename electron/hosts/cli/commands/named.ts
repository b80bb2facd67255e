// From the name on the command line to the deployment it means.
import type { Deployment } from '#shared/domain/deployment.ts';
import { AppError } from '#shared/errors.ts';
import type { ArgumentSpec } from '../args.ts';
import type { Served } from '../command.ts';

export const NAME = { name: 'NAME', type: 'text', about: 'name of the deployment' } as const satisfies ArgumentSpec;

/** The deployment of that name, or of that id. Throws AppError deployment_not_found with the names there are. */
export async function deploymentNamed(app: Served<'deployment.list'>, name: string): Promise<Deployment> {
  const { deployments } = await app.call('deployment.list', {});
  const wanted = name.trim();
  const found = deployments.find((each) => each.name === wanted) ?? deployments.find((each) => each.id === wanted);
  if (found !== undefined) return found;
  throw new AppError('deployment_not_found', {
    message: `There is no deployment called "${wanted}" in this profile. Nothing was done.`,
    hint: deployments.length === 0 ? 'Add one with "holdfast deployment add", or name another --profile.' : `There is: ${deployments.map((each) => each.name).join(', ')}.`,
  });
}
