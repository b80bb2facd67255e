// What is wrong with a crontab that is meant to purge: the line, its time, and what cron does to a line before a shell sees it.
import { lintCommand, lintEnvironment, MEANS_PURGE } from './command-lint.ts';
import { cronTimes, FIELDS } from './cron-times.ts';
import type { CronTimes } from './cron-times.ts';
import { excerpt } from './problems.ts';
import type { Problems } from './problems.ts';
import { PURGED, PURGE_SCRIPT } from './values.ts';

const ASSIGNMENT = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/;
/** Five fields or a nickname, then the command. */
export const ENTRY = /^\s*(@[a-z]+|(?:[-*/,0-9A-Za-z?]+[ \t]+){4}[-*/,0-9A-Za-z?]+)[ \t]+(\S.*)$/;
/** A crontab of the whole machine, where a user stands before the command. */
const OF_SYSTEM = /cron\.d(?:\/|$)|(?:^|\/)etc\/crontab$/;
/** What would be a sixth field. */
const SIXTH = /^(?:\*|\d{1,2})(?:[-*/,\d]*)[ \t]/;
/** Words that begin a command and are no user. */
const COMMANDS = /^(?:cd|env|make|sh|bash|python[\d.]*|test|set|export|nice|timeout|flock|exec|sudo|systemctl|docker|kubectl|if)$/;
const UTC = /^(?:Etc\/)?(?:UTC|UCT|Zulu|Universal|GMT)$/i;

/** A system crontab has a user before the command. */
function partUser(command: string, name: string): { readonly user: string | null; readonly command: string } {
  const match = /^([a-z_][a-z0-9_-]*\$?)[ \t]+(\S.*)$/.exec(command);
  if (match === null || COMMANDS.test(match[1] ?? '')) return { user: null, command };
  const isSystem = OF_SYSTEM.test(name) || name.endsWith('crontab') || /^(?:cd |\/|env |PYTHONPATH=|[A-Z_]+=|make |bash |sh |python)/.test(match[2] ?? '');
  return isSystem ? { user: match[1] ?? null, command: match[2] ?? '' } : { user: null, command };
}

/** What cron hands to the shell: up to the first bare percent sign. */
function untilPercent(command: string): { readonly command: string; readonly isCut: boolean } {
  const at = /(?<!\\)%/.exec(command)?.index ?? -1;
  return { command: (at === -1 ? command : command.slice(0, at)).replaceAll('\\%', '%'), isCut: at !== -1 };
}

export function lintCron(problems: Problems, text: string, name: string): void {
  const lines = text.split('\n');
  const environment = new Map<string, string>();
  let zone: string | null = null;
  let zoneLine: number | null = null;
  let found = 0;
  let commented: number | null = null;
  // The last line of an entry that goes on with a backslash.
  let goneOn = 0;
  lines.forEach((raw, index) => {
    const line = index + 1;
    if (line <= goneOn) return undefined;
    const content = raw.replace(/\r$/, '');
    if (content.trim() === '') return;
    if (content.trim().startsWith('#')) {
      const bare = content.trim().replace(/^#+\s*/, '');
      if (commented === null && ENTRY.test(bare) && MEANS_PURGE.test(bare)) commented = line;
      return;
    }
    if (raw.endsWith('\r') && MEANS_PURGE.test(raw)) problems.error('line-ends', line, { message: 'The line ends as on Windows: cron hands the carriage return to the command as part of it.', fix: 'Save the file with line ends of Unix.' });
    const assignment = ENTRY.test(content) ? null : ASSIGNMENT.exec(content);
    if (assignment !== null) {
      const [, key = '', given = ''] = assignment;
      const value = given.trim().replace(/^(['"])(.*)\1$/, '$2');
      environment.set(key, value);
      if (key === 'CRON_TZ') [zone, zoneLine] = [value, line];
      lintEnvironment(problems, line, { name: key, value });
      if (key === 'PYTHONPATH' && /\$/.test(value)) problems.error('not-expanded', line, { message: 'cron does not expand variables in an assignment: the dollar sign stays as it is.', fix: 'Write the whole path.' });
      return;
    }
    const entry = ENTRY.exec(content);
    if (entry === null) {
      if (MEANS_PURGE.test(content)) {
        found += 1;
        problems.error('bad-line', line, { message: `cron cannot read this line: it takes ${FIELDS.map((field) => field.name).join(', ')}, then the command.`, fix: 'Begin it with 15 2 * * *' });
      }
      return;
    }
    const [, schedule = '', first = ''] = entry;
    let rest = first;
    if (content.endsWith('\\')) {
      for (goneOn = line; goneOn < lines.length && rest.endsWith('\\'); goneOn += 1) rest = `${rest.slice(0, -1)} ${(lines[goneOn] ?? '').replace(/\r$/, '').trim()}`;
    }
    if (!MEANS_PURGE.test(rest)) return;
    found += 1;
    if (goneOn >= line) problems.error('continued-line', line, { message: 'cron knows no line that goes on: the backslash at its end stays, and what follows is read as a line of its own.', fix: 'Write the whole entry on one line.' });
    if (SIXTH.test(rest)) return problems.error('bad-line', line, { message: `There are six fields before the command: cron takes five (${FIELDS.map((field) => field.name).join(', ')}), and the sixth for the command.`, fix: 'Begin it with 15 2 * * *' });
    lintTime(problems, { times: cronTimes(schedule), schedule, line });
    const { command: given, user } = partUser(rest, name);
    if (OF_SYSTEM.test(name) && user === null) problems.error('no-user', line, { message: 'A crontab of the whole machine (/etc/crontab, /etc/cron.d) names the user before the command: here the first word of the command is taken for one.', fix: 'Put the user of the backend before the command.' });
    const { command, isCut } = untilPercent(given);
    if (isCut) problems.error('percent', line, { message: 'cron ends the command at the bare percent sign and hands the rest to it as input.', fix: 'Write \\% for a percent sign.' });
    if (!isCut || MEANS_PURGE.test(command)) lintCommand(problems, command, { line, workdir: null, environment, hasUnknownEnvironment: false, keeps: environment.has('MAILTO') && environment.get('MAILTO') !== '' ? 'the journal' : environment.has('MAILTO') ? 'nothing' : 'cron mails it' });
    if (zone === null) problems.error('local-time', line, { message: 'The time is that of the machine: where that has summer time, a run between one and three may be left out or made twice.', fix: 'Put CRON_TZ=UTC above it. cronie reads it; the cron of Debian and Ubuntu does not: there keep the machine on UTC as well, or use a systemd timer.' });
    else if (!UTC.test(zone)) problems.error('local-time', zoneLine, { message: `The time is that of ${excerpt(zone)}: it may move with summer time.`, fix: 'Set CRON_TZ=UTC.' });
    return undefined;
  });
  if (found === 0) {
    if (commented !== null) problems.error('commented-out', commented, { message: 'The line that purges is commented out: it does not run.', fix: 'Take the # away.' });
    else problems.error('no-purge', null, { message: 'No line here runs the script that purges.', fix: `Add one that runs ${PURGE_SCRIPT} in the root of the repository, with PYTHONPATH.` });
  }
  const lastLine = lines.at(-1) ?? '';
  if (name !== '' && lastLine.trim() !== '' && MEANS_PURGE.test(lastLine)) problems.warning('no-line-end', lines.length, { message: 'The last line has no end: cron may leave it out.', fix: 'End the file with a line end.' });
  if (/cron\.d\/[^/]*\./.test(name)) problems.error('ignored-name', null, { message: 'The cron of Debian and Ubuntu leaves out files in /etc/cron.d with a dot in their name.', fix: 'Name it without a dot.' });
  problems.ask('crontab -l   # as the user of the backend; or cat /etc/cron.d/*');
  problems.ask('timedatectl show -p Timezone --value');
  problems.ask(`the command by hand, as cron runs it: env -i HOME="$HOME" PATH=/usr/bin:/bin /bin/sh -c '…'   # must print: ${PURGED}`);
}

export function lintTime(problems: Problems, { times, schedule, line }: { readonly times: CronTimes; readonly schedule: string; readonly line: number | null }): void {
  if (!times.ok) problems.error('bad-schedule', line, { message: `The schedule ${excerpt(schedule)} cannot be read: ${excerpt(times.reason)}.`, fix: 'Write 15 2 * * *' });
  else if (times.isAtBoot) problems.error('at-boot', line, { message: '@reboot runs when the machine starts, and not again: rows stay past the retention for as long as it is up.', fix: 'Write 15 2 * * *' });
  else if (times.perYear === 0) problems.error('never', line, { message: `The schedule ${excerpt(schedule)} never comes true: there is no such day.`, fix: 'Write 15 2 * * *' });
  else if (times.perYear > 366 * 24) problems.warning('too-often', line, { message: `The schedule ${excerpt(schedule)} runs about ${Math.round(times.perYear / 366)} times a day.`, fix: 'Once a day is enough.' });
  else if (times.perYear < 50) problems.warning('too-rarely', line, { message: `The schedule ${excerpt(schedule)} runs about ${Math.max(1, Math.round(times.perYear))} times a year: rows stay that long past the retention.`, fix: 'Run it every day.' });
}
