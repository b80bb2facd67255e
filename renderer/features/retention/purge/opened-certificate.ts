// Which certificate is open on the page, so that a purge can lead to its own; it holds an id and nothing of what it says.
import { create } from 'zustand';

interface OpenedCertificate { readonly id: string | null; /** Counts the times that one was asked for from elsewhere on the page: then the focus goes to it. */ readonly asked: number }

export const useOpenedCertificate = create<OpenedCertificate>()(() => ({ id: null, asked: 0 }));

/** Opens it in the list, or closes what is open. */
export function openCertificate(id: string | null): void {
  useOpenedCertificate.setState({ id });
}

/** Opens it, and brings the page and the focus to it. */
export function leadToCertificate(id: string): void {
  useOpenedCertificate.setState(({ asked }) => ({ id, asked: asked + 1 }));
}
