// Owns the routes that stand beside the platform verifier: governance audit (section 3.7), the Auth0 verifier (section 1.3); refuses to serve them better than the backend does.
import { bearerToken, requireRole } from '../caller.ts';
import { DIALECTS } from '../config.ts';
import type { RouteContext } from '../context.ts';
import { HttpProblem, jsonReply, type Reply } from '../reply.ts';
import type { Route } from '../router.ts';

/** No authentication at all, unless somebody put a guard in front. */
function governanceAudit(context: RouteContext): Reply {
  if (!context.config.isGovernanceOpen) requireRole(context, 'admin');
  return jsonReply(200, { audit_entries: [], total: 0 });
}

/** Another verifier, which only takes RS256 tokens of Auth0; when it cannot fetch the keys, it says so in the words of the system. */
function auth0Admin(context: RouteContext): Reply {
  if (bearerToken(context) === null) throw new HttpProblem(403, 'Not authenticated');
  throw new HttpProblem(401, context.config.isAuth0Reachable ? 'Unauthorized: Unable to find appropriate key' : 'Unauthorized: [Errno -2] Name or service not known');
}

const base = { method: 'GET', dialects: DIALECTS, isInSchema: true, access: 'public', parameters: [] } as const;

export const EXPOSED_ROUTES: readonly Route[] = [
  { ...base, path: '/api/governance/audit', summary: 'Get Governance Audit', handle: governanceAudit },
  { ...base, path: '/api/admin', summary: 'Admin', handle: auth0Admin },
];
