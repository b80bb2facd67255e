// The admin's preferences as the screens need them; before they are read the defaults hold.
import { useEffect } from 'react';
import { DEFAULT_SETTINGS } from '#shared/contract/settings.ts';
import type { Settings } from '#shared/contract/settings.ts';
import { call } from './client.ts';
import { putAnswer, useQuery } from './query.ts';

export function useSettings(): Settings {
  return useQuery('settings.get', {}).data ?? DEFAULT_SETTINGS;
}

/** Saves a change and shows it at once. @throws ClientError */
export async function saveSettings(change: Partial<Settings>): Promise<void> {
  putAnswer('settings.get', {}, await call('settings.set', change));
}

/** Puts the theme on the page. `system` follows the system, contrast included; then no attribute is needed for dark and light. */
export function useTheme(theme: Settings['theme']): void {
  useEffect(() => {
    const contrast = window.matchMedia('(prefers-contrast: more)');
    const apply = (): void => {
      const { dataset } = document.documentElement;
      const wanted = theme === 'system' ? (contrast.matches ? 'contrast' : null) : theme;
      if (wanted === null) delete dataset['theme'];
      else dataset['theme'] = wanted;
    };
    apply();
    contrast.addEventListener('change', apply);
    return () => contrast.removeEventListener('change', apply);
  }, [theme]);
}
