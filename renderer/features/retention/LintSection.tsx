// Examines a schedule that is there already, pasted or read from a file: what does not delete as it should, line by line. The text stays in this window and goes nowhere but to core.
import { useRef, useState } from 'react';
import { FileDown, ListChecks } from 'lucide-react';
import type { LintProblem, LintReport } from '#shared/domain/retention-schedule.ts';
import { Button } from '../../components/Button.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Field } from '../../components/Field.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { WordChip } from '../../components/WordChip.tsx';
import { announce } from '../../lib/announce.ts';
import { call, ClientError } from '../../lib/client.ts';
import { plural } from '../../lib/format.ts';
import { useAction } from '../../lib/use-action.ts';

/** Of the contract: no schedule is longer. */
const MOST = 262_144;
const KINDS: Readonly<Record<LintReport['kind'], string>> = { cron: 'a crontab', 'systemd-service': 'a systemd service', 'systemd-timer': 'a systemd timer', kubernetes: 'a Kubernetes manifest', shell: 'a shell script', unknown: 'nothing that is known here' };

export function LintSection() {
  const picker = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [name, setName] = useState('');
  const [report, setReport] = useState<LintReport | null>(null);
  const lint = useAction(async (given: string, of: string) => {
    const answer = await call('retention.lint', { text: given, name: of });
    setReport(answer);
    announce(answer.problems.length === 0 ? 'No problem was found in it.' : `${plural(answer.problems.length, 'problem')} found.`);
  });
  const read = useAction(async (file: File) => {
    if (file.size > MOST) throw new ClientError({ code: 'too_large', message: `${file.name} is larger than 256 KiB. It was not read.`, hint: 'Choose the crontab, unit or manifest itself.', id: 'window' });
    // A byte order mark is a finding.
    const found = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await file.arrayBuffer());
    change(found, file.name);
    await lint.run(found, file.name);
  });
  function change(next: string, of: string): void {
    setText(next);
    setName(of);
    setReport(null);
    lint.clear();
  }
  return (
    <div className="schedule-body stack">
      <Field label="A crontab, unit or manifest" hint="What a file cannot show, such as whether a timer is enabled, is listed as commands for the machine itself.">
        {(ids) => <textarea {...ids} className="textarea mono" rows={8} value={text} maxLength={MOST} spellCheck={false} placeholder="Paste it here" onChange={(event) => change(event.target.value, '')} />}
      </Field>
      <div className="row row-wrap">
        <Button icon={ListChecks} busy={lint.busy} disabled={text.trim() === ''} onClick={() => { void lint.run(text, name); }}>Check it</Button>
        <Button look="quiet" icon={FileDown} busy={read.busy} onClick={() => picker.current?.click()}>Choose a file…</Button>
        {name === '' ? null : <span className="mono small sub"><HostileText text={name} /></span>}
        <input ref={picker} type="file" hidden aria-label="Schedule file" onChange={(event) => { const [file] = event.target.files ?? []; event.target.value = ''; if (file !== undefined) void read.run(file); }} />
      </div>
      {read.error === null ? null : <ErrorNote error={read.error} />}
      {lint.error === null ? null : <ErrorNote error={lint.error} />}
      {report === null ? null : <Report report={report} />}
    </div>
  );
}

function Report({ report: { kind, problems, ask } }: { readonly report: LintReport }) {
  const errors = problems.filter(({ level }) => level === 'error').length;
  return (
    <section className="stack" aria-label="What was found">
      <Note tone={kind === 'unknown' || (errors === 0 && problems.length > 0) ? 'age' : errors > 0 ? 'bad' : 'info'}>
        <p className="note-main">Taken for {KINDS[kind]}. {problems.length === 0 ? 'No problem was found in the text. Whether it runs, only the machine can tell.' : `${plural(errors, 'error')}, ${plural(problems.length - errors, 'warning')}.`}</p>
      </Note>
      {problems.length === 0 ? null : <ol className="lint-problems">{problems.map((problem, index) => <Problem key={index} problem={problem} />)}</ol>}
      {ask.length === 0 ? null : (
        <section className="stack-small" aria-label="To be asked on the machine">
          <h3>To be asked on the machine itself</h3>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard. */}
          <pre className="payload mono selectable" tabIndex={0} aria-label="Commands for the machine"><HostileText text={ask.join('\n')} layout="block" /></pre>
        </section>
      )}
    </section>
  );
}

function Problem({ problem: { line, level, rule, message, fix } }: { readonly problem: LintProblem }) {
  return (
    <li>
      <p className="row row-wrap"><WordChip tone={level === 'error' ? 'fail' : 'warn'} word={level} /><span className="small dim">{line === null ? 'the whole file' : `line ${line}`} · <span className="mono">{rule}</span></span></p>
      <p><HostileText text={message} /></p>
      <p className="small sub"><HostileText text={fix} /></p>
    </li>
  );
}
