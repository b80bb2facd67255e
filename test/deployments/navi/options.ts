// Owns the command line of the reference deployment; refuses unknown options and unknown states.
import { parseArgs } from 'node:util';
import { configFor, DIALECTS, isStateName, STATES, uniformRateRules, type Dialect, type NaviConfig, type StateName } from './config.ts';

export const USAGE = `usage: node test/deployments/navi/main.ts --dialect A|C0|C1 [options]
  --events N               how many audit events to generate (default 1000)
  --port P                 0 = any free port (default 0)
  --seed N                 derives keys, tokens' secrets and events (default 1)
  --now ISO                anchor of the generated events (default: the present)
  --tls                    serve HTTPS with a throw-away authority (needs the openssl program)
  --state A[,B...]         ${Object.keys(STATES).join(', ')}
  --db postgres|sqlite     how timestamps look in the list (default postgres)
  --rate-limit PER_MINUTE  a working limiter with this limit in every category
  --admin-token-ttl SECONDS  life of the printed tokens (default 604800)
  --exit-with-parent       stop when standard input closes`;

export interface MainOptions {
  readonly config: NaviConfig;
  readonly states: readonly StateName[];
  readonly events: number;
  readonly port: number;
  readonly seed: number;
  readonly now: Date | null;
  readonly usesTls: boolean;
  readonly tokenTtlSeconds: number;
  readonly exitsWithParent: boolean;
}

export class UsageError extends Error {}

/** Reads the arguments after the script's name, or throws UsageError. */
export function parseOptions(args: readonly string[]): MainOptions {
  const values = readArguments(args);
  const dialect = DIALECTS.find((name) => name === values.dialect);
  if (dialect === undefined) throw new UsageError(`--dialect must be one of ${DIALECTS.join(', ')}`);
  const states = (values.state ?? '').split(',').filter((name) => name !== '').map(checkedState);
  return {
    config: configOf(dialect, states, values),
    states,
    events: wholeNumber('--events', values.events ?? '1000'),
    port: wholeNumber('--port', values.port ?? '0'),
    seed: wholeNumber('--seed', values.seed ?? '1'),
    now: values.now === undefined ? null : instant(values.now),
    usesTls: values.tls ?? false,
    tokenTtlSeconds: wholeNumber('--admin-token-ttl', values['admin-token-ttl'] ?? '604800'),
    exitsWithParent: values['exit-with-parent'] ?? false,
  };
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        dialect: { type: 'string', default: 'C1' },
        events: { type: 'string' },
        port: { type: 'string' },
        seed: { type: 'string' },
        now: { type: 'string' },
        tls: { type: 'boolean' },
        state: { type: 'string' },
        db: { type: 'string' },
        'rate-limit': { type: 'string' },
        'admin-token-ttl': { type: 'string' },
        'exit-with-parent': { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause));
  }
}

function configOf(dialect: Dialect, states: readonly StateName[], values: { readonly db?: string | undefined; readonly 'rate-limit'?: string | undefined }): NaviConfig {
  const base = configFor(dialect, states);
  if (values.db !== undefined && values.db !== 'postgres' && values.db !== 'sqlite') throw new UsageError('--db must be postgres or sqlite');
  const limit = values['rate-limit'];
  return {
    ...base,
    ...(values.db === undefined ? {} : { database: { ...base.database, flavour: values.db } }),
    ...(limit === undefined ? {} : { rateLimit: { mode: 'working', rules: uniformRateRules(wholeNumber('--rate-limit', limit), 0), onlyPath: null } }),
  };
}

function checkedState(name: string): StateName {
  if (!isStateName(name)) throw new UsageError(`unknown state "${name}"; known: ${Object.keys(STATES).join(', ')}`);
  return name;
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} must be a whole number`);
  return Number(text);
}

function instant(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new UsageError('--now must be an ISO time');
  return date;
}
