// Owns the typed description of one AI-Karen backend (build, switches, faults); refuses to know how any of it is answered.

/** SEED: the deployment of the seed report, whose guard never refuses. HEAD: the newest build, whose guard refuses all but a list, and can be skipped by two headers. */
export type Build = 'SEED' | 'HEAD';

export const BUILDS: readonly Build[] = ['SEED', 'HEAD'];

export interface KarenConfig {
  readonly build: Build;
  /** Outside production the API pages are served. */
  readonly environment: 'production' | 'development';
  /** Origins that may call from a browser; `*` allows all. */
  readonly corsOrigins: readonly string[];
  /** Null: ENABLE_RATE_LIMITING is not set. Otherwise requests per minute for one address (the rule ip_general has 300). */
  readonly requestsPerMinute: number | null;
  readonly isFirstRun: boolean;
  /** HEAD: the two headers that give an admin context. */
  readonly takesBypassHeaders: boolean;
  /** Admin, audit and login-service routes of SEED behind a guard, as they are not in any build. */
  readonly guardsAdmin: boolean;
  readonly hasOpenMetrics: boolean;
  /** What a proxy in front adds. */
  readonly addedHeaders: Readonly<Record<string, string>>;
  /** Errors give away what the database driver says. */
  readonly leaksDriverText: boolean;
  /** Whatever is asked, a portal answers with its login page. */
  readonly isBehindPortal: boolean;
  /** Its database is away, and it says so. */
  readonly isDegraded: boolean;
}

const ORDINARY: Omit<KarenConfig, 'build'> = {
  environment: 'production',
  corsOrigins: ['http://localhost:8010'],
  requestsPerMinute: null,
  isFirstRun: true,
  takesBypassHeaders: true,
  guardsAdmin: false,
  hasOpenMetrics: false,
  addedHeaders: {},
  leaksDriverText: false,
  isBehindPortal: false,
  isDegraded: false,
};

/** Named states as data: each is what differs from the ordinary state. */
export const STATES = {
  development: { environment: 'development' },
  'cors-open': { corsOrigins: ['*'] },
  'rate-limited': { requestsPerMinute: 300 },
  'set-up': { isFirstRun: false },
  'bypass-closed': { takesBypassHeaders: false },
  guarded: { guardsAdmin: true, isFirstRun: false },
  'metrics-open': { hasOpenMetrics: true },
  'hsts-by-proxy': { addedHeaders: { 'strict-transport-security': 'max-age=31536000; includeSubDomains; preload' } },
  'driver-text': { leaksDriverText: true },
  portal: { isBehindPortal: true },
  degraded: { isDegraded: true },
} as const satisfies Readonly<Record<string, Partial<KarenConfig>>>;

export type StateName = keyof typeof STATES;

export const isStateName = (name: string): name is StateName => Object.hasOwn(STATES, name);

/** The configuration of a build in the given states; later states win, `overrides` win over all. */
export function configFor(build: Build, states: readonly StateName[] = [], overrides: Partial<KarenConfig> = {}): KarenConfig {
  return [...states.map((name): Partial<KarenConfig> => STATES[name]), overrides].reduce<KarenConfig>((config, layer) => ({ ...config, ...layer }), { build, ...ORDINARY });
}
