// One of a few ways, each with a sentence on what it does; a way that is closed says why.
import { useId } from 'react';
import type { ReactNode } from 'react';

export interface Choice<K extends string> {
  readonly id: K;
  readonly title: string;
  readonly text: ReactNode;
  readonly disabled?: boolean;
  readonly danger?: boolean;
}

interface ChoicesProps<K extends string> {
  readonly label: string;
  readonly choices: readonly Choice<K>[];
  readonly chosen: K;
  readonly onChoose: (id: K) => void;
  /** The chosen way takes the focus when the dialog around it opens. */
  readonly focusFirst?: boolean;
}

export function Choices<K extends string>({ label, choices, chosen, onChoose, focusFirst = false }: ChoicesProps<K>) {
  const name = useId();
  return (
    <fieldset className="ways">
      <legend>{label}</legend>
      {choices.map(({ id, title, text, disabled = false, danger = false }) => (
        <label key={id} className={`way ${id === chosen ? 'way-on' : ''} ${disabled ? 'way-off' : ''} ${danger ? 'way-danger' : ''}`}>
          <input type="radio" name={name} value={id} checked={id === chosen} disabled={disabled} data-first-focus={(focusFirst && id === chosen) || undefined} aria-describedby={`${name}-${id}`} aria-label={title} onChange={() => onChoose(id)} />
          <span><span className="way-title">{title}</span><span className="way-text" id={`${name}-${id}`}>{text}</span></span>
        </label>
      ))}
    </fieldset>
  );
}
