// The three places where secrets can live, each with what it means, before it is chosen.
import type { ReactNode, RefObject } from 'react';
import { Check, CircleQuestionMark, TriangleAlert } from 'lucide-react';
import type { KeychainState, SecretStoreKind } from '#shared/domain/credentials.ts';
import { KEYCHAIN_WORDS } from '#shared/domain/credentials.ts';
import { PASSPHRASE_MIN } from '#shared/contract/app.ts';
import { Note } from '../components/Note.tsx';
import { SecretField } from '../components/SecretField.tsx';

interface StoreChoiceProps {
  readonly value: SecretStoreKind | null;
  readonly onChange: (store: SecretStoreKind) => void;
  readonly keychain: KeychainState | null;
  /** The button that probes the keychain again. */
  readonly check?: ReactNode;
  readonly first: RefObject<HTMLInputElement | null>;
  readonly second: RefObject<HTMLInputElement | null>;
  readonly passphraseError: string | null;
  readonly onPassphrase: () => void;
}

/** Compares the two entries. Gives the sentence to show at the field, or null when they will do. */
export function passphraseProblem(first: string, second: string): string | null {
  if (first.length < PASSPHRASE_MIN) return `Use at least ${PASSPHRASE_MIN} characters; this has ${first.length}.`;
  if (first !== second) return 'The two entries differ.';
  return null;
}

interface OptionProps { readonly value: SecretStoreKind; readonly title: string; readonly mark?: ReactNode; readonly disabled?: boolean; readonly children: ReactNode }

export function StoreChoice({ value, onChange, keychain, check, first, second, passphraseError, onPassphrase }: StoreChoiceProps) {
  const words = keychain === null ? null : KEYCHAIN_WORDS[keychain];
  const works = keychain === 'working';

  function option({ value: store, title, mark, disabled = false, children }: OptionProps) {
    return (
      <div className={`option ${value === store ? 'option-on' : ''}`}>
        <input type="radio" name="store" id={`store-${store}`} value={store} checked={value === store} disabled={disabled} onChange={() => onChange(store)} aria-describedby={`store-${store}-about`} />
        <div className="option-text">
          <div className="row option-title"><label htmlFor={`store-${store}`}><strong>{title}</strong></label>{mark}</div>
          <div className="sub stack-small" id={`store-${store}-about`}>{children}</div>
        </div>
      </div>
    );
  }

  return (
    <fieldset className="options">
      <legend className="visually-hidden">Where secrets are kept</legend>
      {option({
        value: 'keychain', title: 'Keychain of this operating system', disabled: !works,
        mark: <>{words === null ? <span className="chip chip-unknown"><CircleQuestionMark size={12} strokeWidth={2.4} aria-hidden />not checked yet</span> : <span className={`chip chip-${works ? 'pass' : 'stale'}`}>{works ? <Check size={12} strokeWidth={2.4} aria-hidden /> : <TriangleAlert size={12} strokeWidth={2.4} aria-hidden />}{words.title}</span>}<span className="grow" />{check}</>,
        children: words === null ? <p>Holdfast writes a test secret and reads it back.</p> : works ? <p>{words.what} {words.kept}</p> : <><p>{words.what}</p><p>{words.todo}</p></>,
      })}
      {option({
        value: 'passphrase', title: 'Passphrase vault',
        children: (
          <>
            <p>Secrets lie in a sealed file in the profile. The passphrase is asked for at each start, and nobody can restore it.</p>
            {value === 'passphrase' ? (
              <div className="option-fields">
                <SecretField label="Passphrase" hint={`At least ${PASSPHRASE_MIN} characters.`} inputRef={first} maxLength={1024} error={passphraseError} onChange={onPassphrase} focusFirst />
                <SecretField label="The same again" inputRef={second} maxLength={1024} onChange={onPassphrase} />
              </div>
            ) : null}
          </>
        ),
      })}
      {option({
        value: 'memory', title: 'Memory only',
        children: (
          <>
            <p>Nothing is kept: the cache is unreadable after exit, and each start begins empty. Each command of the CLI begins empty too.</p>
            {value === 'memory' ? <Note tone="age">Everything you enter and sync is gone when Holdfast closes.</Note> : null}
          </>
        ),
      })}
    </fieldset>
  );
}
