// What the start of a rotation asks for, as it is typed: addresses of nodes, one a line, and how long tokens live. What is wrong is said before anything is sent.
import { MAX_NODES } from '#shared/domain/rotation.ts';

export const LIFE_UNITS = [{ id: 'minutes', seconds: 60 }, { id: 'hours', seconds: 3600 }, { id: 'days', seconds: 86_400 }] as const;
export type LifeUnit = (typeof LIFE_UNITS)[number]['id'];

/** As the contract has it: a minute to 366 days. */
const LEAST_SECONDS = 60;
const MOST_SECONDS = 31_622_400;

export interface StartDraft { readonly nodes: string; readonly life: string; readonly unit: LifeUnit }
export interface StartReading { readonly nodes: readonly string[]; readonly ttlSeconds: number | null; readonly nodesError: string | null; readonly lifeError: string | null }

export function readStart({ nodes: text, life, unit }: StartDraft): StartReading {
  const nodes = [...new Set(text.split(/\s+/u).filter((line) => line !== ''))];
  const wrong = nodes.find((node) => !URL.canParse(node) || !/^https?:$/u.test(new URL(node).protocol));
  const nodesError = nodes.length === 0 ? 'Give the address of at least one node.' : nodes.length > MAX_NODES ? `At most ${MAX_NODES} nodes.` : wrong === undefined ? null : `This is no address: ${wrong.slice(0, 80)}`;
  if (life.trim() === '') return { nodes, ttlSeconds: null, nodesError, lifeError: null };
  const seconds = /^\d{1,8}$/u.test(life.trim()) ? Number(life.trim()) * (LIFE_UNITS.find(({ id }) => id === unit)?.seconds ?? 0) : Number.NaN;
  const fits = seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS;
  return { nodes, ttlSeconds: fits ? seconds : null, nodesError, lifeError: fits ? null : 'A whole number, from 1 minute to 366 days.' };
}
