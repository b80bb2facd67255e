// One whole number among the settings: saved on Enter or on leaving the field, refused with its bounds.
import { useState } from 'react';
import { Field } from '../../components/Field.tsx';
import { announce } from '../../lib/announce.ts';
import { saveSettings, useSettings } from '../../lib/settings.ts';
import { useAction } from '../../lib/use-action.ts';

interface NumberSettingProps {
  readonly name: 'lockAfterMinutes' | 'hideAfterSeconds' | 'clearClipboardAfterSeconds';
  readonly label: string;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
}

export function NumberSetting({ name, label, unit, min, max }: NumberSettingProps) {
  const saved = useSettings()[name];
  /** What is being typed; null while the saved value stands. */
  const [typed, setTyped] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const save = useAction(async (value: number) => {
    await saveSettings({ [name]: value });
    announce(`${label}: ${value} ${unit}. Saved.`);
  });

  function commit(): void {
    if (typed === null) return undefined;
    const text = typed.trim();
    const value = Number(text);
    if (!/^\d+$/u.test(text) || value < min || value > max) return setProblem(`Use a whole number from ${min} to ${max}. Still ${saved}.`);
    setProblem(null);
    setTyped(null);
    if (value !== saved) void save.run(value);
    return undefined;
  }

  return (
    <Field label={label} error={problem ?? save.error?.wire.message ?? null}>
      {(ids) => (
        <span className="row">
          <input {...ids} className="input input-number" inputMode="numeric" value={typed ?? String(saved)} onChange={(event) => { setTyped(event.target.value); setProblem(null); }} onBlur={commit} onKeyDown={(event) => { if (event.key === 'Enter') commit(); }} />
          <span className="sub">{unit}</span>
        </span>
      )}
    </Field>
  );
}
