// Theme and the zone of times.
import type { Settings } from '#shared/contract/settings.ts';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { saveSettings, useSettings } from '../../lib/settings.ts';
import { useAction } from '../../lib/use-action.ts';
import { Section } from './Section.tsx';

const THEMES: readonly { readonly value: Settings['theme']; readonly word: string }[] = [
  { value: 'system', word: 'Follow the system' }, { value: 'dark', word: 'Dark' }, { value: 'light', word: 'Light' }, { value: 'contrast', word: 'High contrast' },
];
const TIMES: readonly { readonly value: Settings['times']; readonly word: string }[] = [{ value: 'utc', word: 'UTC' }, { value: 'local', word: 'Local' }];

export function AppearanceSection() {
  const settings = useSettings();
  const save = useAction((change: Partial<Settings>) => saveSettings(change));
  return (
    <Section title="Appearance">
      <Choice legend="Theme" name="theme" options={THEMES} value={settings.theme} onChange={(theme) => { void save.run({ theme }); }} />
      <Choice legend="Times" name="times" options={TIMES} value={settings.times} onChange={(times) => { void save.run({ times }); }} hint="The other zone shows on hover." />
      {save.error === null ? null : <ErrorNote error={save.error} />}
    </Section>
  );
}

interface ChoiceProps<T extends string> { readonly legend: string; readonly name: string; readonly options: readonly { readonly value: T; readonly word: string }[]; readonly value: T; readonly onChange: (value: T) => void; readonly hint?: string }

function Choice<T extends string>({ legend, name, options, value, onChange, hint }: ChoiceProps<T>) {
  return (
    <fieldset className="choice">
      <legend>{legend}</legend>
      <div className="segments">
        {options.map((option) => (
          <label key={option.value} className="segment">
            <input type="radio" name={name} className="visually-hidden" checked={value === option.value} onChange={() => onChange(option.value)} />
            <span>{option.word}</span>
          </label>
        ))}
      </div>
      {hint === undefined ? null : <p className="field-hint">{hint}</p>}
    </fieldset>
  );
}
