// What an admin gives for a schedule, as the call takes it: what is empty, or means nothing for the kind, is left out.
import type { ScheduleKind } from '#shared/domain/retention-schedule.ts';

export interface ScheduleDraft { readonly workdir: string; readonly python: string; readonly image: string; readonly namespace: string }
export const NO_DRAFT: ScheduleDraft = { workdir: '', python: '', image: '', namespace: '' };

const FIELDS: Readonly<Record<ScheduleKind, readonly (keyof ScheduleDraft)[]>> = { cron: ['workdir', 'python'], systemd: ['workdir', 'python'], kubernetes: ['workdir', 'python', 'image', 'namespace'] };

export function givenOf(kind: ScheduleKind, draft: ScheduleDraft): { readonly [F in keyof ScheduleDraft]?: string } {
  return Object.fromEntries(FIELDS[kind].map((field) => [field, draft[field].trim()]).filter(([, text]) => text !== ''));
}

/** The name of a file as stem and the one form that it is saved in; a name without an ending is saved as text. */
export function nameParts(name: string): { readonly stem: string; readonly forms: readonly [{ readonly id: string; readonly title: string; readonly text: string }] } {
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 && dot < name.length - 1 ? [name.slice(0, dot), name.slice(dot + 1)] : [name, 'txt'];
  return { stem, forms: [{ id: extension, title: extension, text: '' }] };
}

/** What the call takes. */
export const MAX_LINT_BYTES = 262_144;
