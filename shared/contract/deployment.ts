// Calls about deployments: the registry, their tokens, what they offer, and the sample.
import { z } from '../zod.ts';
import { capability, deployment, deploymentId, deploymentKind, deploymentName, dialect, environment, role, tokenClaims } from '../domain/deployment.ts';
import type { ErrorCode } from '../errors.ts';
import { call, DEPLOYMENT_ERRORS } from './call.ts';

const byId = z.strictObject({ id: deploymentId });
/** PEM text of one or more CA certificates. */
const caPem = z.string().max(262_144);
/** SHA-256 of the SubjectPublicKeyInfo: sha256/BASE64, bare base64, or hex. */
const pin = z.string().trim().max(128);
/** A token on its way in. Surrounding white space and a leading "Bearer " are dropped. */
const token = z.string().min(1).max(16_384);

/** What goes with a deployment beside its audit rows and secrets, in words. */
const kept = z.array(z.strictObject({ what: z.string(), count: z.int() }));

const edit = {
  name: deploymentName,
  url: z.string().trim().min(1).max(2048),
  environment,
  caPem: caPem.nullable(),
  pin: pin.nullable(),
  readOnly: z.boolean(),
};

const editErrors = ['deployment_exists', 'deployment_not_found', 'invalid_url', 'insecure_url', 'invalid_ca', 'invalid_pin', 'ledger_broken'] as const;

export const deploymentTest = z.strictObject({
  kind: deploymentKind,
  /** karen: what answered as an AI-Karen does; null when nothing did, and for navi. */
  seen: z.string().nullable(),
  reached: z.boolean(),
  dialect: dialect.nullable(),
  /** How the dialect was told apart. */
  dialectReason: z.string(),
  capabilities: z.array(capability),
  /** The role that the deployment granted to our token, as its answers show; null when it granted none or could not be told. */
  role: role.nullable(),
  roleReason: z.string(),
  token: z.enum(['accepted', 'refused', 'none', 'unknown']),
  /** What an anonymous request for the security status got: refused is right; served means that authentication is off. */
  anonymous: z.enum(['refused', 'served', 'unknown']),
  transport: z.enum(['encrypted', 'loopback']),
  tls: z.strictObject({ protocol: z.string(), subject: z.string().nullable(), issuer: z.string().nullable(), validTo: z.string().nullable(), spki: z.string() }).nullable(),
  /** Server clock minus ours, in seconds; null when the server sent no date. */
  clockSkewSeconds: z.number().nullable(),
  durationMs: z.number(),
  warnings: z.array(z.string()),
  testedAt: z.string(),
});
export type DeploymentTest = z.infer<typeof deploymentTest>;

/** Why a test that got answers still did not succeed: the token was refused, or nothing showed that what was expected answers there; null when it succeeded. */
export function testRefusal(test: DeploymentTest): { readonly code: ErrorCode; readonly message: string; readonly hint: string } | null {
  if (test.kind === 'karen') {
    return test.seen !== null ? null : { code: 'response_unexpected', message: 'Something answered, but nothing showed that it is an AI-Karen.', hint: 'Check that the address is that of the backend itself (port 8000), not of its pages: a portal or a proxy may answer in its place.' };
  }
  if (test.token === 'refused') return { code: 'unauthorized', message: 'The deployment refused the token.', hint: 'It does not say why: expired, signed with another secret, or of another kind. Import a fresh one.' };
  const isNavi = test.dialect !== null || test.token === 'accepted' || test.anonymous !== 'unknown' || test.capabilities.some(({ state }) => state === 'offered');
  return isNavi ? null : { code: 'response_unexpected', message: 'Something answered, but nothing showed that it is a NAVI.', hint: 'Check that the address is that of the backend itself: a portal or a proxy may answer in its place.' };
}

export const deploymentCalls = {
  'deployment.list': call({ effect: 'read', input: z.strictObject({}), output: z.strictObject({ deployments: z.array(deployment) }), errors: [] }),
  'deployment.get': call({ effect: 'read', input: byId, output: deployment, errors: ['deployment_not_found'] }),
  /** Works while the deployment is down: nothing is sent. */
  'deployment.add': call({
    effect: 'write',
    input: z.strictObject({ ...edit, kind: deploymentKind, environment: environment.default('development'), caPem: edit.caPem.default(null), pin: edit.pin.default(null), readOnly: z.boolean().default(true), token: token.optional() }),
    output: deployment,
    errors: [...editErrors, 'invalid_token', 'not_offered'],
  }),
  'deployment.edit': call({ effect: 'write', input: byId.extend(z.strictObject(edit).partial().shape), output: deployment, errors: [...editErrors] }),
  'deployment.setToken': call({ effect: 'write', input: byId.extend({ token }), output: z.strictObject({ claims: tokenClaims }), errors: ['deployment_not_found', 'invalid_token', 'not_offered', 'ledger_broken'] }),
  /** Asks the deployment what it is and offers; remembers the answer. */
  'deployment.test': call({ effect: 'write', input: byId, output: deploymentTest, errors: ['deployment_not_found', ...DEPLOYMENT_ERRORS] }),
  /** What a removal would take with it, and the single-use token that arms it for 15 minutes. */
  'deployment.planRemoval': call({
    effect: 'read', input: byId, errors: ['deployment_not_found', 'rows_held'],
    output: z.strictObject({ token: z.string(), digest: z.string(), name: z.string(), events: z.int(), keys: z.int(), kept, /** Files with its data that were written outside the profile: they stay. */ files: z.array(z.string()), expiresAt: z.string() }),
  }),
  'deployment.remove': call({
    effect: 'destructive',
    input: byId.extend({ token: z.string().max(128), confirmName: z.string().max(64) }),
    output: z.strictObject({
      eventsRemoved: z.int(), secretsRemoved: z.int(), kept, filesLeft: z.array(z.string()),
      /** What was found of it afterwards: rows in every table that names deployments, but for the ledger, and secrets under its name. */
      left: z.strictObject({ tables: z.int(), rows: z.int(), secrets: z.int() }),
      /** Of the cache, its log and its copies on disk; null when the space could not be given back now: what was removed is overwritten all the same. */
      space: z.strictObject({ bytesBefore: z.int(), bytesAfter: z.int(), copiesRemoved: z.int(), isCompacted: z.boolean() }).nullable(),
    }),
    errors: ['deployment_not_found', 'plan_expired', 'confirmation_mismatch', 'rows_held', 'ledger_broken'],
  }),
  /** Starts the sample deployment on this machine and connects it, with its token and audit keys. */
  'deployment.startSample': call({ effect: 'write', input: z.strictObject({}), output: deployment, errors: ['sample_unavailable', 'ledger_broken', ...editErrors, ...DEPLOYMENT_ERRORS] }),
} as const;
