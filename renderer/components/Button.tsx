// Buttons: one main action per screen, quiet ones beside it, and dangerous ones that look quiet until armed.
import type { ComponentProps, ReactNode } from 'react';
import type { LucideIcon } from 'lucide-react';
import { LoaderCircle } from 'lucide-react';

interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: 'main' | 'plain' | 'quiet' | 'danger' | 'danger-armed';
  readonly icon?: LucideIcon;
  /** Runs now: shown, announced, and not pressable again. */
  readonly busy?: boolean;
  readonly children: ReactNode;
}

export function Button({ look = 'plain', icon: Icon, busy = false, children, className = '', disabled, onClick, type = 'button', ...rest }: ButtonProps) {
  // aria-disabled instead of disabled while busy: the focus must not fall off the page.
  return (
    <button {...rest} type={type} className={`button button-${look} ${className}`} disabled={disabled} aria-disabled={busy || undefined} aria-busy={busy || undefined} onClick={busy ? (event) => event.preventDefault() : onClick}>
      {busy ? <LoaderCircle className="spin" size={14} aria-hidden /> : Icon === undefined ? null : <Icon size={14} aria-hidden />}
      <span>{children}</span>
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  readonly icon: LucideIcon;
  readonly label: string;
}

export function IconButton({ icon: Icon, label, className = '', ...rest }: IconButtonProps) {
  return (
    <button type="button" {...rest} className={`icon-button ${className}`} aria-label={label} title={label}>
      <Icon size={15} aria-hidden />
    </button>
  );
}
