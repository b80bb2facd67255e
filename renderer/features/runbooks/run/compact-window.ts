// The small window of a run: a floating one that the browser keeps above others, or the window itself made small by its host. Core decides which; what cannot be kept above others is not said to be.
import { create } from 'zustand';
import type { WindowShape } from '#shared/contract/app.ts';
import { announce } from '../../../lib/announce.ts';
import { call, toClientError } from '../../../lib/client.ts';

/** Document Picture-in-Picture, as far as it is used here. */
interface FloatingWindows { requestWindow(options: { readonly width: number; readonly height: number }): Promise<Window> }
declare global {
  interface Window { readonly documentPictureInPicture?: FloatingWindows }
}

const SIZE = { width: 400, height: 600 };

interface CompactState {
  readonly runId: string | null;
  /** How it is shown; null: it is not. */
  readonly shape: Exclude<WindowShape, 'full'> | null;
  /** The floating window; null where the window itself is small. */
  readonly floating: Window | null;
  readonly isBusy: boolean;
}

const NONE: CompactState = { runId: null, shape: null, floating: null, isBusy: false };
export const useCompact = create<CompactState>()(() => NONE);

/** The styles and the theme of this page, by the same links: the content policy allows no others. */
function dress(floating: Window): void {
  const { document: page } = floating;
  page.documentElement.lang = 'en';
  page.title = 'Holdfast';
  for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')) {
    const copy = page.createElement('link');
    copy.rel = 'stylesheet';
    copy.href = link.href;
    page.head.append(copy);
  }
  const scheme = page.createElement('meta');
  scheme.name = 'color-scheme';
  scheme.content = 'dark light';
  page.head.append(scheme);
  page.body.className = 'run-floating';
}

/** The theme that this page has now. */
export function takeTheme({ document: page }: Window): void {
  const wanted = document.documentElement.dataset['theme'];
  if (wanted === undefined) page.documentElement.removeAttribute('data-theme');
  else page.documentElement.setAttribute('data-theme', wanted);
}

async function askedShape(): Promise<{ readonly shape: WindowShape; readonly floating: Window | null }> {
  const windows = window.documentPictureInPicture;
  const { shape } = await call('app.window', { compact: true, canFloat: windows !== undefined });
  if (shape !== 'page' || windows === undefined) return { shape, floating: null };
  try {
    return { shape, floating: await windows.requestWindow(SIZE) };
  } catch {
    // The browser may refuse (no press of a key or button just before, or too small a screen): then the window itself gets small.
    return { ...await call('app.window', { compact: true, canFloat: false }), floating: null };
  }
}

/** Opens it for a run. What cannot be done is announced, and nothing changes. */
export async function openCompact(runId: string): Promise<void> {
  const { shape: before, isBusy } = useCompact.getState();
  if (isBusy) return;
  if (before !== null) return useCompact.setState({ runId });
  useCompact.setState({ isBusy: true });
  try {
    const { shape, floating } = await askedShape();
    if (floating !== null) {
      dress(floating);
      floating.addEventListener('pagehide', () => { if (useCompact.getState().floating === floating) void closeCompact(); });
    }
    useCompact.setState(shape === 'full' ? NONE : { runId, shape, floating, isBusy: false });
    announce(shape === 'full' ? 'The small window could not be opened.' : shape === 'small' ? 'The window is small. It may go behind others.' : 'The small window stays above the others.');
  } catch (error) {
    useCompact.setState(NONE);
    announce(toClientError(error).wire.message);
  }
  return undefined;
}

/** Back to the whole window. */
export async function closeCompact(): Promise<void> {
  const { floating } = useCompact.getState();
  useCompact.setState(NONE);
  floating?.close();
  await call('app.window', { compact: false }).catch((error: unknown) => announce(toClientError(error).wire.message));
}
