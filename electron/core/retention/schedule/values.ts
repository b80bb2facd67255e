// What an admin gives for a schedule, checked and written for each format so that it cannot leave its field; what is not given is a marked placeholder.
import { posix } from 'node:path';
import { AppError } from '#shared/errors.ts';
import type { ParsedInput } from '#shared/contract.ts';

/** The script that purges, from the root of the backend's repository (contract section 5). */
export const PURGE_SCRIPT = 'backend/scripts/purge_audit_logs.py';
/** What it prints when it did its work. */
export const PURGED = 'Purged N audit rows older than …';

/** The one form of a placeholder. */
export const PLACEHOLDER = /<<[A-Z][A-Z0-9_]*>>/g;

export interface Values {
  /** Root of the backend's repository on the machine, or in the image. */
  readonly workdir: string;
  readonly python: string;
  readonly image: string;
  readonly namespace: string;
}

type Given = Pick<ParsedInput<'retention.schedule'>, keyof Values>;

// Every control character and every end of a line that some reader knows; the backslash, which each format reads in its own way; and what systemd expands as a pattern.
const UNSAFE = /[\p{Cc}\p{Cf}\u2028\u2029\\*?[\]{}\ud800-\udfff]/u;
const NAMESPACE = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const IMAGE = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?(?::\d{1,5})?(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

function refuse(option: string, why: string): never {
  throw new AppError('invalid_input', { message: `--${option} ${why} Nothing was written.`, hint: 'Give another value, or leave it out: a placeholder then stands in its place.' });
}

function path(option: 'workdir' | 'python', given: string): string {
  if (!given.startsWith('/')) refuse(option, 'must be a whole path, from / on: a scheduler starts in a folder of its own.');
  if (UNSAFE.test(given)) refuse(option, 'holds a character that a crontab, a unit or a shell would read as its own (a control character, a backslash or one of * ? [ ] { }).');
  if (given.includes('<<')) refuse(option, 'holds <<, which marks a placeholder.');
  if (given.split('/').some((part) => part === '.' || part === '..')) refuse(option, 'holds . or .. as a part: name the folder itself.');
  if (given.split('/').some((part) => part.trim() !== part)) refuse(option, 'holds a part that begins or ends with a space.');
  const whole = posix.normalize(given);
  if (option === 'python') return whole.includes('=') ? refuse(option, 'holds an equals sign, which makes an assignment of it.') : whole;
  // Python parts its search path at colons.
  if (whole.includes(':')) refuse(option, 'holds a colon, at which Python would part it.');
  return whole === '/' ? whole : whole.replace(/\/$/, '');
}

/** @throws AppError invalid_input */
export function valuesOf({ workdir, python, image, namespace }: Given): Values {
  if (image !== undefined && !IMAGE.test(image)) refuse('image', 'is not the name of an image.');
  if (namespace !== undefined && !NAMESPACE.test(namespace)) refuse('namespace', 'is not the name of a namespace: small letters, digits and dashes.');
  return {
    workdir: workdir === undefined ? '<<WORKDIR>>' : path('workdir', workdir), python: python === undefined ? '<<PYTHON>>' : path('python', python),
    image: image ?? '<<IMAGE>>', namespace: namespace ?? '<<NAMESPACE>>',
  };
}

/** Placeholders in texts, each once, in order. */
export const placeholdersIn = (texts: readonly string[]): string[] => [...new Set(texts.flatMap((text) => text.match(PLACEHOLDER) ?? []))];

/** For a POSIX shell: nothing is special between single quotes. */
export const forShell = (value: string): string => (/^[A-Za-z0-9_@+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`);

/** For a crontab, which ends a command at a bare percent sign, also between quotes. Give it the whole command. */
export const forCron = (command: string): string => command.replaceAll('%', '\\%');

/** For a setting of a unit that takes the rest of its line as it is: only specifiers are expanded. */
export const forUnit = (value: string): string => value.replaceAll('%', '%%');

/** For a word of Environment=. */
export const forUnitWord = (value: string): string => `"${forUnit(value).replaceAll('"', '\\"')}"`;

/** For a word of ExecStart=, where variables are expanded as well. */
export function forExec(value: string): string {
  const text = forUnit(value).replaceAll('$', '$$$$').replaceAll('"', '\\"');
  return /^[A-Za-z0-9_@+=:,./$%-]+$/.test(text) ? text : `"${text}"`;
}

/** For ExecStart=, whose program may hold neither quotes nor variables; `env` takes both. */
export const execLine = (program: string, words: readonly string[]): string => (/['"$]/.test(program) ? ['/usr/bin/env', program, ...words] : [program, ...words]).map(forExec).join(' ');

/** For a word of `command` and for a value of `env` in Kubernetes, where $(NAME) is expanded. */
export const forContainer = (value: string): string => value.replaceAll('$', '$$$$');

/** A name for units and objects out of a deployment's name. */
export function nameFor(deployment: string): string {
  const slug = deployment.normalize('NFKD').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 30).replace(/-+$/, '');
  return slug === '' ? 'navi-audit-purge' : `navi-audit-purge-${slug}`;
}

export const scriptIn = (workdir: string): string => (workdir === '/' ? `/${PURGE_SCRIPT}` : `${workdir}/${PURGE_SCRIPT}`);
