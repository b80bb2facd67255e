// Owns GET /api/me, the one route that takes a session token (section 1.3); refuses platform tokens.
import { bearerToken, nowSeconds } from '../caller.ts';
import { DIALECTS } from '../config.ts';
import type { RouteContext } from '../context.ts';
import { verifySession } from '../jwt.ts';
import { HttpProblem, jsonReply, type Reply } from '../reply.ts';
import type { Route } from '../router.ts';

function whoAmI(context: RouteContext): Reply {
  const token = bearerToken(context);
  if (token === null) throw new HttpProblem(401, 'Missing or invalid Authorization header');
  const result = verifySession(token, context.backend.secrets.sessionSecret, nowSeconds(context));
  if ('failure' in result) throw new HttpProblem(401, `Invalid session token: ${result.failure}`);
  const { sub, email, org, roles } = result.claims;
  return jsonReply(200, { sub, email: email ?? null, name: null, org: org ?? null, roles: roles ?? [] });
}

export const ME_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/api/me', dialects: DIALECTS, summary: 'Me', isInSchema: true, access: 'session', parameters: [], handle: whoAmI },
];
