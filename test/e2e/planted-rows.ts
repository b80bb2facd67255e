// One audit row of each kind of payload, for tests of how each is shown; it plants nothing that the generator already gives in numbers.
import { encryptedPayload } from '../deployments/navi/fernet-writer.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';

/** What the two sealed rows hold. */
export const CANARY = 'opened-canary-71f3';
const OTHER_CANARY = 'opened-canary-8a02';
export const WRONG_LABEL_CANARY = 'wrong-label-canary-c210';
/** How many rows there are; all begin with /e2e/ in their route and answer 418. */
export const PLANTED = 8;

/** One row of each kind, newer than all generated ones, each on a route of its own. */
export function plantRows(deployment: NaviDeployment): void {
  const { activeAuditKey, olderAuditKey, lostAuditKey } = deployment.secrets;
  const seconds = Math.floor(Date.now() / 1000);
  const sealed = (key: { key: string; keyId: string }, label: string, text: string) => encryptedPayload({ shape: 'core', key: key.key, keyId: label, payload: { query_params: { q: text } }, iv: Buffer.alloc(16, 7), seconds });
  const kinds: readonly { readonly route: string; readonly payload: unknown; readonly org?: string }[] = [
    { route: '/e2e/plain', payload: { query_params: { q: 'plain-canary' } } },
    { route: '/e2e/sealed', payload: sealed(activeAuditKey, activeAuditKey.keyId, CANARY) },
    { route: '/e2e/second', payload: sealed(activeAuditKey, activeAuditKey.keyId, OTHER_CANARY) },
    { route: '/e2e/wrong-label', payload: sealed(olderAuditKey, activeAuditKey.keyId, WRONG_LABEL_CANARY) },
    { route: '/e2e/lost-key', payload: sealed(lostAuditKey, lostAuditKey.keyId, 'lost') },
    { route: '/e2e/failed', payload: { encrypted: false, error: 'audit_encryption_failed' } },
    { route: '/e2e/malformed', payload: { encrypted: true, key_id: activeAuditKey.keyId } },
    { route: '/e2e/elsewhere', payload: { query_params: { q: 'never seen' } }, org: 'borealis' },
  ];
  deployment.insertRows(kinds.map(({ route, payload, org = 'acme' }, at) => ({
    orgKey: org, actorSub: `auth0|${org}-security-admin`, actorEmail: `security-admin@${org}.example`, route, method: 'POST', eventType: 'http.request', resourceId: `e2e-${at}`, payload, statusCode: 418, createdAtMicros: (seconds - 60 + at) * 1_000_000,
  })));
}
