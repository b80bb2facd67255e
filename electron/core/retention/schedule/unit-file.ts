// Reads unit files of systemd: sections, settings, lines that go on with a backslash, comments; and the words of a setting with quotes. Several units may stand in one text.

export interface Setting { readonly section: string; readonly key: string; readonly value: string; readonly line: number }
export interface Unit { readonly settings: readonly Setting[]; readonly sections: ReadonlyMap<string, number>; /** Lines that are neither a section, a setting nor a comment. */ readonly stray: readonly { readonly line: number; readonly text: string }[] }

/** The head that systemctl cat puts above a file that only changes the unit before it. */
const CHANGES = /^#\s*\S+\.(?:service|timer)\.d\/\S+\.conf$/;

/** A second [Unit] begins another unit, except in a file that changes the one before it. */
export function readUnits(text: string): Unit[] {
  const units: { settings: Setting[]; sections: Map<string, number>; stray: { line: number; text: string }[] }[] = [];
  let current: (typeof units)[number] | null = null;
  let section = '';
  let isChange = false;
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const line = at + 1;
    let content = (lines[at] ?? '').replace(/\r$/, '').trim();
    if (/^#\s*\S+\.(?:service|timer|conf)$/.test(content)) isChange = CHANGES.test(content);
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue;
    // Comments between are skipped, as systemd does.
    while (content.endsWith('\\') && at + 1 < lines.length) {
      at += 1;
      const next = (lines[at] ?? '').replace(/\r$/, '').trim();
      if (next.startsWith('#') || next.startsWith(';')) continue;
      content = `${content.slice(0, -1)} ${next}`;
    }
    const head = /^\[([^\]]+)\]$/.exec(content);
    if (head !== null) {
      section = head[1] ?? '';
      if (current === null || (section === 'Unit' && current.sections.size > 0 && !isChange) || (section === 'Timer' && current.sections.has('Service')) || (section === 'Service' && current.sections.has('Timer'))) {
        current = { settings: [], sections: new Map(), stray: [] };
        units.push(current);
      }
      if (!current.sections.has(section)) current.sections.set(section, line);
      continue;
    }
    if (current === null) {
      current = { settings: [], sections: new Map(), stray: [] };
      units.push(current);
    }
    const setting = /^([A-Za-z][A-Za-z0-9-]*)\s*=\s*([\s\S]*)$/.exec(content);
    if (setting === null || section === '') current.stray.push({ line, text: content });
    else current.settings.push({ section, key: setting[1] ?? '', value: (setting[2] ?? '').trim(), line });
  }
  return units;
}

/** The words of ExecStart= or Environment=, without quotes and with escapes undone; null where a quote is not closed. */
export function unitWords(value: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < value.length; at += 1) {
    const sign = value[at] ?? '';
    if (sign === '\\' && at + 1 < value.length) {
      at += 1;
      const next = value[at] ?? '';
      word = `${word ?? ''}${({ n: '\n', t: '\t', s: ' ' } as Readonly<Record<string, string>>)[next] ?? next}`;
    } else if (quote !== null) {
      if (sign === quote) quote = null;
      else word = `${word ?? ''}${sign}`;
    } else if (sign === '"' || sign === "'") {
      quote = sign;
      word ??= '';
    } else if (sign === ' ' || sign === '\t') {
      if (word !== null) words.push(word);
      word = null;
    } else word = `${word ?? ''}${sign}`;
  }
  if (quote !== null) return null;
  if (word !== null) words.push(word);
  return words;
}

/** Specifiers that systemd knows (%i, %h …); %% is a percent sign. */
const SPECIFIER = /%(?:%|[aAbBCdDEfgGhHiIjJlLmMnNopPqsStTuUvVwWyY])/g;

/** A percent sign that is neither doubled nor a specifier. */
export const hasStrayPercent = (value: string): boolean => value.replaceAll(SPECIFIER, '').includes('%');

/** What a value becomes when only %% is undone. */
export const undoPercent = (value: string): string => value.replaceAll('%%', '%');
