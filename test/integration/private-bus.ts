// A D-Bus session bus and a gnome-keyring daemon of its own for one test, in a directory of its own; it refuses to touch the user's bus, home or keyring.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const READY_WITHIN_MS = 15_000;
const LOGIN = '/org/freedesktop/secrets/collection/login';

export type Environment = Readonly<Record<string, string>>;

export interface Keyring {
  readonly pid: number;
  /** Sends SIGSTOP: the daemon is there and answers nothing. */
  freeze(): Promise<void>;
  thaw(): void;
  stop(): Promise<void>;
}

export interface PrivateBus {
  /** The environment of a program on this bus; nothing of the caller's but the PATH. */
  readonly env: Environment;
  /** The same without any word of a bus. */
  readonly envWithoutBus: Environment;
  readonly home: string;
  readonly directory: string;
  /** Starts the daemon. With a password the login keyring is created or unlocked with it; without, whatever is there stays locked. */
  startKeyring(password: string | null): Promise<Keyring>;
  /** The secret as another program sees it; null when there is none. */
  lookup(service: string, account: string): Promise<string | null>;
  /** Ends the bus without a word, so that its socket file stays behind. */
  killBus(): Promise<void>;
  dispose(): Promise<void>;
}

// No service directories: nothing is started on demand, so an absent keyring stays absent.
function busConfig(socket: string, deny: boolean): string {
  const rule = deny ? '<deny send_destination="org.freedesktop.secrets"/>' : '';
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=${socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>${rule}</policy></busconfig>
`;
}

/** Fails with the packages to install; a test that needs the real daemon must not pass without it. */
export async function requirePackages(): Promise<void> {
  const missing: string[] = [];
  for (const [command, name] of [['dbus-daemon', 'dbus'], ['dbus-send', 'dbus'], ['gnome-keyring-daemon', 'gnome-keyring'], ['secret-tool', 'libsecret-tools']] as const) {
    await run(command, ['--version']).catch((error: NodeJS.ErrnoException) => { if (error.code === 'ENOENT') missing.push(name); });
  }
  if (missing.length > 0) throw new Error(`the keychain tests need the real daemons: apt-get install ${[...new Set(missing), 'libsecret-1-0'].join(' ')}`);
}

async function until(what: string, holds: () => Promise<boolean>, alive: () => boolean): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!await holds()) {
    if (!alive()) throw new Error(`${what}: the process ended instead`);
    if (performance.now() > deadline) throw new Error(`${what}: not within ${READY_WITHIN_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (!isRunning(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGCONT');
  child.kill(signal);
  const patience = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(patience);
}

/** Starts a bus. `deny`: its policy refuses every message to the Secret Service, as a confined desktop does. */
export async function startPrivateBus(options: { deny?: boolean } = {}): Promise<PrivateBus> {
  await requirePackages();
  const directory = await mkdtemp(join(tmpdir(), 'hf-bus-'));
  const [home, runtime, socket] = [join(directory, 'home'), join(directory, 'run'), join(directory, 'bus')];
  await mkdir(home, { mode: 0o700 });
  await mkdir(runtime, { mode: 0o700 });
  const config = join(directory, 'bus.conf');
  await writeFile(config, busConfig(socket, options.deny === true));
  const envWithoutBus = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: home, XDG_RUNTIME_DIR: runtime, TMPDIR: directory };
  const env = { ...envWithoutBus, DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}` };
  const log = openSync(join(directory, 'daemons.log'), 'a', 0o600);
  const keyrings: ChildProcess[] = [];

  const bus = spawn('dbus-daemon', [`--config-file=${config}`, '--nofork', '--nopidfile', '--print-address=1'], { env: envWithoutBus, stdio: ['ignore', 'pipe', log] });
  if (bus.stdout === null) throw new Error('no output from dbus-daemon');
  const [address] = await Promise.race([once(createInterface(bus.stdout), 'line'), once(bus, 'exit').then(() => [''])]) as [string];
  if (!address.startsWith('unix:')) throw new Error(`dbus-daemon did not start: ${await readFile(join(directory, 'daemons.log'), 'utf8')}`);

  async function ask(args: readonly string[]): Promise<string> {
    return (await run('dbus-send', ['--session', '--print-reply', '--reply-timeout=5000', ...args], { env })).stdout;
  }

  async function isOwned(): Promise<boolean> {
    return (await ask(['--dest=org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus.NameHasOwner', 'string:org.freedesktop.secrets'])).includes('boolean true');
  }

  async function isUnlocked(): Promise<boolean> {
    const question = ['--dest=org.freedesktop.secrets', LOGIN, 'org.freedesktop.DBus.Properties.Get', 'string:org.freedesktop.Secret.Collection', 'string:Locked'];
    return await ask(question).then((answer) => answer.includes('boolean false'), () => false);
  }

  return {
    env, envWithoutBus, home, directory,
    async startKeyring(password) {
      const unlock = password === null ? [] : ['--unlock'];
      const daemon = spawn('gnome-keyring-daemon', ['--foreground', '--components=secrets', ...unlock], { env, stdio: [password === null ? 'ignore' : 'pipe', log, log] });
      keyrings.push(daemon);
      if (daemon.pid === undefined) throw new Error('gnome-keyring-daemon did not start');
      daemon.stdin?.end(password);
      await until('the keyring daemon takes its name', isOwned, () => isRunning(daemon));
      // Behind a bus that refuses, nobody can ask; the name is all there is to see.
      if (password !== null && options.deny !== true) await until('the login keyring is unlocked', isUnlocked, () => isRunning(daemon));
      const pid = daemon.pid;
      return {
        pid,
        async freeze() {
          daemon.kill('SIGSTOP');
          await until('the keyring daemon is stopped', async () => /^State:\s+T/m.test(await readFile(`/proc/${pid}/status`, 'utf8')), () => isRunning(daemon));
        },
        thaw: () => { daemon.kill('SIGCONT'); },
        async stop() {
          await end(daemon, 'SIGTERM');
          await until('the name is free again', async () => !await isOwned(), () => true);
        },
      };
    },
    async lookup(service, account) {
      try {
        return (await run('secret-tool', ['lookup', 'service', service, 'account', account], { env, timeout: READY_WITHIN_MS })).stdout;
      } catch (error) {
        const { code, stderr } = error as { code?: unknown; stderr?: string };
        if (code === 1 && stderr === '') return null;
        throw error;
      }
    },
    killBus: () => end(bus, 'SIGKILL'),
    async dispose() {
      for (const daemon of keyrings) await end(daemon, 'SIGTERM');
      await end(bus, 'SIGTERM');
      closeSync(log);
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
