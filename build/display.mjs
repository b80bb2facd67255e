// Owns where a window can be shown; refuses to share a display number, or to leave an Xvfb behind.
import { spawn } from 'node:child_process';
import { SetUpError } from './setup-error.mjs';
import { atTheEnd } from './processes.mjs';

const startLimitMs = 10_000;

/** @returns {boolean} whether a window opened now would be seen by somebody */
export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY']) || Boolean(process.env['WAYLAND_DISPLAY']);
}

/**
 * Runs `action` with a display: the user's, or an Xvfb of our own for as long as the action takes.
 * @template T
 * @param {(environment: Record<string, string>) => Promise<T>} action gets the variables that name the display
 * @returns {Promise<T>}
 * @throws {SetUpError} when Xvfb does not come up within ten seconds
 */
export async function withDisplay(action) {
  if (hasDisplay()) return action({});
  // The server picks a free number itself and writes it to descriptor 3: asking first and starting later is a race.
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1920x1200x24', '-nolisten', 'tcp', '-noreset'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    // Ctrl+C belongs to the tests first; the display goes last.
    detached: true,
  });
  const stop = () => void server.kill('SIGTERM');
  const keep = atTheEnd(stop);
  try {
    return await action({ DISPLAY: `:${await displayNumber(server)}` });
  } finally {
    keep();
    await stopped(server);
  }
}

/**
 * @param {import('node:child_process').ChildProcess} server
 * @returns {Promise<string>}
 */
function displayNumber(server) {
  return new Promise((settle, fail) => {
    let said = '';
    let number = '';
    /** @param {string} why */
    const giveUp = (why) => fail(new SetUpError(`Xvfb did not start: ${why} ${said.trim()}`, 'Run `Xvfb -displayfd 1` by hand to see why; the package is xvfb.'));
    const limit = setTimeout(() => giveUp(`no display after ${startLimitMs / 1000} s.`), startLimitMs);
    limit.unref();
    server.stderr?.on('data', (text) => (said = (said + text).slice(-2000)));
    server.once('error', (error) => giveUp(error.message));
    server.once('exit', (code) => giveUp(`exit ${code}.`));
    /** @type {import('node:stream').Readable | null} */ (server.stdio[3])?.on('data', (text) => {
      number += text;
      if (!number.includes('\n')) return;
      clearTimeout(limit);
      settle(number.trim());
    });
  });
}

/** @param {import('node:child_process').ChildProcess} server */
async function stopped(server) {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return;
  const gone = new Promise((settle) => server.once('exit', settle));
  // SIGTERM lets it remove its socket and lock file.
  server.kill('SIGTERM');
  const limit = setTimeout(() => server.kill('SIGKILL'), 3000);
  await gone;
  clearTimeout(limit);
}
