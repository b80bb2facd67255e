// Examines a schedule that an admin has: finds out what it is, and says what in it keeps rows from being deleted. It runs nothing; what only the machine knows, it says how to ask.
import type { LintReport } from '#shared/domain/retention-schedule.ts';
import { lintCommand, MEANS_PURGE } from './command-lint.ts';
import { ENTRY, lintCron } from './cron-lint.ts';
import { lintKubernetes } from './kubernetes-lint.ts';
import { createProblems, excerpt } from './problems.ts';
import type { Problems } from './problems.ts';
import { lintChanges, lintPrinted, lintService, lintTimer } from './systemd-lint.ts';
import { readUnits } from './unit-file.ts';
import { PLACEHOLDER, PURGED, PURGE_SCRIPT } from './values.ts';

type Kind = LintReport['kind'];

/** Our own placeholders, and what examples put in the place of a value. */
const EXAMPLES = [/\/path\/to\/[^\s"']*/g, /(?<!<)<(?:your|the|path|image|namespace|workdir|python|user)[-_ \w]*>/gi, /\b(?:CHANGE_?ME|REPLACE_?ME|YOUR_[A-Z_]+)\b/g, /\$\{\{[^}]*\}\}|\{\{[^}]*\}\}/g];

/** A script there is run by its folder. */
const BY_FOLDER = /\/cron\.(?:hourly|daily|weekly|monthly)\/[^/]*$/;
const BYTE_ORDER_MARK = /^\ufeff/;

function kindOf(text: string, name: string): Kind {
  if (name.endsWith('.timer')) return 'systemd-timer';
  if (name.endsWith('.service')) return 'systemd-service';
  if (/^\s*\[Timer\]\s*$/m.test(text)) return /^\s*\[Service\]\s*$/m.test(text) && text.search(/^\s*\[Service\]/m) < text.search(/^\s*\[Timer\]/m) ? 'systemd-service' : 'systemd-timer';
  if (/^\s*\[(?:Service|Unit|Install)\]\s*$/m.test(text)) return 'systemd-service';
  if (/^\s*(?:-\s+)?\{?\s*"?(?:apiVersion|kind)"?\s*:/m.test(text) || /\.(?:ya?ml|json)$/.test(name)) return 'kubernetes';
  const lines = text.replaceAll(/\\\r?\n/g, ' ').split('\n').map((line) => line.replace(/\r$/, '')).filter((line) => line.trim() !== '');
  if (BY_FOLDER.test(name) || name.endsWith('.sh')) return 'shell';
  if (/cron[^/]*$|cron(?:\.d|tabs)?\/[^/]*$/.test(name) || lines.some((line) => /^\s*CRON_TZ\s*=/.test(line)) || lines.some((line) => ENTRY.test(line.replace(/^\s*#+\s*/, '')) && MEANS_PURGE.test(line))) return 'cron';
  if (/^\s*Loaded: |UnitFileState=|timers listed/m.test(text)) return 'systemd-timer';
  return lines.some((line) => MEANS_PURGE.test(line)) ? 'shell' : 'unknown';
}

function lintPlaceholders(problems: Problems, text: string, kind: Kind): void {
  text.split('\n').forEach((content, index) => {
    // What a comment says is for people.
    const said = kind === 'shell' || kind === 'unknown' || !/^\s*[#;]/.test(content) ? content : '';
    for (const placeholder of [...said.match(PLACEHOLDER) ?? [], ...EXAMPLES.flatMap((example) => said.match(example) ?? [])]) {
      problems.error('placeholder', index + 1, { message: `${excerpt(placeholder)} is a placeholder: nothing stands there yet.`, fix: 'Put the real value in its place.' });
    }
  });
}

function lintSystemd(problems: Problems, text: string, name: string): void {
  const file = name.replace(/^.*\//, '');
  // What systemctl printed is no unit.
  const units = readUnits(text).filter(({ sections }) => sections.size > 0);
  // systemctl cat puts the name of each unit above it.
  const called = [...text.matchAll(/^\s*#\s*\S*?([^\s/]+\.(?:service|timer))\s*$/gm)].map((match) => match[1] ?? '');
  const isTimer = (unit: (typeof units)[number]): boolean => (/\.(?:timer|service)$/.test(file) && units.length === 1 ? file.endsWith('.timer') : unit.sections.has('Timer'));
  const changes = /([^/]+\.(?:timer|service))\.d\/[^/]+\.conf$/.exec(name)?.[1] ?? (file.endsWith('.conf') ? 'NAME' : null);
  if (changes !== null && units.length > 0) {
    problems.warning('part-of-unit', null, { message: 'This only changes a unit: what it makes of it cannot be told without the rest.', fix: `Lint the whole: systemctl cat ${changes} | holdfast retention lint -` });
    problems.ask(`systemctl cat ${changes}`);
    for (const unit of units) lintChanges(problems, unit, new Date().getUTCFullYear());
    return;
  }
  const nameOf = (unit: (typeof units)[number]): string | null => {
    const ending = isTimer(unit) ? '.timer' : '.service';
    const named = called.filter((each) => each.endsWith(ending));
    return file.endsWith(ending) ? file : named.length === 1 ? named[0] ?? null : null;
  };
  const names = units.map(nameOf);
  units.forEach((unit, index) => {
    const about = { own: names[index] ?? null, others: names.filter((other, at): other is string => at !== index && other !== null) };
    if (isTimer(unit)) lintTimer(problems, unit, { names: about, year: new Date().getUTCFullYear() });
    else lintService(problems, unit, about);
  });
  const isPrinted = lintPrinted(problems, text);
  if (units.length > 0) return;
  if (!isPrinted) problems.error('empty', null, { message: 'There is no section in it: systemd takes nothing from it.', fix: 'Give the whole of the unit, from [Unit] on.' });
  problems.ask('systemctl cat NAME.timer NAME.service');
}

function lintShell(problems: Problems, text: string, name: string): void {
  const whole = text.replaceAll(/\\\r?\n/g, ' ');
  if (/\.timer\b/.test(text) && /\bsystemctl\b/.test(text) && !/\bsystemctl\b[^\n]*\benable\b/.test(text)) problems.error('timer-not-enabled', null, { message: 'The timer is started or copied here, and never enabled: after the next start of the machine it does not run.', fix: 'sudo systemctl enable --now NAME.timer' });
  const { isPurge } = lintCommand(problems, whole, { line: firstLine(text, MEANS_PURGE), workdir: null, environment: new Map(), hasUnknownEnvironment: false, keeps: 'the journal' });
  if (BY_FOLDER.test(name)) {
    if (/\.[^/]*$/.test(name.replace(/^.*\//, ''))) problems.error('ignored-name', null, { message: 'The cron of Debian and Ubuntu leaves out files in this folder with a dot in their name.', fix: 'Name it without a dot.' });
    problems.ask(`run-parts --test ${excerpt(name.replace(/\/[^/]*$/, ''))}   # must list it: it has to be executable`);
  } else problems.warning('no-schedule', null, { message: 'This runs the purge once: nothing in it runs it again.', fix: 'Put it into a crontab, a timer or a CronJob: retention schedule writes them.' });
  if (!isPurge) problems.error('no-purge', null, { message: 'Nothing here runs the script that purges.', fix: `Run ${PURGE_SCRIPT} of the repository.` });
  problems.ask(`the line by hand   # must print: ${PURGED}`);
}

function firstLine(text: string, what: RegExp): number | null {
  const at = text.split('\n').findIndex((line) => what.test(line));
  return at === -1 ? null : at + 1;
}

/** What was copied out of a page stands between backticks, as an item of a list: without them it is what was meant. Lines keep their numbers. */
function unwrapped(given: string): string {
  return given.replaceAll(/^[ \t]*(?:[-*+][ \t]+)?`([^`\n]+)`[ \t]*\r?$/gm, '$1').replaceAll(/^[ \t]*```.*$/gm, '');
}

/** @param name of the file, with its folder where that is known; empty for a paste */
export function lintSchedule(given: string, name: string): LintReport {
  const text = unwrapped(given.replace(BYTE_ORDER_MARK, ''));
  const problems = createProblems();
  const kind = kindOf(text, name);
  if ((kind === 'cron' || kind === 'shell') && BYTE_ORDER_MARK.test(given)) problems.error('byte-order-mark', 1, { message: 'It begins with a byte order mark, as editors on Windows write it: the first line is not read as what it shows.', fix: 'Save the file as UTF-8 without a byte order mark.' });
  lintPlaceholders(problems, text, kind);
  if (kind === 'cron') lintCron(problems, text, name);
  else if (kind === 'systemd-service' || kind === 'systemd-timer') lintSystemd(problems, text, name);
  else if (kind === 'kubernetes') lintKubernetes(problems, text);
  else if (kind === 'shell') lintShell(problems, text, name);
  else problems.error('unknown', null, { message: 'This is no crontab, unit, CronJob or command that purges, as far as can be told.', fix: 'Give the file with its name, or the whole of its text.' });
  return { kind, problems: problems.list(), ask: problems.asked() };
}
