// What a deployment is to this console: its identity, how it is reached, and what it was seen to offer; never its credentials.
import { z } from '../zod.ts';
import { isoInstant } from './time.ts';

export const ENVIRONMENTS = ['production', 'staging', 'development', 'sample'] as const;
export const environment = z.enum(ENVIRONMENTS);
export type Environment = z.infer<typeof environment>;

/** navi: all of it. karen (AI-Karen): an address without a token; anonymous probes and imported configuration files only. */
export const deploymentKind = z.enum(['navi', 'karen']);
export type DeploymentKind = z.infer<typeof deploymentKind>;

/** The three audit-API dialects of NAVI (contract section 0); null when it could not be told. */
export const dialect = z.enum(['A', 'C0', 'C1']);
export type Dialect = z.infer<typeof dialect>;

export const deploymentName = z.string().trim().min(1).max(64).regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u, 'Use letters, digits, space, dot, dash and underscore; begin with a letter or digit.');
export const deploymentId = z.string().regex(/^d_[0-9a-f]{16}$/);

export const CAPABILITIES = ['security-status', 'audit-list', 'audit-export', 'audit-payload', 'decrypt-on-server', 'purge'] as const;
export const capabilityName = z.enum(CAPABILITIES);
export type CapabilityName = z.infer<typeof capabilityName>;

/** One line of the capability table: offered, not offered or not known, always with the reason. */
export const capability = z.strictObject({
  name: capabilityName,
  state: z.enum(['offered', 'not-offered', 'unknown']),
  reason: z.string(),
});
export type Capability = z.infer<typeof capability>;

/** A token's unverified claims, as far as they help to recognise it. The token itself is not here. */
export const tokenClaims = z.strictObject({
  format: z.enum(['jwt', 'opaque']),
  subject: z.string().nullable(),
  role: z.string().nullable(),
  org: z.string().nullable(),
  email: z.string().nullable(),
  issuer: z.string().nullable(),
  algorithm: z.string().nullable(),
  issuedAt: isoInstant.nullable(),
  expiresAt: isoInstant.nullable(),
  /** What makes this token unlikely to work, in plain words. */
  warnings: z.array(z.string()),
});
export type TokenClaims = z.infer<typeof tokenClaims>;

export const role = z.enum(['viewer', 'planner', 'admin']);
export type Role = z.infer<typeof role>;

/** How fresh what we hold is: it belongs to the data, not to the connection. */
export const reachability = z.strictObject({
  state: z.enum(['reached', 'unreachable', 'refused', 'never-tried']),
  at: isoInstant.nullable(),
  /** When an answer last came; stays while the deployment is away. */
  lastReachedAt: isoInstant.nullable(),
  errorCode: z.string().nullable(),
  message: z.string().nullable(),
});
export type Reachability = z.infer<typeof reachability>;

export const deployment = z.strictObject({
  id: deploymentId,
  name: z.string(),
  url: z.string(),
  kind: deploymentKind,
  environment,
  readOnly: z.boolean(),
  hasCa: z.boolean(),
  pin: z.string().nullable(),
  /** encrypted: TLS. loopback: plain HTTP that never leaves this machine. */
  transport: z.enum(['encrypted', 'loopback']),
  token: z.strictObject({ stored: z.boolean(), claims: tokenClaims.nullable(), importedAt: isoInstant.nullable() }),
  dialect: dialect.nullable(),
  role: role.nullable(),
  capabilities: z.array(capability),
  capabilitiesAt: isoInstant.nullable(),
  reachability,
  createdAt: isoInstant,
});
export type Deployment = z.infer<typeof deployment>;
