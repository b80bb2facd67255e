// Owns every child process of the front door: none outlives it, and it refuses to lose an exit code or a signal.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';

const isWindows = process.platform === 'win32';
/** How long a child may take to end by itself before it is killed. */
const graceMs = 3000;
/** Kept of a collected output; the end of it names the error. */
const outputCapBytes = 4 * 1024 * 1024;

/** @type {Set<import('node:child_process').ChildProcess>} */
const living = new Set();
/** @type {Set<() => void>} */
const cleanUps = new Set();
let isWatching = false;
/** Once a signal ends us, nobody may go on to the next step because the one before it was killed. */
let isEnding = false;

/**
 * Registers work to be done when this process ends, however it ends (SIGKILL excepted).
 * @param {() => void} work synchronous; must not throw
 * @returns {() => void} takes the registration back
 */
export function atTheEnd(work) {
  watchSignals();
  cleanUps.add(work);
  return () => cleanUps.delete(work);
}

/**
 * @typedef {object} Run
 * @property {string} command
 * @property {string[]} args
 * @property {string} cwd
 * @property {NodeJS.ProcessEnv} env
 * @property {boolean} [isCollected] keep the output instead of letting it through
 * @property {boolean} [isShell] Windows only: npm is a .cmd there
 *
 * @typedef {object} Ended
 * @property {number} code exit code; 128 + signal number when it was ended by a signal, 127 when it did not start
 * @property {string} output what it wrote, when collected
 * @property {number} seconds
 */

/**
 * Starts a child in a process group of its own, with no stdin. Whoever starts it also sees it end.
 * @param {Run} run
 * @returns {{ child: import('node:child_process').ChildProcess, ended: Promise<Ended> }}
 */
export function start(run) {
  watchSignals();
  const startedMs = Date.now();
  const child = spawn(run.command, run.args, {
    cwd: run.cwd,
    env: run.env,
    detached: !isWindows,
    shell: isWindows && run.isShell === true,
    windowsHide: true,
    stdio: run.isCollected === true ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  });
  living.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (text) => (output = (output + text).slice(-outputCapBytes)));
  }
  /** @type {Promise<Ended>} */
  const ended = new Promise((settle) => {
    /** @param {number} code */
    const finish = (code) => {
      living.delete(child);
      if (!isEnding) settle({ code, output, seconds: (Date.now() - startedMs) / 1000 });
    };
    child.once('error', (error) => {
      output += `${error.message}\n`;
      finish(127);
    });
    // 'close' waits for the pipes as well; a grandchild that keeps one open must not hold us up.
    child.once('exit', (code, signal) => {
      const done = () => finish(exitCode(code, signal));
      if (run.isCollected !== true) return done();
      const limit = setTimeout(done, 500);
      child.once('close', () => {
        clearTimeout(limit);
        done();
      });
    });
  });
  return { child, ended };
}

/**
 * Runs a child to its end.
 * @param {Run} run
 * @returns {Promise<Ended>}
 */
export function run(run) {
  return start(run).ended;
}

/**
 * Runs a child in this process's place: same terminal, same stdin, and this process ends the way the child ends.
 * @param {{ command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv }} run
 * @returns {Promise<never>}
 */
export function become(run) {
  const child = spawn(run.command, run.args, { cwd: run.cwd, env: run.env, stdio: 'inherit' });
  // A terminal sends Ctrl+C to the child as well; passing it on would make it two.
  const isOnTerminal = process.stdin.isTTY === true;
  for (const signal of forwarded) {
    process.on(signal, () => {
      if (!(signal === 'SIGINT' && isOnTerminal)) child.kill(signal);
    });
  }
  return new Promise(() => {
    child.once('error', (error) => {
      process.stderr.write(`${run.command} did not start: ${error.message}\n`);
      process.exit(127);
    });
    child.once('exit', (code, signal) => {
      if (signal === null) process.exit(code ?? 1);
      endBy(signal);
    });
  });
}

/**
 * Ends a child and everything it started: asks first, kills after the grace time.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<void>}
 */
export async function endTree(child) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const family = [child.pid, ...descendants(child.pid)];
  const gone = new Promise((settle) => child.once('exit', settle));
  signalAll(family, 'SIGTERM');
  await Promise.race([gone, new Promise((settle) => setTimeout(settle, graceMs).unref())]);
  signalAll(family, 'SIGKILL');
}

/** @type {NodeJS.Signals[]} */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function watchSignals() {
  if (isWatching) return;
  isWatching = true;
  for (const signal of forwarded) {
    process.once(signal, () => {
      isEnding = true;
      void Promise.all([...living].map(endTree)).then(() => endBy(signal));
    });
  }
  process.on('exit', () => {
    for (const child of living) {
      if (child.pid !== undefined) signalAll([child.pid, ...descendants(child.pid)], 'SIGKILL');
    }
    for (const work of cleanUps) work();
  });
}

/**
 * Ends this process by the signal itself, so that a shell and npm see what happened.
 * @param {NodeJS.Signals} signal
 */
function endBy(signal) {
  for (const work of cleanUps) work();
  cleanUps.clear();
  if (isWindows) process.exit(exitCode(null, signal));
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Reached only where the signal is ignored or blocked.
  setTimeout(() => process.exit(exitCode(null, signal)), 200);
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function exitCode(code, signal) {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/**
 * @param {number[]} pids the first one leads a process group
 * @param {NodeJS.Signals} signal
 */
function signalAll(pids, signal) {
  if (isWindows) {
    spawnSync('taskkill', ['/pid', String(pids[0]), '/t', '/f'], { stdio: 'ignore' });
    return;
  }
  for (const target of [-(pids[0] ?? 0), ...pids]) {
    try {
      if (target !== 0) process.kill(target, signal);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
    }
  }
}

/**
 * Children that left the process group (a browser, a daemon) are found by their parents.
 * @param {number} pid
 * @returns {number[]}
 */
function descendants(pid) {
  if (isWindows) return [];
  const parents = process.platform === 'linux' ? parentsFromProc() : parentsFromPs();
  const found = [pid];
  for (const parent of found) {
    for (const [child, itsParent] of parents) if (itsParent === parent) found.push(child);
  }
  return found.slice(1);
}

/** @returns {[pid: number, parent: number][]} */
function parentsFromProc() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The second field is the command in brackets and may hold anything; the parent follows the last bracket.
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
        /** @type {[number, number][]} */
        const pair = [[Number(name), Number(parent)]];
        return pair;
      } catch {
        return []; // it ended while we were reading
      }
    });
}

/** @returns {[pid: number, parent: number][]} */
function parentsFromPs() {
  const listed = spawnSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' });
  return (listed.stdout ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (child !== undefined && parent !== undefined ? [/** @type {[number, number]} */ ([child, parent])] : []));
}
