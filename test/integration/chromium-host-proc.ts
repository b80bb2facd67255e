// Reads from /proc what a process tree is and does: its members, sockets, limits and command lines. Linux only; it changes nothing.
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** This process and everything below it; empty when it is gone. */
export function processTree(pid: number): readonly number[] {
  if (!isRunning(pid)) return [];
  const parents = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => {
    const stat = read(`/proc/${name}/stat`);
    return [Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])] as const;
  });
  const found = [pid];
  for (const parent of found) for (const [child, itsParent] of parents) if (itsParent === parent) found.push(child);
  return found;
}

/** False for a process that ended, also while nobody has collected its exit code. */
export function isRunning(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat !== '' && stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
}

export function commandLine(pid: number): readonly string[] {
  return read(`/proc/${pid}/cmdline`).split('\0');
}

export function environment(pid: number): readonly string[] {
  return read(`/proc/${pid}/environ`).split('\0');
}

/** Soft and hard limit for core files, in bytes. */
export function coreLimits(pid: number): readonly string[] {
  return /^Max core file size\s+(\S+)\s+(\S+)/m.exec(read(`/proc/${pid}/limits`))?.slice(1) ?? [];
}

export interface Socket {
  readonly pid: number;
  readonly protocol: 'tcp' | 'tcp6' | 'udp' | 'udp6';
  readonly isListening: boolean;
  readonly local: string;
}

/** Every internet socket that one of these processes holds. */
export function internetSockets(pids: readonly number[]): readonly Socket[] {
  const owners = new Map<string, number>();
  for (const pid of pids) {
    const folder = `/proc/${pid}/fd`;
    if (!existsSync(folder)) continue;
    for (const fd of readdirSync(folder)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`${folder}/${fd}`))?.[1];
      if (inode !== undefined) owners.set(inode, pid);
    }
  }
  return (['tcp', 'tcp6', 'udp', 'udp6'] as const).flatMap((protocol) => read(`/proc/net/${protocol}`).split('\n').slice(1).flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const pid = owners.get(fields[9] ?? '');
    return pid === undefined ? [] : [{ pid, protocol, isListening: fields[3] === '0A', local: fields[1] ?? '' }];
  }));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
