// Owns what generated audit events are about (organisations, actors, routes, texts); refuses real people and real domains.
import type { RandomStream } from './random.ts';

export interface Organisation {
  readonly key: string;
  readonly weight: number;
  readonly actors: readonly Actor[];
}

export interface Actor {
  readonly sub: string;
  readonly email: string;
  readonly weight: number;
}

function actor(org: string, name: string, weight: number): Actor {
  // Build machines sign in as services, everyone else through Auth0.
  const issuer = name === 'ci-runner' ? 'service' : 'auth0';
  return { sub: `${issuer}|${org}-${name}`, email: `${name}@${org}.example`, weight };
}

/** Actors are named by their job, not as people. `acme` is the organisation of the token that the deployment hands out. */
export const ORGANISATIONS: readonly Organisation[] = [
  {
    key: 'acme',
    weight: 60,
    actors: [
      actor('acme', 'platform-admin', 10), actor('acme', 'security-admin', 6), actor('acme', 'release-manager', 14), actor('acme', 'backend-dev', 25),
      actor('acme', 'frontend-dev', 22), actor('acme', 'on-call', 8), actor('acme', 'contractor', 4), actor('acme', 'ci-runner', 11),
    ],
  },
  { key: 'borealis', weight: 18, actors: [actor('borealis', 'admin', 12), actor('borealis', 'data-dev', 40), actor('borealis', 'ci-runner', 20)] },
  { key: 'cobalt', weight: 10, actors: [actor('cobalt', 'admin', 20), actor('cobalt', 'support', 30)] },
];

/** Rows without organisation and actor: what the backend's own writer leaves (section 3.9). */
export const UNATTRIBUTED_WEIGHT = 12;

export interface RouteKind {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `{id}` becomes a UUID, `{plan}` a plan name. */
  readonly path: string;
  readonly weight: number;
  /** The status of an accepted request. */
  readonly accepted: number;
}

export const ROUTE_KINDS: readonly RouteKind[] = [
  { method: 'POST', path: '/api/navi/chat', weight: 26, accepted: 200 },
  { method: 'POST', path: '/api/plan/{plan}/step', weight: 20, accepted: 200 },
  { method: 'POST', path: '/api/navi/apply', weight: 9, accepted: 200 },
  { method: 'POST', path: '/api/memory/event', weight: 8, accepted: 201 },
  { method: 'POST', path: '/api/memory/graph/query', weight: 7, accepted: 200 },
  { method: 'PATCH', path: '/api/tasks/{id}', weight: 7, accepted: 200 },
  { method: 'PUT', path: '/api/connectors/{id}', weight: 3, accepted: 200 },
  { method: 'DELETE', path: '/api/connectors/{id}', weight: 2, accepted: 204 },
  { method: 'POST', path: '/api/plan/{plan}/archive', weight: 3, accepted: 200 },
  { method: 'POST', path: '/api/meetings/{id}/finalize', weight: 3, accepted: 202 },
  { method: 'POST', path: '/oauth/device/start', weight: 4, accepted: 200 },
  { method: 'POST', path: '/oauth/device/poll', weight: 3, accepted: 428 },
  { method: 'POST', path: '/api/admin/rbac/orgs', weight: 1, accepted: 201 },
  { method: 'POST', path: '/api/admin/rbac/users', weight: 2, accepted: 200 },
  { method: 'POST', path: '/api/admin/rbac/roles/grant', weight: 1, accepted: 200 },
  { method: 'DELETE', path: '/api/admin/rbac/roles/revoke', weight: 1, accepted: 200 },
];

/** Refusals and failures, and how often they replace the accepted status (per thousand requests). */
export const FAILURES: readonly { readonly status: number; readonly perMille: number }[] = [
  { status: 400, perMille: 12 }, { status: 401, perMille: 22 }, { status: 403, perMille: 16 }, { status: 404, perMille: 18 },
  { status: 409, perMille: 5 }, { status: 422, perMille: 20 }, { status: 429, perMille: 8 }, { status: 500, perMille: 9 }, { status: 502, perMille: 4 }, { status: 503, perMille: 4 },
];

/** What a burst of repeated requests is: refused sign-ins, a polling client, a batch job. */
export const BURSTS: readonly { readonly method: 'POST' | 'PATCH'; readonly path: string; readonly status: number }[] = [
  { method: 'POST', path: '/api/navi/chat', status: 401 },
  { method: 'POST', path: '/oauth/device/poll', status: 428 },
  { method: 'PATCH', path: '/api/tasks/{id}', status: 200 },
  { method: 'POST', path: '/api/navi/chat', status: 429 },
];

const PLAN_NAMES = ['billing-retries', 'search-index', 'sso-rollout', 'mobile-release', 'db-upgrade', 'docs-site', 'p-1', 'cost-report'] as const;

export function filledPath(template: string, random: RandomStream): string {
  return template.replace('{id}', () => uuid(random)).replace('{plan}', () => random.pick(PLAN_NAMES));
}

function uuid(random: RandomStream): string {
  const hex = random.hex(32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

const QUESTIONS = ['deploy status', 'flaky test', 'open incidents', 'zażółć gęślą jaźń ☃', '設定を確認', 'статус сборки', 'café naïve résumé 👩🏽‍🚀'] as const;

/** A plain payload as the middleware captures it: the query parameters only, never a body. */
export function queryParametersPayload(random: RandomStream): Readonly<Record<string, unknown>> {
  switch (random.below(5)) {
    case 0:
      return { query_params: {} };
    case 1:
      return { query_params: { trace: random.hex(16) } };
    case 2:
      return { query_params: { q: random.pick(QUESTIONS), limit: String(10 * (1 + random.below(10))) } };
    case 3:
      return { query_params: { dry_run: 'true', trace: random.hex(16), source: random.pick(['web', 'vscode', 'cli']) } };
    default:
      return { query_params: { page: String(1 + random.below(40)), sort: random.pick(['created_at', '-created_at', 'name']) } };
  }
}

/** Texts that try to mislead a reader, a terminal, a spreadsheet or a page. */
export const HOSTILE_TEXTS: readonly string[] = [
  '\u202egnp.exe\u202c',
  '\u2066admin\u2069\u200b\ufeff',
  '\u001b[2J\u001b[31mALL CLEAR\u001b[0m',
  '\u001b]8;https://phish.example\u0007click\u001b]8;\u0007',
  '<img src=x onerror=alert(1)>',
  '<script>window.holdfast=1</script>',
  '=HYPERLINK("https://phish.example","open")',
  "'; DROP TABLE audit_log_enhanced; --",
  '../../../../etc/passwd',
  'line one\r\nline two\u2028line three',
  'раypal-admin',
  'Z\u0351\u036b\u0343\u036a\u0302a\u0334\u030bl\u0334g\u0321o\u0353',
];
