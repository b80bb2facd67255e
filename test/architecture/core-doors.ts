// Inside core: which files several features stand on, each with its reason, and the rule that everything else is reached through a feature's service.ts.
import { importsOf } from './imports.ts';
import type { Tree, Violation } from './tree.ts';
import { zoneOf } from './zones.ts';

const CORE = 'electron/core/';

interface Ground {
  readonly file: string;
  /** Paths below electron/core; `*` stands for one folder. Left out: anyone in core. */
  readonly usedBy?: readonly string[];
  readonly reason: string;
}

/** What may be imported from outside its own folder without being a service.ts. Paths below electron/core. */
export const COMMON_GROUND: readonly Ground[] = [
  { file: 'ports.ts', reason: 'what a host supplies: types only' },
  { file: 'secret.ts', reason: 'the type that keeps a secret out of logs and JSON' },
  { file: 'emitter.ts', reason: 'the one way to send an event' },
  { file: 'dispatch.ts', reason: 'the type of a handler, and the door that the bridge knocks at' },
  { file: 'input-words.ts', usedBy: ['dispatch.ts'], reason: 'the half of the door that says what is wrong with an input' },
  { file: 'session.ts', reason: 'the profile as it is open now: a feature asks it for its database and its secrets' },
  { file: 'recorded.ts', usedBy: ['audit/service.ts', 'deployments/service.ts', 'posture/*.ts', 'posture/rotation/*.ts', 'retention/*/*.ts', 'runbooks/runs/*.ts', 'runbooks/merge/*.ts'], reason: 'the one order of entry, act and second entry' },
  { file: 'redaction.ts', usedBy: ['profile/log-file.ts'], reason: 'the sink of the log redacts' },
  { file: 'redaction-text.ts', usedBy: ['redaction.ts'], reason: 'the half of redaction that deals with text' },
  { file: 'jobs/jobs.ts', usedBy: ['audit/*/*.ts', 'deployments/service.ts', 'posture/*.ts', 'posture/rotation/*.ts', 'retention/*/*.ts', 'runbooks/*/*.ts'], reason: 'long work: the service of jobs, which has no rules of its own' },
  { file: 'db/sql.ts', usedBy: ['*/queries.ts', 'posture/rotation/*-queries.ts', 'audit/*-queries.ts', 'audit/*/*-queries.ts', 'audit/search/*.ts', 'audit/sync/storing.ts', 'audit/sync/map-store.ts', 'audit/store.ts', 'audit/bulk/selection.ts', 'audit/bulk/checks.ts', 'audit/bulk/thread-work.ts', 'audit/export/reader.ts', 'posture/*-queries.ts', 'posture/collect.ts', 'session.ts', 'retention/*/*.ts', 'runbooks/runs/*-queries.ts', 'runbooks/merge/*-queries.ts', 'runbooks/merge/join.ts', 'runbooks/evidence/*-queries.ts'], reason: 'the template that binds every value, and the branded handles; SQL belongs into queries.ts' },
  { file: 'seal.ts', usedBy: ['runbooks/packs/*.ts', 'runbooks/runs/*.ts', 'runbooks/merge/*.ts', 'retention/*/*.ts', 'audit/witness/*.ts'], reason: 'one canonical JSON and one digest for everything that is signed or compared' },
  { file: 'db/sqlite-version.ts', usedBy: ['app/handlers.ts'], reason: 'About and doctor say which SQLite serves the cache' },
  { file: 'db/integrity.ts', usedBy: ['workers/check-cache.ts'], reason: 'the check runs in a thread when a window holds the cache' },
  { file: 'db/open.ts', usedBy: ['session.ts', 'profile/open-profile.ts', 'workers/*.ts', 'audit/search/asker.ts', 'audit/import/import-work.ts'], reason: 'opening a profile opens its cache, and the session owns what was opened' },
  { file: 'db/native.ts', usedBy: ['audit/import/import-queries.ts'], reason: 'a load sets its connection up and ends its transaction itself: it reads files between two rows' },
  { file: 'db/sqlite-errors.ts', usedBy: ['audit/import/*.ts', 'workers/compact-cache.ts'], reason: 'as above: what SQLite says on such a connection in the words of the product' },
  { file: 'db/thread-connection.ts', usedBy: ['workers/*.ts', 'audit/import/*.ts'], reason: 'a thread opens a connection of its own to the cache' },
  { file: 'workers/thread.ts', usedBy: ['audit/*/*.ts', 'retention/own/*.ts', 'runbooks/evidence/audit-rows.ts', 'session.ts'], reason: 'starting a thread and calling it' },
  { file: 'workers/serve-thread.ts', usedBy: ['audit/*/*.ts'], reason: 'what a call in a thread is told of its cancelling and tells of its progress' },
  { file: 'db/profile-lock.ts', usedBy: ['session.ts'], reason: 'the session owns the lock of the profile' },
  { file: 'profile/profile-file.ts', usedBy: ['session.ts'], reason: 'the session owns profile.json' },
  { file: 'profile/open-profile.ts', usedBy: ['session.ts'], reason: 'the session decides when the profile is opened' },
  { file: 'profile/database-key.ts', usedBy: ['credentials/service.ts'], reason: 'the form in which the database key lies in the store, read at opening and changed with the passphrase' },
  { file: 'credentials/names.ts', usedBy: ['session.ts', 'profile/open-profile.ts', 'audit/service.ts', 'audit/key-ring.ts', 'audit/witness/*.ts', 'deployments/service.ts', 'ledger/service.ts', 'posture/rotation/service.ts'], reason: 'the names of secrets, in one place so that none is stored that cannot be removed' },
  { file: 'credentials/canary.ts', usedBy: ['session.ts', 'profile/open-profile.ts'], reason: 'the session opens the store before any service exists' },
  { file: 'credentials/memory.ts', usedBy: ['profile/open-profile.ts'], reason: 'as above: the store that keeps nothing' },
  { file: 'credentials/passphrase-vault.ts', usedBy: ['profile/open-profile.ts'], reason: 'as above: the vault' },
  { file: 'credentials/wrap.ts', usedBy: ['profile/database-key.ts'], reason: 'the wrapping of the database key by a passphrase' },
  { file: 'deployments/strict-json.ts', usedBy: ['audit/import/*.ts', 'posture/evidence-files.ts', 'retention/plans/*.ts', 'runbooks/merge/run-file.ts', 'runbooks/checklists/*.ts'], reason: 'a file of a deployment is read as strictly as its answers' },
  { file: 'deployments/adapters/navi/rows.ts', usedBy: ['audit/import/navi-rows.ts'], reason: 'an exported file holds the rows of the export' },
  { file: 'deployments/adapters/navi/payload.ts', usedBy: ['audit/import/*.ts'], reason: 'as above: what a payload is, from its text' },
  { file: 'deployments/http.ts', usedBy: ['app/handlers.ts'], reason: 'the type of its statistics, which app.status shows' },
  { file: 'files/partial-name.ts', usedBy: ['audit/bulk/plaintext-drafts.ts'], reason: 'which unfinished files are left of a process that died: those in the clear are looked for at the next start' },
  { file: 'files/atomic-file.ts', usedBy: ['audit/*/*.ts', 'posture/reports/service.ts', 'retention/*/*.ts', 'runbooks/merge/*.ts', 'runbooks/evidence/*.ts', 'runbooks/reports/*.ts'], reason: 'a file of the admin that appears whole or not at all: one way for everything that is written out' },
  { file: 'files/file-errors.ts', usedBy: ['posture/evidence-files.ts', 'retention/plans/*.ts', 'runbooks/runs/*.ts', 'runbooks/merge/*.ts', 'runbooks/evidence/*.ts', 'runbooks/checklists/*.ts'], reason: 'what the file system says, as errors of the contract' },
  { file: 'audit/store.ts', usedBy: ['retention/*/*.ts'], reason: 'the number of a deployment\'s rows' },
  { file: 'audit/queries.ts', usedBy: ['retention/*/*.ts'], reason: 'when the log was synced last' },
  { file: 'audit/search/compile-queries.ts', usedBy: ['retention/*/*.ts'], reason: 'a hold is a query over the log: it finds what the search finds' },
  { file: 'audit/store-queries.ts', usedBy: ['retention/own/*.ts'], reason: 'the highest number that a row has or had' },
  { file: 'audit/witness/service.ts', usedBy: ['retention/own/*.ts'], reason: 'what goes by the own rule is signed and verified before' },
  { file: 'audit/witness/let-go.ts', usedBy: ['retention/own/*.ts'], reason: 'rows that this workstation lets go are noted in the form in which the witness proves it' },
  { file: 'audit/witness/let-go-queries.ts', usedBy: ['retention/own/*.ts'], reason: 'as above: the SQL of it' },
  { file: 'db/files.ts', usedBy: ['retention/own/*.ts', 'runbooks/evidence/store.ts'], reason: 'facts about the files of the cache' },
  { file: 'workers/compact-cache.ts', usedBy: ['retention/own/*.ts'], reason: 'the calls of the thread that gives space back' },
  { file: 'audit/witness/pace.ts', usedBy: ['retention/*/*.ts'], reason: 'long work on the main thread in short slices' },
  { file: 'posture/reports/pdf-paper.ts', usedBy: ['retention/proof/*.ts'], reason: 'one paper for everything that is written as PDF' },
  { file: 'deployments/retry.ts', usedBy: ['audit/*/*.ts', 'retention/purge/*.ts'], reason: 'a pure function: when to ask again' },
  { file: 'posture/reports/json-report.ts', usedBy: ['runbooks/checklists/cklb.ts'], reason: 'JSON that another system reads is written in one way' },
  { file: 'posture/reports/report.ts', usedBy: ['runbooks/checklists/cklb.ts'], reason: 'as above: UUIDs that follow from what they name' },
  { file: 'posture/reports/html-style.ts', usedBy: ['runbooks/reports/html.ts'], reason: 'reports look alike' },
  { file: 'posture/reports/pdf-font.ts', usedBy: ['runbooks/reports/paper.ts'], reason: 'as above: fonts of a PDF, and what they can show' },
  { file: 'posture/rotation/ask-nodes.ts', usedBy: ['runbooks/checks/token.ts'], reason: 'what an answer says of a token is read in one way' },
  { file: 'audit/export/reader.ts', usedBy: ['runbooks/evidence/audit-rows.ts'], reason: 'the type of the thread that reads rows for an export' },
  { file: 'posture/yaml.ts', usedBy: ['runbooks/packs/*.ts'], reason: 'packs of both kinds are read by one strict reader, which tells line and column' },
  { file: 'files/keep-out.ts', usedBy: ['runbooks/merge/watch.ts', 'runbooks/evidence/*.ts'], reason: 'a folder that is shared with others is not the profile' },
];

/** What hosts may import of core besides app.ts, ports.ts, bridge/ and profile/, which are made for them. */
export const HOST_DOORS: readonly Ground[] = [
  { file: 'credentials/keychain.ts', reason: 'the SecretStore of the operating system, which a host hands in as a port' },
  { file: 'db/profile-lock.ts', reason: 'who holds the profile, to say it to the person who started a second one' },
  { file: 'db/profile-holder.ts', reason: 'whether somebody says to hold the profile, before core is loaded' },
];
const MADE_FOR_HOSTS = /^electron\/core\/(?:app\.ts|ports\.ts|bridge\/[a-z-]+\.ts|profile\/[a-z-]+\.ts)$/;

function fits(pattern: string, path: string): boolean {
  return new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[a-z-]+')}$`).test(path);
}

/** The feature a core file belongs to; a file of the top level is a place of its own. */
function placeOf(path: string): string {
  const [first = '', ...rest] = path.slice(CORE.length).split('/');
  return rest.length === 0 ? path : first;
}

/** Every step inside core from one folder to another that neither a service.ts nor the list allows. */
export function coreViolations(tree: Tree): Violation[] {
  return crossings(tree).flatMap(({ file, line, target }) => {
    // The entry of a thread is that part of a feature that runs elsewhere.
    if (file.startsWith(`${CORE}workers/`) && target.startsWith(`${CORE}audit/`)) return [];
    if (target === `${CORE}app.ts`) return [{ file, line, what: 'imports the composition root, which imports everything' }];
    if (file === `${CORE}app.ts` || /^electron\/core\/[a-z-]+\/service\.ts$/.test(target) || groundFor(file, target) !== undefined) return [];
    return [{ file, line, what: `reaches ${target}, which is neither a service.ts nor common ground` }];
  });
}

function groundFor(file: string, target: string): Ground | undefined {
  return COMMON_GROUND.find((ground) => `${CORE}${ground.file}` === target && (ground.usedBy ?? [file.slice(CORE.length)]).some((pattern) => fits(pattern, file.slice(CORE.length))));
}

function crossings(tree: Tree): { readonly file: string; readonly line: number; readonly target: string }[] {
  return importsOf(tree).flatMap(({ file, line, to }) => (
    to.kind === 'file' && zoneOf(file) === 'core' && zoneOf(to.path) === 'core' && placeOf(file) !== placeOf(to.path) ? [{ file, line, target: to.path }] : []));
}

/** Entries of the list that nothing needs any more: it stays as short as the truth. */
export function unusedGround(tree: Tree): string[] {
  const steps = crossings(tree);
  return COMMON_GROUND.flatMap(({ file, usedBy = ['*/*.ts'] }) => usedBy
    .filter((pattern) => !steps.some((step) => step.target === CORE + file && (fits(pattern, step.file.slice(CORE.length)) || pattern === '*/*.ts')))
    .map((pattern) => `${file} for ${pattern}`));
}

/** Hosts know the way in, not the rooms. */
export function hostViolations(tree: Tree): Violation[] {
  return importsOf(tree).flatMap(({ file, line, to }) => {
    if (to.kind !== 'file' || zoneOf(file)?.startsWith('hosts/') !== true || zoneOf(to.path) !== 'core') return [];
    if (MADE_FOR_HOSTS.test(to.path) || HOST_DOORS.some((door) => CORE + door.file === to.path)) return [];
    return [{ file, line, what: `reaches into core past its doors: ${to.path}` }];
  });
}

export function unusedHostDoors(tree: Tree): string[] {
  return HOST_DOORS.map((door) => door.file).filter((door) => !importsOf(tree).some(({ file, to }) => to.kind === 'file' && to.path === CORE + door && zoneOf(file)?.startsWith('hosts/') === true));
}
