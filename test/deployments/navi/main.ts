// Owns the reference deployment as a program: one JSON line when it listens, then silence; refuses to outlive its parent when asked.
import type { NaviConfig } from './config.ts';
import { signHs256 } from './jwt.ts';
import { parseOptions, USAGE, UsageError, type MainOptions } from './options.ts';
import { startNaviDeployment, type NaviDeployment } from './server.ts';

const EXIT_USAGE = 2;
const EXIT_FAILED = 1;

/** The organisation and subjects of the printed tokens; with JWT off, the development identity's organisation. */
function orgOf(config: NaviConfig): string {
  return config.auth.mode === 'dev-shim' ? config.auth.user.org : 'acme';
}

function readyLine(deployment: NaviDeployment, options: MainOptions): string {
  const { secrets, url, caPem } = deployment;
  const org = orgOf(options.config);
  // Tokens run on the real clock, whatever the anchor of the events.
  const issuedAt = Math.floor(Date.now() / 1000);
  const lifetime = { iat: issuedAt, exp: issuedAt + options.tokenTtlSeconds };
  const token = (role: string, name: string): string =>
    deployment.signToken({ sub: `auth0|${org}-${name}`, email: `${name}@${org}.example`, name, org_id: org, role, ...lifetime });
  return JSON.stringify({
    url,
    token: token('admin', 'platform-admin'),
    ca: caPem,
    auditKeys: [secrets.olderAuditKey, secrets.activeAuditKey],
    dialect: options.config.dialect,
    org,
    viewerToken: token('viewer', 'on-call'),
    sessionToken: signHs256({ iss: 'aep', sub: `auth0|${org}-on-call`, email: `on-call@${org}.example`, org, roles: ['viewer'], ...lifetime }, secrets.sessionSecret),
    states: options.states,
    events: deployment.rowCount(),
    seed: options.seed,
  });
}

async function run(options: MainOptions): Promise<void> {
  const { config, seed, events, port, usesTls } = options;
  const anchor = options.now;
  const deployment = await startNaviDeployment({ config, seed, events, port, usesTls, ...(anchor === null ? {} : { eventsUntil: anchor }) });
  const stop = (): void => {
    void deployment.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (options.exitsWithParent) {
    process.stdin.once('end', stop);
    process.stdin.once('error', stop);
    process.stdin.resume();
  }
  process.stdout.write(`${readyLine(deployment, options)}\n`);
}

try {
  await run(parseOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(error instanceof UsageError ? `${error.message}\n${USAGE}\n` : `The reference deployment did not start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
}
