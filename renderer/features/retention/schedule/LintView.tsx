// Examines a schedule that an admin has, pasted or from a file: what is wrong with it, by line, and what only the machine itself can tell. Nothing of it is kept.
import { useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { FileSearch, ScanSearch } from 'lucide-react';
import type { LintReport } from '#shared/domain/retention-schedule.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { announce } from '../../../lib/announce.ts';
import { call, ClientError } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import { useAction } from '../../../lib/use-action.ts';
import { MAX_LINT_BYTES } from './schedule-draft.ts';

const KIND_WORDS: Readonly<Record<LintReport['kind'], string>> = {
  'cron': 'a crontab', 'systemd-service': 'a systemd service', 'systemd-timer': 'a systemd timer', 'kubernetes': 'a Kubernetes CronJob', 'shell': 'a shell script', 'unknown': 'nothing that is known here',
};

export function LintView() {
  const picker = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [name, setName] = useState('');
  const [report, setReport] = useState<LintReport | null>(null);
  const lint = useAction(async (given: { readonly text: string; readonly name: string }) => {
    const found = await call('retention.lint', given);
    setReport(found);
    announce(found.problems.length === 0 ? 'No problem was found.' : `${plural(found.problems.length, 'problem')} found.`);
  });
  const take = useAction(async (files: readonly File[]) => {
    const file = files[0];
    if (file === undefined) return;
    if (file.size > MAX_LINT_BYTES) throw new ClientError({ code: 'too_large', message: `${file.name} is too large for a schedule. Nothing was read.`, hint: 'Paste the part that matters.', id: 'window' });
    const content = await file.text();
    setText(content);
    setName(file.name);
    setReport(null);
    await lint.run({ text: content, name: file.name });
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (text.trim() !== '') void lint.run({ text, name });
  }
  return (
    <div className="split lint-split">
      <div className="split-list lint-main">
        <form className="lint-form" aria-label="Examine a schedule" onSubmit={submit} noValidate>
          <Field label="A crontab, a systemd unit, a CronJob or the script that runs it" hint={name === '' ? 'Paste it, or choose a file. It is read here and not kept.' : <>From <span className="mono"><HostileText text={name} /></span>, read here and not kept.</>}>
            {(ids) => <textarea {...ids} className="textarea mono lint-text" value={text} spellCheck={false} autoComplete="off" maxLength={MAX_LINT_BYTES} onChange={(event) => { setText(event.target.value); setReport(null); setName(''); }} />}
          </Field>
          <div className="row">
            <Button type="submit" look="main" icon={ScanSearch} busy={lint.busy} disabled={text.trim() === ''}>Examine</Button>
            <Button icon={FileSearch} busy={take.busy} onClick={() => picker.current?.click()}>Choose a file…</Button>
          </div>
          <input ref={picker} type="file" hidden aria-label="Schedule file" onChange={(event) => { const files = [...event.target.files ?? []]; event.target.value = ''; void take.run(files); }} />
          {take.error === null ? null : <ErrorNote error={take.error} />}
          {lint.error === null ? null : <ErrorNote error={lint.error} />}
        </form>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard. */}
      <section className="pane" aria-label="What was found" tabIndex={0}>{report === null ? <p className="pane-empty">Nothing was examined yet.</p> : <Report report={report} />}</section>
    </div>
  );
}

function Report({ report: { kind, problems, ask } }: { readonly report: LintReport }) {
  const errors = problems.filter(({ level }) => level === 'error').length;
  return (
    <>
      <p>Read as <strong>{KIND_WORDS[kind]}</strong>. {problems.length === 0 ? null : <>{plural(errors, 'error')}, {plural(problems.length - errors, 'warning')}.</>}</p>
      {problems.length > 0 ? null : kind === 'unknown' ? <Note tone="age">It could not be read as a schedule, so nothing is known about it.</Note> : <Note>No problem was found in the text. Whether it runs, only the machine can tell.</Note>}
      {problems.length === 0 ? null : (
        <ul className="proofs" aria-label="Problems">
          {problems.map(({ line, level, rule, message, fix }, index) => (
            <li key={index}>
              <p className="row"><WordChip tone={level === 'error' ? 'fail' : 'warn'} word={level} /><span className="small dim">{line === null ? null : `line ${line} · `}<span className="mono">{rule}</span></span></p>
              <p><HostileText text={message} /></p>
              <p className="sub"><HostileText text={fix} layout="block" /></p>
            </li>
          ))}
        </ul>
      )}
      {ask.length === 0 ? null : <section className="stack-small" aria-label="Only the machine can tell"><p className="label">Only the machine can tell</p><ul className="commands">{ask.map((command) => <li key={command}><code className="command"><HostileText text={command} layout="block" /></code></li>)}</ul></section>}
    </>
  );
}
