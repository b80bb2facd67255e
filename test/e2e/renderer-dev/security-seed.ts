// Made-up looks, plans and a fleet, for drawing the security screen; used by nothing that ships and by no test of behaviour.
import type { CallInput, CallName, CallOutput } from '#shared/contract.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { isAccepted } from '#shared/domain/evidence.ts';
import { ago, BASELINE, makeSecurity } from './seed.ts';

type Answers = { [N in CallName]?: (input: CallInput<N>) => CallOutput<N> };

const head = (id: number, isReviewed = false): CallOutput<'security.history'>['snapshots'][number] => ({
  id, at: ago((5 - id) * 86_400), baseline: { id: BASELINE.id, version: BASELINE.version, digest: BASELINE.digest }, counts: { pass: 7 + id % 2, fail: 2, accepted: 1, unknown: 3 - id % 2, stale: 1, 'not-applicable': 2 }, summary: '10 of 14 known and fresh: 7 pass, 2 fail, 1 accepted', isReviewed,
});

export function securityAnswers(deployments: readonly Deployment[]): Answers {
  const plan = ({ deploymentId }: { deploymentId: string }): CallOutput<'security.plan'> => ({
    deploymentId, status: 'GET /api/admin/security/status', requests: 2,
    probes: [
      { id: 'anonymous', title: 'Without a token', requests: ['GET https://navi.acme.example/api/admin/security/status', 'GET https://navi.acme.example/api/governance/audit'], about: 'Whether a request without a token is refused.', consent: 'probes', willRun: true },
      { id: 'burst', title: 'Many requests', requests: Array.from({ length: 45 }, () => 'GET https://navi.acme.example/api/health'), about: 'Whether 429 comes.', consent: 'burst', willRun: false },
    ],
    consents: [{ consent: 'probes', isAllowed: true, decidedAt: ago(86_400) }, { consent: 'burst', isAllowed: false, decidedAt: null }, { consent: 'header-bypass', isAllowed: false, decidedAt: null }],
  });
  return {
    'security.plan': plan,
    'security.setConsent': plan,
    'security.history': () => ({ snapshots: [head(4), head(3), head(2, true), head(1)] }),
    'security.checkHistory': () => ({ points: (['pass', 'pass', 'unknown', 'stale', 'fail', 'fail'] as const).map((state, at) => ({ snapshotId: at + 1, at: ago((7 - at) * 86_400), state, isAccepted: at === 5 })) }),
    'security.diff': ({ from, to }) => ({ from: head(from, from === 2), to: head(to), unchanged: 14, changes: [
      { checkId: 'overdue', title: 'Retention deletes overdue rows', severity: 'high', change: 'broken', from: 'pass', to: 'fail', seenBefore: '0 overdue', seenNow: '2 overdue, growing' },
      { checkId: 'days', title: 'Retention is at least 30 days', severity: 'medium', change: 'fixed', from: 'fail', to: 'pass', seenBefore: '7 days', seenNow: '90 days' },
    ] }),
    'security.baselines': () => ({ baselines: [BASELINE] }),
    'security.fleet': () => {
      const { checks, counts, summary } = makeSecurity('d_0000000000000000');
      return {
        checks: checks.map(({ id, title, severity }) => ({ id, title, severity })),
        rows: deployments.map(({ id, name, kind, environment }) => ({ deploymentId: id, name, kind, environment, baselineId: BASELINE.id, observedAt: ago(3 * 3600), counts, summary, states: Object.fromEntries(checks.map((check) => [check.id, isAccepted(check) ? 'accepted' as const : check.state])) })),
      };
    },
  };
}
