// Owns the command line of the reference AI-Karen; refuses unknown options and unknown states.
import { parseArgs } from 'node:util';
import { BUILDS, configFor, isStateName, STATES } from './config.ts';
import type { KarenConfig, StateName } from './config.ts';

export const USAGE = `usage: node test/deployments/karen/main.ts --build SEED|HEAD [options]
  --port P                 0 = any free port (default 0)
  --tls                    serve HTTPS with a throw-away authority (needs the openssl program)
  --state A[,B...]         ${Object.keys(STATES).join(', ')}
  --rate-limit PER_MINUTE  a working limiter with this limit
  --exit-with-parent       stop when standard input closes`;

export interface MainOptions {
  readonly config: KarenConfig;
  readonly states: readonly StateName[];
  readonly port: number;
  readonly usesTls: boolean;
  readonly exitsWithParent: boolean;
}

export class UsageError extends Error {}

/** Reads the arguments after the script's name, or throws UsageError. */
export function parseOptions(args: readonly string[]): MainOptions {
  const values = readArguments(args);
  const build = BUILDS.find((name) => name === values.build);
  if (build === undefined) throw new UsageError(`--build must be one of ${BUILDS.join(', ')}`);
  const states = (values.state ?? '').split(',').filter((name) => name !== '').map((name) => {
    if (!isStateName(name)) throw new UsageError(`unknown state "${name}"; known: ${Object.keys(STATES).join(', ')}`);
    return name;
  });
  const limit = values['rate-limit'];
  return {
    config: configFor(build, states, limit === undefined ? {} : { requestsPerMinute: wholeNumber('--rate-limit', limit) }),
    states, port: wholeNumber('--port', values.port ?? '0'), usesTls: values.tls ?? false, exitsWithParent: values['exit-with-parent'] ?? false,
  };
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { build: { type: 'string', default: 'SEED' }, port: { type: 'string' }, tls: { type: 'boolean' }, state: { type: 'string' }, 'rate-limit': { type: 'string' }, 'exit-with-parent': { type: 'boolean' } },
    }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause));
  }
}

function wholeNumber(option: string, given: string): number {
  if (!/^\d{1,9}$/.test(given)) throw new UsageError(`${option} must be a whole number`);
  return Number(given);
}
