// The names of files that are still being written: each says for which target and by which process, so that only what a dead process left is removed.
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export const PARTIAL_END = '.holdfast-partial';

/** `target` and `machine` are digests; `boot` and `start` are empty where the system does not tell them. */
export interface PartialOwner { readonly target: string; readonly machine: string; readonly boot: string; readonly pid: number; readonly start: string }

const NAME = /^\.([0-9a-f]{16})-([0-9a-f]{12})-([0-9a-f]{12})?-(\d{1,10})-(\d{1,20})?-[0-9a-f]{16}\.holdfast-partial$/;

function digest(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Two containers on one machine have the same boot and other process numbers: the name space tells them apart. */
function processSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** When a process began, in clock ticks since the system did: tells a process from a later one with its number. Empty where the system does not say. */
function startOf(pid: number): string {
  // The name in parentheses may hold anything, spaces and parentheses too: the fields behind it are counted from its end.
  const stat = contentOf(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

let self: Omit<PartialOwner, 'target'> | null = null;

function thisProcess(): Omit<PartialOwner, 'target'> {
  const boot = contentOf('/proc/sys/kernel/random/boot_id');
  self ??= { machine: digest(`${hostname()}\n${contentOf('/etc/machine-id')}\n${processSpace()}`, 12), boot: boot === '' ? '' : digest(boot, 12), pid: process.pid, start: startOf(process.pid) };
  return self;
}

/** The part of a partial file's name that is the same for everybody who writes this target. */
export function targetTag(name: string): string {
  return digest(name, 16);
}

/** A new name for what this process writes. @param random 16 hex digits */
export function partialName(target: string, random: string): string {
  const { machine, boot, pid, start } = thisProcess();
  return `.${targetTag(target)}-${machine}-${boot}-${pid}-${start}-${random}${PARTIAL_END}`;
}

/** Who writes a file of this name; null for a name that is not ours. */
export function readPartialName(name: string): PartialOwner | null {
  const match = NAME.exec(name);
  if (match === null) return null;
  const [, target = '', machine = '', boot = '', pid = '', start = ''] = match;
  return { target, machine, boot, pid: Number(pid), start };
}

/** True only when the process that wrote it is certainly gone. A file of another machine is never called dead: the folder may be shared. */
export function isDead(owner: PartialOwner): boolean {
  const mine = thisProcess();
  if (owner.machine !== mine.machine) return false;
  if (owner.boot !== mine.boot) return true;
  if (!exists(owner.pid)) return true;
  const start = startOf(owner.pid);
  return owner.start !== '' && start !== '' && start !== owner.start;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
