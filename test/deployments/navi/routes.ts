// Owns the route table of every dialect; refuses routes that no part of the contract names.
import type { Dialect } from './config.ts';
import type { Route } from './router.ts';
import { AUDIT_DECRYPT_ROUTES } from './routes/audit-decrypt.ts';
import { AUDIT_EXPORT_ROUTES } from './routes/audit-export.ts';
import { AUDIT_LIST_ROUTES } from './routes/audit-list.ts';
import { AUDIT_PAYLOAD_ROUTES } from './routes/audit-payload.ts';
import { EXPOSED_ROUTES } from './routes/exposed.ts';
import { HEALTH_ROUTES } from './routes/health.ts';
import { ME_ROUTES } from './routes/me.ts';
import { documentationRoutes } from './routes/openapi.ts';
import { SECURITY_ROUTES } from './routes/security.ts';

const ALL_ROUTES: readonly Route[] = [
  ...HEALTH_ROUTES,
  ...SECURITY_ROUTES,
  ...AUDIT_LIST_ROUTES,
  ...AUDIT_EXPORT_ROUTES,
  ...AUDIT_DECRYPT_ROUTES,
  ...AUDIT_PAYLOAD_ROUTES,
  ...ME_ROUTES,
  ...EXPOSED_ROUTES,
  ...documentationRoutes(routesOf),
];

/** The routes a dialect answers, in matching order. */
export function routesOf(dialect: Dialect): readonly Route[] {
  return ALL_ROUTES.filter((route) => route.dialects.includes(dialect));
}
