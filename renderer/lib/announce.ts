// What screen readers are told: one polite sentence at a time; it never repeats a sentence that still stands.
import { create } from 'zustand';

interface Announcement { readonly text: string; readonly count: number }

export const useAnnouncement = create<Announcement>()(() => ({ text: '', count: 0 }));

/** Says a sentence politely. Call it for outcomes and coarse progress, never each second. */
export function announce(text: string): void {
  useAnnouncement.setState((now) => (now.text === text ? now : { text, count: now.count + 1 }));
}
