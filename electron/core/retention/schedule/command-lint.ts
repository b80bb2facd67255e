// Whether a command that is meant to purge does: the right script, its search path, its folder, its exit code and what it says. Shared by crontabs, units, containers and plain lines.
import { excerpt } from './problems.ts';
import type { Problems } from './problems.ts';
import { ASSIGNMENT, shellWords, simpleCommands } from './shell-words.ts';
import type { ShellWord, Simple } from './shell-words.ts';
import { PURGE_SCRIPT, PURGED } from './values.ts';

/** What runs a purge, or means to. */
export const MEANS_PURGE = /audit[-_]?purge|api\/audit\/purge|purge[-_]?audit|purge\w*\.py|audit\w*purge|backend[./]scripts/i;
const SCRIPT = /(?:^|\/)backend\/scripts\/purge_audit_logs\.py$/;
const MODULE = 'backend.scripts.purge_audit_logs';
/** What is run with -c and a line of shell. */
const SHELL = /(?:^|\/)(?:(?:ba|da|z|k|a)?sh|su)$/;
/** Inside the package, where it is not found by its name. */
const INSIDE = /\/backend(?:\/scripts)?\/?$/;
const CONTAINERS = /(?:^|\/)(?:docker|podman|nerdctl|docker-compose|kubectl|oc)$/;
/** Commands that only ask or tell: a purge that is named in them is not run by them. */
const HARMLESS = /^(?:test|\[|\[\[|ls|stat|echo|printf|logger|true|:)$/;
const PYTHON = /(?:^|\/)(?:python|pypy)[\d.]*$/;

export interface Surroundings {
  readonly line: number | null;
  /** The folder it starts in, where something besides the command says so. */
  readonly workdir: string | null;
  /** What something besides the command sets; null where it could not be told. */
  readonly environment: ReadonlyMap<string, string>;
  /** A file whose variables are not known is read as well. */
  readonly hasUnknownEnvironment: boolean;
  /** What keeps the output unless the command throws it away, in words. */
  readonly keeps: 'cron mails it' | 'the journal' | 'the log of the container' | 'nothing';
}

/** A placeholder stands for a whole path; that it is one is told by itself. */
const isAbsolute = (path: string): boolean => path.startsWith('/') || path.startsWith('<<');
const FIX_PATH = `Set PYTHONPATH to the root of the repository, the folder that holds backend/.`;

/** Variables that decide what the script deletes. */
export function lintEnvironment(problems: Problems, line: number | null, { name, value }: { readonly name: string; readonly value: string }): void {
  const bare = value.trim().replace(/^(['"])(.*)\1$/, '$2').toLowerCase();
  if (name === 'AUDIT_RETENTION_ENABLED' && !['true', '1', 'yes', 'on', 't', 'y'].includes(bare)) {
    problems.error('retention-off', line, { message: `AUDIT_RETENTION_ENABLED is ${excerpt(value) || 'empty'} here: the script then says "Audit retention disabled; skipping purge.", deletes nothing, and ends as if all were well.`, fix: 'Take it out, so that the setting of the backend holds, or set it to true.' });
  }
  if (name === 'AUDIT_RETENTION_DAYS') {
    if (!/^\d+$/.test(bare) || Number(bare) === 0) problems.error('retention-days', line, { message: `AUDIT_RETENTION_DAYS is ${excerpt(value) || 'empty'} here, which is no number of days from 1 on.`, fix: 'Take it out, so that the setting of the backend holds.' });
    else problems.warning('retention-days', line, { message: `AUDIT_RETENTION_DAYS is set to ${bare} here: rows older than that go, whatever the backend itself says and shows.`, fix: 'Take it out, so that there is one rule.' });
  }
  if (name === 'PYTHONPATH') lintSearchPath(problems, line, value);
}

function lintSearchPath(problems: Problems, line: number | null, value: string): void {
  const parts = value.split(':').map((part) => part.trim().replace(/(.)\/$/, '$1'));
  if (parts.every((part) => part === '')) problems.error('no-pythonpath', line, { message: 'PYTHONPATH is empty: the script ends in "ModuleNotFoundError: backend" before it deletes anything.', fix: FIX_PATH });
  else if (parts.every((part) => INSIDE.test(part))) problems.error('wrong-pythonpath', line, { message: `PYTHONPATH is ${excerpt(value)}: Python looks for backend inside backend, and does not find it.`, fix: FIX_PATH });
}

export interface Commanded { /** Something in it means to purge. */ readonly isPurge: boolean }

/** Examines a line of shell. */
export function lintCommand(problems: Problems, command: string, around: Surroundings): Commanded {
  const { line } = around;
  if (!MEANS_PURGE.test(command)) return { isPurge: false };
  const words = shellWords(command);
  if (words === null) {
    problems.error('unclosed-quote', line, { message: 'A quote in this command is not closed: the shell refuses it.', fix: 'Close it.' });
    return { isPurge: true };
  }
  lintSimples(problems, simpleCommands(words), around);
  return { isPurge: true };
}

/** The same for a command that is already in words and reaches no shell. */
export function lintWords(problems: Problems, words: readonly string[], around: Surroundings): Commanded {
  if (!words.some((word) => MEANS_PURGE.test(word))) return { isPurge: false };
  lintSimples(problems, [{ before: null, after: null, assignments: [], redirects: [], words: words.map((text) => ({ kind: 'word', text, isExpanded: false })) }], around);
  return { isPurge: true };
}

interface Walk { workdir: string | null; /** A file of variables was read, or an image has its own. */ isUnknown: boolean; /** An environment of Python was entered: python is its own. */ isActivated: boolean; readonly environment: Map<string, string> }
interface Walking { readonly walk: Walk; readonly around: Surroundings }

/** What the shell puts in the place of variables whose value is known here. */
function expanded(text: string, { environment, workdir }: Walk): string {
  return text.replaceAll(/\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?|\$\(pwd\)|`pwd`/g, (found, name?: string) => (name === undefined || name === 'PWD' ? workdir ?? '.' : environment.get(name) ?? found));
}

function lintSimples(problems: Problems, simples: readonly Simple[], around: Surroundings): void {
  const walk: Walk = { workdir: around.workdir, isUnknown: around.hasUnknownEnvironment, isActivated: false, environment: new Map(around.environment) };
  const hasPipefail = simples.some(({ words }) => words[0]?.text === 'set' && words.some(({ text }) => text === 'pipefail'));
  const stopsAtOnce = simples.some(({ words }) => words[0]?.text === 'set' && words.some(({ text }) => text === 'errexit' || /^-[a-z]*e[a-z]*$/.test(text)));
  const named = simples.filter(({ words }) => words.some(({ text }) => MEANS_PURGE.test(text)));
  const asked = named.filter(({ words }) => !HARMLESS.test(words[0]?.text ?? ''));
  const runs = new Set(asked.length > 0 ? asked : named);
  if (runs.size === 0) problems.error('wrong-script', around.line, { message: 'Nothing here runs the script that purges: its name stands only beside the command.', fix: `Run ${PURGE_SCRIPT} of the repository.` });
  for (const [index, given] of simples.entries()) {
    const simple: Simple = {
      ...given,
      assignments: given.assignments.map(({ name, value }) => ({ name, value: expanded(value, walk) })),
      words: given.words.map((word) => ({ ...word, text: expanded(word.text, walk), isExpanded: word.isExpanded && expanded(word.text, walk) === word.text })),
    };
    const name = simple.words[0]?.text ?? '';
    // An assignment alone holds for what follows only when it is exported, or was before.
    const isExport = name === 'export';
    for (const { name: variable, value } of simple.assignments) {
      if (simple.words.length > 0 && !isExport) continue;
      if (isExport || walk.environment.has(variable)) walk.environment.set(variable, value);
      if (isExport) lintEnvironment(problems, around.line, { name: variable, value });
    }
    if (name === 'cd') lintFolder(problems, simple, { walk, around, stopsAtOnce });
    if (name === '.' || name === 'source') {
      if (simple.words[1]?.text.endsWith('activate') === true) walk.isActivated = true;
      else walk.isUnknown = true;
    }
    if (!runs.has(given)) continue;
    lintPurge(problems, simple, { walk, around });
    lintEnding(problems, { simple, rest: stopsAtOnce && (simple.after === ';' || simple.after === '\n') ? [] : simples.slice(index + 1), hasPipefail }, around);
  }
}

function lintFolder(problems: Problems, { words, after }: Simple, { walk, around: { line }, stopsAtOnce }: Walking & { readonly stopsAtOnce: boolean }): void {
  const targets = words.slice(1).filter(({ text }) => !text.startsWith('-'));
  const target = targets[0];
  const folder = target?.text ?? '';
  walk.workdir = folder === '' ? null : folder;
  if (targets.length > 1) problems.error('bad-cd', line, { message: `cd takes one folder, and is given ${targets.length} words.`, fix: 'Put a folder with spaces in its name in quotes.' });
  if (target !== undefined && !isAbsolute(folder) && !target.isExpanded) problems.error('relative-workdir', line, { message: `cd ${excerpt(folder)} is a folder relative to wherever the scheduler starts, which is not where you were when you wrote it.`, fix: 'Write the whole path, from / on.' });
  else if (target?.isExpanded === true) problems.warning('workdir-unknown', line, { message: `cd ${excerpt(folder)} depends on a variable, which a scheduler may set otherwise or not at all.`, fix: 'Write the whole path, from / on.' });
  if ((after === ';' || after === '\n') && !stopsAtOnce) problems.warning('cd-unchecked', line, { message: 'When cd fails, what follows runs all the same, somewhere else.', fix: 'Join them by && instead.' });
}

const WRAPPERS = /^(?:.*\/)?(env|nice|ionice|sudo|runuser|exec|command|nohup|time|timeout|flock|chronic|stdbuf|setsid)$/;

interface Proper { /** The command proper: behind env, nice, sudo and their like. */ readonly words: readonly ShellWord[]; readonly environment: Map<string, string>; /** What was set before does not reach it. */ readonly takenAwayBy: string | null }

function proper({ words, assignments }: Simple, { environment }: Walk): Proper {
  const reached = new Map([...environment, ...assignments.map(({ name, value }) => [name, value] as const)]);
  let takenAwayBy: string | null = null;
  let at = 0;
  for (let wrapper = WRAPPERS.exec(words[0]?.text ?? '')?.[1]; wrapper !== undefined; wrapper = WRAPPERS.exec(words[at]?.text ?? '')?.[1]) {
    const set: (readonly [string, string])[] = [];
    let keeps = wrapper !== 'sudo';
    for (at += 1; at < words.length; at += 1) {
      const { text } = words[at] as ShellWord;
      const assignment = ASSIGNMENT.exec(text);
      if (assignment !== null) set.push([assignment[1] ?? '', assignment[2] ?? '']);
      else if (/python|make|(?:^|\/)\w*sh$|\.py$/.test(text) || !(text.startsWith('-') || /^(?:[\d.]+[smhd]?|\/\S*\.lock|[a-z_][a-z0-9_-]*)$/.test(text)) || WRAPPERS.test(text)) break;
      if (wrapper === 'env' && /^(?:-i|-|--ignore-environment)$/.test(text)) keeps = false;
      if (wrapper === 'sudo' && /^(?:-[A-Za-z]*E[A-Za-z]*$|--preserve-env)/.test(text)) keeps = true;
    }
    // Behind env itself the assignments of the command are its own.
    if (!keeps) for (const name of reached.keys()) if (wrapper === 'sudo' || !assignments.some((each) => each.name === name)) reached.delete(name);
    if (!keeps) takenAwayBy = wrapper === 'sudo' ? 'sudo' : 'env -i';
    for (const [name, value] of set) reached.set(name, value);
  }
  return { words: words.slice(at), environment: reached, takenAwayBy };
}

/** The command that a container is given, with its folder and variables. */
function inContainer(words: readonly ShellWord[]): { readonly words: readonly ShellWord[]; readonly walk: Walk } | null {
  const start = words.findIndex(({ text }, index) => index > 1 && (PYTHON.test(text) || SHELL.test(text) || /(?:^|\/)(?:g?make|env)$/.test(text)));
  if (!CONTAINERS.test(words[0]?.text ?? '') || start === -1) return null;
  const walk: Walk = { workdir: null, isUnknown: false, isActivated: false, environment: new Map() };
  for (const [index, { text }] of words.slice(0, start).entries()) {
    const [, option = '', joined] = /^(-[ew]|--env|--workdir|--env-file)(?:=(.*))?$/s.exec(text) ?? [];
    const value = joined ?? words[index + 1]?.text ?? '';
    const assignment = /^-?-e/.test(option) ? ASSIGNMENT.exec(value) : null;
    if (option === '--env-file') walk.isUnknown = true;
    else if (assignment !== null) walk.environment.set(assignment[1] ?? '', assignment[2] ?? '');
    else if (option === '-w' || option === '--workdir') walk.workdir = value;
  }
  return { words: words.slice(start), walk };
}

function lintPurge(problems: Problems, simple: Simple, { walk, around, isContained = false }: Walking & { /** The image has a folder of its own, which is not known. */ readonly isContained?: boolean }): void {
  const { line } = around;
  const { words, environment, takenAwayBy } = proper(simple, walk);
  const isUnknown = walk.isUnknown && takenAwayBy === null;
  for (const [name, value] of environment) if (walk.environment.get(name) !== value) lintEnvironment(problems, line, { name, value });
  const [program, ...rest] = words;
  const container = inContainer(words);
  if (container !== null) {
    lintPurge(problems, { ...simple, assignments: [], words: container.words }, { walk: container.walk, around, isContained: true });
    return;
  }
  const inner = SHELL.test(program?.text ?? '') ? rest.findIndex(({ text }) => /^-[a-z]*c[a-z]*$/.test(text)) : -1;
  const script = inner === -1 ? undefined : rest[inner + 1];
  if (script !== undefined) {
    // What the outer command does with the output, it is examined for by itself.
    lintCommand(problems, script.text, { ...around, workdir: walk.workdir, environment, hasUnknownEnvironment: isUnknown, keeps: 'the journal' });
    return;
  }
  if (/(?:^|\/)g?make$/.test(program?.text ?? '')) return void lintMake(problems, rest.map(({ text }) => text), { line, hasUnknownEnvironment: isUnknown, environment, workdir: walk.workdir, isContained });
  if (rest.some(({ text }) => /\/api\/audit\/purge/.test(text))) return void problems.warning('by-route', line, { message: 'It asks the server to purge, over the network: only some versions of the backend have that route, the token ends, and a refusal looks like a success unless the exit code tells of it (curl --fail).', fix: `Run ${PURGE_SCRIPT} beside the backend, which needs no token.` });
  const python = PYTHON.test(program?.text ?? '') ? rest : [];
  const options = python.slice(0, python.findIndex(({ text }) => !text.startsWith('-') || text === '-m' || text === '-c') + 1 || python.length);
  if (options.some(({ text }) => /^-[A-Za-z]*[EI]/.test(text))) problems.error('ignores-pythonpath', line, { message: 'With -E or -I Python does not read PYTHONPATH: the script ends in "ModuleNotFoundError: backend" and deletes nothing.', fix: 'Take that option away.' });
  const asModule = rest.findIndex(({ text }) => text === '-m' || text === '-c');
  const module = asModule === -1 ? '' : rest[asModule + 1]?.text ?? '';
  if (module === MODULE || (rest[asModule]?.text === '-c' && module.includes(MODULE))) {
    const missing = { message: 'python -m finds backend only in its folder or in PYTHONPATH, and neither is set.', fix: `${FIX_PATH} Or change into that folder first.` };
    if (!environment.has('PYTHONPATH') && walk.workdir === null) problems[isUnknown || isContained ? 'warning' : 'error']('no-pythonpath', line, missing);
    else if (!environment.has('PYTHONPATH') && INSIDE.test(walk.workdir ?? '')) problems.error('wrong-workdir', line, { message: `In ${excerpt(walk.workdir ?? '')} Python looks for backend inside backend, and does not find it.`, fix: 'Change into the root of the repository, the folder that holds backend/.' });
    lintProgram(problems, program, { walk, around });
    return;
  }
  const file = words.find(({ text }) => SCRIPT.test(text) || text === 'purge_audit_logs.py' || text.endsWith('/purge_audit_logs.py'));
  if (file === undefined || !SCRIPT.test(file.text)) {
    const shown = words.find(({ text }) => MEANS_PURGE.test(text))?.text ?? '';
    const isOther = words.findIndex(({ text }) => MEANS_PURGE.test(text)) < 2 && /^\/[^:]*\/[\w-]+(?:\.(?:sh|bash))?$/.test(shown) && !/backend\/scripts/.test(shown);
    if (isOther || /(?:^|\/)systemctl$/.test(program?.text ?? '')) {
      problems.warning('not-seen', line, { message: `What ${excerpt(shown)} does cannot be seen here.`, fix: 'Lint that file as well.' });
      problems.ask(isOther ? `retention lint ${excerpt(shown)}` : `systemctl cat ${excerpt(shown)}`);
    } else problems.error('wrong-script', line, { message: `${excerpt(shown)} is not the script that purges: that is ${PURGE_SCRIPT}.`, fix: `Run ${PURGE_SCRIPT} of the repository.` });
    return;
  }
  if (program === file) problems.warning('no-python', line, { message: 'The script is run by its own name, which needs the right to execute and a first line that names Python.', fix: 'Name the Python of the backend with its whole path.' });
  else lintProgram(problems, program, { walk, around });
  const given = environment.get('PYTHONPATH');
  // It names itself, and was not set before: nothing is left of it.
  const path = given?.replaceAll(/\$\{?PYTHONPATH\}?/g, '');
  if (path === undefined || (path !== given && path.split(':').every((part) => part === ''))) {
    const wasSet = takenAwayBy !== null && (walk.environment.has('PYTHONPATH') || simple.assignments.some(({ name }) => name === 'PYTHONPATH'));
    const said = wasSet
      ? { message: `${takenAwayBy} takes PYTHONPATH away before the script starts: it ends in "ModuleNotFoundError: backend" and deletes nothing.`, fix: `Set it behind: ${takenAwayBy === 'sudo' ? 'sudo -u USER' : 'env -i'} PYTHONPATH=/its/root …` }
      : { message: 'PYTHONPATH is not set: the script ends in "ModuleNotFoundError: backend" and deletes nothing.', fix: FIX_PATH };
    if (isUnknown) problems.warning('no-pythonpath', line, { ...said, message: `${said.message} Whether a file of variables sets it cannot be seen here.` });
    else problems.error('no-pythonpath', line, said);
  } else if (!path.split(':').some(isAbsolute) && path !== '' && !/\$/.test(path)) {
    if (walk.workdir === null) problems.error('relative-pythonpath', line, { message: `PYTHONPATH is ${excerpt(path)}, relative to a folder that is not set.`, fix: FIX_PATH });
  } else if (/\$/.test(path) && path !== '$unknown' && path !== walk.workdir) problems.warning('pythonpath-unknown', line, { message: `PYTHONPATH is ${excerpt(path)}, which depends on a variable that is not set here.`, fix: FIX_PATH });
  else lintElsewhere(problems, line, { path, folder: walk.workdir });
  if (walk.workdir === null) {
    if (!isAbsolute(file.text) && !isContained) problems.error('no-cd', line, { message: `${excerpt(file.text)} is relative, and nothing changes into the folder of the repository: it is not found.`, fix: 'Change into the root of the repository first, or set the working directory.' });
    else problems.warning('no-cd', line, { message: 'Nothing changes into the folder of the repository: settings that the backend reads from a file there are not found.', fix: 'Change into the root of the repository first, or set the working directory.' });
  } else if (isAbsolute(file.text) && isAbsolute(walk.workdir) && !file.text.startsWith(`${walk.workdir.replace(/\/$/, '')}/`)) {
    problems.warning('script-elsewhere', line, { message: `The script lies outside ${excerpt(walk.workdir)}, the folder it runs in.`, fix: 'Give both the same root of the repository.' });
  }
}

const same = (a: string, b: string): boolean => a.replace(/\/+$/, '') === b.replace(/\/+$/, '');

/** Both are known, and name two folders. */
function lintElsewhere(problems: Problems, line: number | null, { path, folder }: { readonly path: string; readonly folder: string | null }): void {
  if (folder === null || !isAbsolute(folder) || !path.split(':').some(isAbsolute) || path.split(':').some((part) => same(part, folder))) return;
  problems.warning('pythonpath-elsewhere', line, { message: `PYTHONPATH is ${excerpt(path)}, and the folder is ${excerpt(folder)}: another copy of the backend may be run than the one that is meant.`, fix: 'Give both the root of the repository.' });
}

function lintProgram(problems: Problems, program: { readonly text: string } | undefined, { walk: { isActivated }, around: { line } }: Walking): void {
  if (program === undefined || isAbsolute(program.text) || (isActivated && PYTHON.test(program.text))) return;
  problems.warning('python-by-name', line, { message: `${excerpt(program.text)} is looked for in the PATH of the scheduler, which is short: another Python than that of the backend may be found, without its packages.`, fix: 'Name the Python of the backend with its whole path, for example /srv/navi/.venv/bin/python.' });
  if (!PYTHON.test(program.text)) problems.warning('not-python', line, { message: `${excerpt(program.text)} is not known to run a Python script.`, fix: 'Run the script with the Python of the backend.' });
}

interface Make extends Pick<Surroundings, 'line' | 'workdir' | 'environment' | 'hasUnknownEnvironment'> { readonly isContained: boolean }

function lintMake(problems: Problems, rest: readonly string[], { line, hasUnknownEnvironment, environment, workdir, isContained }: Make): void {
  const at = rest.findIndex((word) => /^(?:-C|--directory)/.test(word));
  const joined = /^(?:-C|--directory=)(.+)$/s.exec(rest[at] ?? '')?.[1];
  const folder = at === -1 ? workdir : joined ?? rest[at + 1] ?? null;
  const inMake = rest.map((word) => /^PYTHONPATH=(.*)$/.exec(word)?.[1]).find((value) => value !== undefined);
  const path = environment.get('PYTHONPATH') ?? inMake;
  if (path === undefined) {
    const said = { message: 'make audit-purge runs the script without PYTHONPATH: it ends in "ModuleNotFoundError: backend" and deletes nothing, every time.', fix: `Run the script itself: cd /its/root && PYTHONPATH=/its/root /its/python ${PURGE_SCRIPT}` };
    if (hasUnknownEnvironment) problems.warning('make-audit-purge', line, said);
    else problems.error('make-audit-purge', line, said);
  } else {
    lintSearchPath(problems, line, path);
    lintElsewhere(problems, line, { path, folder });
    problems.warning('make-audit-purge', line, { message: 'make runs whatever python3 is found first, and what its target does may change with the next release.', fix: 'Run the script itself with the Python of the backend.' });
  }
  if (folder === null) problems[isContained ? 'warning' : 'error']('no-cd', line, { message: 'make needs the folder of the repository, and nothing changes into it.', fix: 'Change into the root of the repository first.' });
  else if (at !== -1 && !isAbsolute(folder)) problems.error('relative-workdir', line, { message: `make -C ${excerpt(folder)} is relative to wherever the scheduler starts.`, fix: 'Write the whole path, from / on.' });
}

interface Ending { readonly simple: Simple; readonly rest: readonly Simple[]; readonly hasPipefail: boolean }

function lintEnding(problems: Problems, { simple, rest, hasPipefail }: Ending, { line, keeps }: Surroundings): void {
  const swallowed = (how: string): void => problems.warning('exit-code', line, { message: `${how}: when the purge fails, nobody is told.`, fix: 'Let the exit code through.' });
  const next = rest[0];
  const second = next?.words[0]?.text ?? '';
  if (simple.after === '||' && ['true', ':', 'exit', 'echo', '/bin/true'].includes(second)) swallowed(`|| ${second} takes the exit code away`);
  if ((simple.after === ';' || simple.after === '\n') && next !== undefined) swallowed(`What follows (${excerpt(second)}) decides the exit code`);
  if ((simple.after === '|' || simple.after === '|&') && !hasPipefail) swallowed(`The pipe into ${excerpt(second)} decides the exit code`);
  if (simple.after === '&') swallowed('It runs in the background, and the exit code is lost');
  const out = simple.redirects.filter(({ operator }) => operator !== '<' && !operator.startsWith('2>') && operator !== '>&2' && operator !== '1>&2').at(-1);
  const goesNowhere = out?.target === '/dev/null' || (out?.operator === '>&' && out.target === '/dev/null');
  if (goesNowhere) problems.warning('output-lost', line, { message: `What it says goes to /dev/null: "${PURGED}" is the only sign that it deleted, and "skipping purge" looks the same without it.`, fix: 'Append it to a file, or leave it to the journal.' });
  else if (out?.operator === '>' || out?.operator === '1>' || out?.operator === '&>' || out?.operator === '>|') problems.warning('output-overwritten', line, { message: 'Each run overwrites what the one before said.', fix: 'Append with >> instead.' });
  else if (out === undefined && keeps === 'nothing') problems.warning('output-lost', line, { message: `Nothing keeps what it says: "${PURGED}" is the only sign that it deleted.`, fix: 'Append it to a file.' });
  else if (out === undefined && keeps === 'cron mails it') problems.warning('output-lost', line, { message: 'cron mails what it says, and throws it away on a machine without mail.', fix: 'Append it to a file: >> /var/log/audit-purge.log 2>&1' });
  if (out !== undefined && !goesNowhere && !simple.redirects.some(({ operator }) => operator === '2>&1' || operator.startsWith('&>') || operator.startsWith('2>'))) problems.warning('errors-lost', line, { message: 'Only what it says goes into the file; what it complains about does not.', fix: 'Add 2>&1.' });
}

