// What is wrong with a systemd service or timer that is meant to purge. Whether a timer is enabled only the machine can tell; what it printed about it is read where it was pasted too.
import { calendarTimes } from './calendar.ts';
import { lintCommand, lintEnvironment, lintWords, MEANS_PURGE } from './command-lint.ts';
import { excerpt } from './problems.ts';
import type { Problems } from './problems.ts';
import { hasStrayPercent, undoPercent, unitWords } from './unit-file.ts';
import type { Setting, Unit } from './unit-file.ts';
import { PURGED, PURGE_SCRIPT } from './values.ts';

const isTrue = (value: string | undefined): boolean => /^(?:1|y|yes|t|true|on)$/i.test(value ?? '');
const TICKS_A_YEAR = 366 * 24;

export interface UnitNames { /** As the file is called, without its folder; null when that is not known. */ readonly own: string | null; /** Services and timers in the same text, as far as their names are known. */ readonly others: readonly string[] }

/** An answer of systemctl is-enabled. */
const PRINTED = /^(?:enabled|disabled|masked|static|indirect|linked)(?:-runtime)?$/;

const of = ({ settings }: Unit, section: string, key: string): Setting[] => settings.filter((each) => each.section === section && each.key === key);
/** The values of a list: an empty one takes away those before it. */
function listed(unit: Unit, section: string, key: string): Setting[] {
  const all = of(unit, section, key);
  return all.slice(all.findLastIndex(({ value }) => value === '') + 1);
}
/** The value that counts: the last one. */
const last = (unit: Unit, section: string, key: string): Setting | undefined => of(unit, section, key).at(-1);

function lintMisplaced(problems: Problems, unit: Unit): void {
  const places: readonly (readonly [string, RegExp])[] = [['Timer', /^(?:On[A-Z]\w*|Persistent|AccuracySec|RandomizedDelaySec|Unit)$/], ['Service', /^(?:Exec\w+|WorkingDirectory|Environment(?:File)?|User|Group|Type)$/], ['Install', /^(?:WantedBy|RequiredBy|Also|Alias)$/]];
  for (const { section, key, line } of unit.settings) {
    const right = places.find(([, keys]) => keys.test(key))?.[0];
    if (right !== undefined && right !== section && !(key === 'Unit' && section !== 'Timer')) problems.error('wrong-section', line, { message: `${key}= stands in [${section}], where systemd ignores it.`, fix: `Put it into [${right}].` });
  }
  for (const { line, text } of unit.stray) if (!PRINTED.test(text)) problems.warning('stray-line', line, { message: `"${excerpt(text)}" is no setting: systemd ignores it.`, fix: 'Take it out, or write Key=value under a section.' });
}

export function lintService(problems: Problems, unit: Unit, names: UnitNames): void {
  lintMisplaced(problems, unit);
  const at = unit.sections.get('Service') ?? null;
  const starts = listed(unit, 'Service', 'ExecStart');
  const first = starts[0];
  if (first === undefined) {
    problems.error('no-command', at, { message: 'There is no ExecStart=: the service runs nothing.', fix: `Add ExecStart= with the Python of the backend and ${PURGE_SCRIPT}.` });
    return;
  }
  const environment = new Map<string, string>();
  for (const { value, line } of listed(unit, 'Service', 'Environment')) {
    const words = unitWords(value);
    if (words === null) problems.error('unclosed-quote', line, { message: 'A quote in Environment= is not closed: systemd ignores the line.', fix: 'Close it.' });
    if (hasStrayPercent(value)) problems.error('percent', line, { message: 'A percent sign in Environment= begins a specifier that systemd does not know: it ignores the line.', fix: 'Write %% for a percent sign.' });
    for (const word of words ?? []) {
      const [name = '', ...rest] = word.split('=');
      if (rest.length === 0) problems.error('bad-environment', line, { message: `"${excerpt(word)}" in Environment= is no assignment: a value with spaces needs quotes around the whole.`, fix: 'Write Environment="NAME=value with spaces".' });
      else {
        const assignment = { name, value: undoPercent(rest.join('=')) };
        environment.set(assignment.name, assignment.value);
        lintEnvironment(problems, line, assignment);
        if (name === 'PYTHONPATH' && !assignment.value.split(':').some((part) => part.startsWith('/') || part.startsWith('<<') || part.startsWith('%'))) problems.error('relative-pythonpath', line, { message: `PYTHONPATH is ${excerpt(assignment.value)}, which is no whole path.`, fix: 'Set it to the root of the repository, from / on.' });
      }
    }
  }
  for (const { value } of of(unit, 'Service', 'UnsetEnvironment')) for (const word of unitWords(value) ?? []) environment.delete(word);
  const folder = last(unit, 'Service', 'WorkingDirectory');
  const workdir = folder === undefined || folder.value === '' ? null : undoPercent(folder.value.replace(/^-/, ''));
  if (folder !== undefined && workdir !== null && !/^[/~%]/.test(workdir) && !workdir.startsWith('<<')) problems.error('relative-workdir', folder.line, { message: `WorkingDirectory=${excerpt(workdir)} is no whole path: systemd refuses it.`, fix: 'Write it from / on.' });
  if (folder !== undefined && /^["']/.test(folder.value)) problems.error('quoted-workdir', folder.line, { message: 'WorkingDirectory= takes the rest of its line as it is: the quotes would be part of the path.', fix: 'Take the quotes away.' });
  if (folder !== undefined && hasStrayPercent(folder.value)) problems.error('percent', folder.line, { message: 'A percent sign begins a specifier that systemd does not know.', fix: 'Write %% for a percent sign.' });
  const files = listed(unit, 'Service', 'EnvironmentFile');
  for (const { value, line } of files) if (!/^-?(?:[/%]|<<)/.test(value)) problems.error('relative-environment-file', line, { message: `EnvironmentFile=${excerpt(value)} is no whole path: systemd ignores it. Quotes would be part of it.`, fix: 'Write it from / on, without quotes.' });
  const hasFile = files.some(({ value }) => /^-?[/%]/.test(value));
  let isPurge = false;
  for (const { value, line } of starts) {
    if (hasStrayPercent(value)) problems.error('percent', line, { message: 'A percent sign in ExecStart= begins a specifier that systemd does not know: it refuses the unit.', fix: 'Write %% for a percent sign.' });
    const prefix = /^[@:+!|-]+/.exec(value)?.[0] ?? '';
    if (prefix.includes('-')) problems.warning('exit-code', line, { message: 'The dash before the command makes every failure a success: nobody is told.', fix: 'Take it away.' });
    const words = unitWords(undoPercent(value.slice(prefix.length)))?.map((word) => word.replaceAll('$$', '$')) ?? null;
    if (words === null) {
      problems.error('unclosed-quote', line, { message: 'A quote in ExecStart= is not closed: systemd refuses the unit.', fix: 'Close it.' });
      continue;
    }
    const around = { line, workdir, environment, hasUnknownEnvironment: hasFile, keeps: last(unit, 'Service', 'StandardOutput')?.value === 'null' ? 'nothing' as const : 'the journal' as const };
    const program = words[0] ?? '';
    if (/^[A-Za-z_]\w*=/.test(program)) problems.error('shell-syntax', line, { message: `ExecStart= is no shell: ${excerpt(program)} is taken for the program.`, fix: 'Use Environment= for variables.' });
    else if (!program.startsWith('/') && !program.startsWith('%') && /[/$]/.test(program) && !program.startsWith('<<')) problems.error('relative-program', line, { message: `${excerpt(program)} is neither a whole path nor the name of a program: systemd refuses the unit.`, fix: 'Name the Python of the backend with its whole path.' });
    const shell = /(?:^|\/)(?:ba|da|z|k)?sh$/.test(program) ? words.findIndex((word) => /^-[a-z]*c[a-z]*$/.test(word)) : -1;
    const script = shell === -1 ? undefined : words[shell + 1];
    if (script === undefined) {
      if (words.some((word) => ['&&', '||', '|', ';', '>', '>>', '2>&1', '&'].includes(word)) && words.some((word) => MEANS_PURGE.test(word))) problems.error('shell-syntax', line, { message: 'ExecStart= is no shell: && | ; > and their like are handed to the program as words.', fix: 'Use WorkingDirectory= and Environment=, and leave the output to the journal.' });
      isPurge = lintWords(problems, words, around).isPurge || isPurge;
    } else {
      isPurge = lintCommand(problems, script, around).isPurge || isPurge;
      problems.warning('shell', line, { message: 'A shell stands between systemd and the script: its start files and its quoting decide what runs.', fix: 'Use WorkingDirectory= and Environment=, and name Python and the script in ExecStart=.' });
    }
  }
  if (!isPurge) problems.error('no-purge', first.line, { message: 'Nothing here runs the script that purges.', fix: `Run ${PURGE_SCRIPT} of the repository.` });
  lintRunning(problems, unit, at);
  askService(problems, names);
}

function lintRunning(problems: Problems, unit: Unit, at: number | null): void {
  const type = last(unit, 'Service', 'Type');
  if (type?.value !== 'oneshot') problems.warning('not-oneshot', type?.line ?? at, { message: 'Without Type=oneshot, systemctl start says that it went well before the purge has ended.', fix: 'Set Type=oneshot.' });
  const restart = last(unit, 'Service', 'Restart');
  if (restart !== undefined && /^(?:always|on-success)$/.test(restart.value)) problems.error('restart', restart.line, { message: `Restart=${restart.value} starts the purge again as soon as it has ended well, over and over; with Type=oneshot systemd refuses it.`, fix: 'Take it away: the timer starts it.' });
  const success = last(unit, 'Service', 'SuccessExitStatus');
  if (success !== undefined && /(?:^|\s)1(?:\s|$)/.test(success.value)) problems.warning('exit-code', success.line, { message: 'SuccessExitStatus=1 makes a purge that failed a success: the script ends with 1 when it fails.', fix: 'Take it away.' });
  if (['', 'root', '0'].includes(last(unit, 'Service', 'User')?.value ?? '') && !isTrue(last(unit, 'Service', 'DynamicUser')?.value)) problems.warning('as-root', at, { message: 'It runs as root, which a script that deletes does not need.', fix: 'Set User= to the user of the backend.' });
  const out = last(unit, 'Service', 'StandardOutput');
  if (out?.value === 'null') problems.warning('output-lost', out.line, { message: `What it says is thrown away: "${PURGED}" is the only sign that it deleted.`, fix: 'Leave it to the journal.' });
}

function askService(problems: Problems, { own, others }: UnitNames): void {
  const name = own ?? 'NAME.service';
  problems.ask(`systemd-analyze verify ${name}`);
  problems.ask(`sudo systemctl start ${name}; journalctl -u ${name} -n 20 --no-pager   # must log: ${PURGED}`);
  if (others.length === 0) problems.ask(`systemctl is-enabled ${name.replace(/\.service$/, '.timer')}   # a service alone runs when somebody starts it`);
}

export function lintTimer(problems: Problems, unit: Unit, { names, year }: { readonly names: UnitNames; readonly year: number }): void {
  lintMisplaced(problems, unit);
  const at = unit.sections.get('Timer') ?? null;
  const calendars = listed(unit, 'Timer', 'OnCalendar');
  const others = unit.settings.filter(({ section, key, value }) => section === 'Timer' && /^On(?:Boot|Startup|Active|UnitActive|UnitInactive)Sec$/.test(key) && value !== '');
  if (calendars.length === 0 && others.length === 0) problems.error('no-time', at, { message: 'There is no OnCalendar=: the timer never comes due.', fix: 'Add OnCalendar=*-*-* 02:15:00 UTC' });
  for (const calendar of calendars) lintCalendar(problems, calendar, year);
  if (calendars.length === 0 && others.length > 0 && !others.some(({ key }) => key.startsWith('OnUnit'))) problems.warning('once', others[0]?.line ?? at, { message: 'It comes due once after each start of the machine, and not again.', fix: 'Use OnCalendar=*-*-* 02:15:00 UTC' });
  const persistent = last(unit, 'Timer', 'Persistent');
  if (calendars.length > 0 && !isTrue(persistent?.value)) problems.warning('not-persistent', persistent?.line ?? at, { message: 'Without Persistent=true a run that was missed because the machine was off is not made up for.', fix: 'Set Persistent=true.' });
  const starts = last(unit, 'Timer', 'Unit');
  const service = starts?.value ?? names.own?.replace(/\.timer$/, '.service') ?? null;
  if (starts !== undefined && !/^[^/\s]+\.service$/.test(starts.value)) problems.error('wrong-unit', starts.line, { message: `Unit=${excerpt(starts.value)} names no service.`, fix: 'Name the service with its ending, .service.' });
  const services = names.others.filter((name) => name.endsWith('.service'));
  if (service !== null && services.length > 0 && !services.includes(service)) problems.error('no-such-service', starts?.line ?? at, { message: `The timer starts ${excerpt(service)}, and the service here is called ${excerpt(services[0] ?? '')}.`, fix: 'Give both the same name, or set Unit=.' });
  const wanted = last(unit, 'Install', 'WantedBy');
  if (wanted === undefined || wanted.value === '') problems.error('no-install', unit.sections.get('Install') ?? at, { message: 'Without [Install] and WantedBy= the timer cannot be enabled: after the next start of the machine it does not run.', fix: 'Add [Install] and WantedBy=timers.target, then systemctl enable --now.' });
  else if (!wanted.value.split(/\s+/).includes('timers.target')) problems.warning('wanted-elsewhere', wanted.line, { message: `WantedBy=${excerpt(wanted.value)}: timers are started by timers.target.`, fix: 'Set WantedBy=timers.target.' });
  const name = names.own ?? 'NAME.timer';
  problems.ask(`systemd-analyze verify ${name}`);
  problems.ask(`systemctl is-enabled ${name}   # must print: enabled`);
  problems.ask(`systemctl list-timers ${name}   # must show when it runs next`);
  if (service !== null && services.length === 0) problems.ask(`systemctl cat ${service}`);
}

function lintCalendar(problems: Problems, { value, line }: Setting, year: number): void {
  const times = calendarTimes(value, year);
  if (times.state === 'wrong') return problems.error('bad-calendar', line, { message: `OnCalendar=${excerpt(value)} cannot be read by systemd: ${excerpt(times.reason)}.`, fix: 'Write OnCalendar=*-*-* 02:15:00 UTC' });
  problems.ask(`systemd-analyze calendar '${excerpt(value).replaceAll("'", '')}'`);
  if (times.state === 'unjudged') return problems.warning('calendar-unjudged', line, { message: `When OnCalendar=${excerpt(value)} comes due is not judged here.`, fix: 'Ask systemd-analyze calendar, and look at the next times.' });
  if (times.isNever) problems.error('never', line, { message: `OnCalendar=${excerpt(value)} never comes due: there is no such day.`, fix: 'Write OnCalendar=*-*-* 02:15:00 UTC' });
  else if (times.perYear > TICKS_A_YEAR) problems.warning('too-often', line, { message: `OnCalendar=${excerpt(value)} runs about ${Math.round(times.perYear / 366)} times a day.`, fix: 'Once a day is enough.' });
  else if (times.perYear < 50) problems.warning('too-rarely', line, { message: `OnCalendar=${excerpt(value)} runs about ${Math.max(1, Math.round(times.perYear))} times a year: rows stay that long past the retention.`, fix: 'Run it every day.' });
  if (times.zone === null) problems.error('local-time', line, { message: 'The time is that of the machine: it moves with summer time, and a run may be left out or made twice.', fix: 'Add UTC at its end.' });
  else if (!/^(?:Etc\/)?(?:UTC|UCT|Zulu|Universal|GMT)$/i.test(times.zone)) problems.error('local-time', line, { message: `The time is that of ${excerpt(times.zone)}: it may move with summer time.`, fix: 'Write UTC instead.' });
  return undefined;
}

/** What can be told of a file that only changes a unit. */
export function lintChanges(problems: Problems, unit: Unit, year: number): void {
  lintMisplaced(problems, unit);
  for (const calendar of listed(unit, 'Timer', 'OnCalendar')) lintCalendar(problems, calendar, year);
  for (const { value, line } of listed(unit, 'Service', 'Environment')) {
    for (const word of unitWords(value) ?? []) lintEnvironment(problems, line, { name: word.split('=')[0] ?? '', value: undoPercent(word.slice(word.indexOf('=') + 1)) });
  }
}

/** What systemctl status, show or is-enabled printed, where it was pasted: whether it is told there how the timer stands. */
export function lintPrinted(problems: Problems, text: string): boolean {
  let isPrinted = false;
  text.split('\n').forEach((content, index) => {
    const line = index + 1;
    const loaded = /Loaded: loaded \(([^;)]*\.timer);\s*([a-z-]+)/.exec(content);
    const state = loaded?.[2] ?? /^\s*UnitFileState=([a-z-]+)/.exec(content)?.[1] ?? /^\s*\S+\.timer\s+(disabled|masked|static|indirect|linked|enabled)\b/.exec(content)?.[1] ?? (/\.timer\b/.test(text) ? /^\s*(disabled|masked|static|indirect|linked|enabled)(?:-runtime)?\s*$/.exec(content)?.[1] : undefined);
    isPrinted ||= state !== undefined || /^\s*\d+ timers listed/.test(content);
    if (state !== undefined && !state.startsWith('enabled')) problems.error('timer-not-enabled', line, { message: `The timer is ${state}: it does not run after the next start of the machine, and perhaps not now.`, fix: 'sudo systemctl enable --now NAME.timer' });
    if (/^\s*Active: (?:inactive|failed)/.test(content) && /\.timer/.test(text)) problems.error('timer-not-active', line, { message: 'The unit is not active: a timer that is not active does not come due.', fix: 'sudo systemctl enable --now NAME.timer' });
    if (/^\s*0 timers listed/.test(content)) problems.error('timer-not-active', line, { message: 'No timer is listed: it is not active.', fix: 'sudo systemctl enable --now NAME.timer' });
  });
  return isPrinted;
}
