// A deployment and the result of its test, written out for people.
import type { DeploymentTest } from '#shared/contract/deployment.ts';
import type { Capability, Deployment } from '#shared/domain/deployment.ts';
import { fields, table, utc } from '../print.ts';
import type { Cell, Look } from '../print.ts';

const TRANSPORT = { encrypted: 'encrypted (TLS)', loopback: 'unencrypted, this machine' } as const;

export function describeDeployment(found: Deployment, look: Look): string {
  const { token, reachability } = found;
  const pairs: [string, Cell][] = [
    ['Name', found.name],
    ['Id', found.id],
    ['Address', found.url],
    ['Transport', TRANSPORT[found.transport]],
    ['Kind', found.kind === 'karen' ? 'karen (AI-Karen)' : found.dialect === null ? `${found.kind}, dialect not told apart yet` : `${found.kind}, dialect ${found.dialect}`],
    ['Environment', found.environment],
    ['Mode', found.readOnly ? 'read-only: nothing that changes the deployment leaves this machine' : 'read and write'],
    ['Own CA', found.hasCa ? 'yes' : 'no'],
    ['Pin', found.pin],
    ['Token', found.kind === 'karen' ? 'none: it is asked without one' : token.stored ? `stored ${utc(token.importedAt)}` : 'none'],
  ];
  if (token.claims !== null) {
    const { claims } = token;
    pairs.push(['Token claims', claims.format === 'opaque' ? 'opaque token: none' : `subject ${claims.subject ?? '-'}, role ${claims.role ?? '-'}, organisation ${claims.org ?? '-'}, expires ${claims.expiresAt === null ? 'never' : utc(claims.expiresAt)}`]);
    for (const warning of claims.warnings) pairs.push(['Token warning', { text: warning, tone: 'doubtful' }]);
  }
  pairs.push(
    ['Granted role', found.role],
    ['Last tried', reachability.at === null ? 'never' : `${utc(reachability.at)}: ${reachability.state}${reachability.message === null ? '' : ` (${reachability.message})`}`],
    ['Last answer', utc(reachability.lastReachedAt)],
    ['Added', utc(found.createdAt)],
  );
  if (found.kind === 'karen') return fields(pairs, look);
  const offers = found.capabilities.length === 0 ? 'What it offers is not known yet: run "holdfast deployment test".' : `What it offers, as of ${utc(found.capabilitiesAt)}:\n${capabilityTable(found.capabilities, look)}`;
  return `${fields(pairs, look)}\n\n${offers}`;
}

export function describeTest(tested: DeploymentTest, look: Look): string {
  const { tls, clockSkewSeconds } = tested;
  const pairs: [string, Cell][] = [
    ['Reached', tested.reached ? { text: 'yes', tone: 'good' } : { text: 'no', tone: 'bad' }],
    ...(tested.kind === 'karen' ? seenAtKaren(tested) : seenAtNavi(tested)),
    ['Transport', TRANSPORT[tested.transport]],
  ];
  if (tls !== null) pairs.push(['TLS', `${tls.protocol}, certificate of ${tls.subject ?? '-'} by ${tls.issuer ?? '-'}, valid to ${tls.validTo ?? '-'}`], ['Public key', tls.spki]);
  pairs.push(
    ['Its clock', clockSkewSeconds === null ? 'not told' : `${clockSkewSeconds >= 0 ? '+' : ''}${clockSkewSeconds.toFixed(1)} s against this machine`],
    ['Tested', `${utc(tested.testedAt)}, took ${Math.round(tested.durationMs)} ms`],
  );
  for (const warning of tested.warnings) pairs.push(['Warning', { text: warning, tone: 'doubtful' }]);
  return tested.kind === 'karen' ? fields(pairs, look) : `${fields(pairs, look)}\n\n${capabilityTable(tested.capabilities, look)}`;
}

function seenAtKaren({ seen, dialectReason }: DeploymentTest): [string, Cell][] {
  return [['AI-Karen', seen === null ? { text: `not recognised. ${dialectReason}`, tone: 'bad' } : { text: seen, tone: 'good' }]];
}

function seenAtNavi(tested: DeploymentTest): [string, Cell][] {
  return [
    ['Dialect', `${tested.dialect ?? 'unknown'}: ${tested.dialectReason}`],
    ['Token', tokenCell(tested.token)],
    ['Granted role', `${tested.role ?? 'none'}: ${tested.roleReason}`],
    ['Without a token', anonymousCell(tested.anonymous)],
  ];
}

function tokenCell(token: DeploymentTest['token']): Cell {
  const tones = { accepted: 'good', refused: 'bad', none: 'doubtful', unknown: 'doubtful' } as const;
  return { text: token === 'none' ? 'none stored' : token, tone: tones[token] };
}

function anonymousCell(anonymous: DeploymentTest['anonymous']): Cell {
  if (anonymous === 'refused') return { text: 'refused, as it should be', tone: 'good' };
  if (anonymous === 'served') return { text: 'served: authentication is off there', tone: 'bad' };
  return { text: 'unknown', tone: 'doubtful' };
}

function capabilityTable(capabilities: readonly Capability[], look: Look): string {
  const tones = { offered: 'good', 'not-offered': 'quiet', unknown: 'doubtful' } as const;
  return table([{ title: 'CAPABILITY' }, { title: 'STATE' }, { title: 'WHY', cut: true }], capabilities.map((each) => [each.name, { text: each.state.replace('-', ' '), tone: tones[each.state] }, each.reason]), look);
}
