// Long work that a dialog started and that goes on when the dialog closes; it keeps how the work ended, never an opened payload, and nothing after a lock.
import { create } from 'zustand';
import { onEvent, toClientError } from '../lib/client.ts';
import type { ClientError } from '../lib/client.ts';

export interface Task<I, T> {
  readonly running: boolean;
  /** What it was started with; stays until it is forgotten. */
  readonly input: I | null;
  readonly result: T | null;
  readonly error: ClientError | null;
}

const IDLE: Task<never, never> = { running: false, input: null, result: null, error: null };

export interface Tasks<I, T> {
  /** How it stands now, for code that is no component. */
  stateOf(deploymentId: string): Task<I, T>;
  /** How this work stands for a deployment. */
  useTask(deploymentId: string): Task<I, T>;
  /** Starts it unless it runs already. Resolves with true on success; a refusal is kept in the task. */
  start(deploymentId: string, input: I): Promise<boolean>;
  /** Drops how it ended; what runs goes on and is kept. */
  forget(deploymentId: string): void;
}

/** One kind of long work, at most one at a time for each deployment. */
export function createTasks<I, T>(perform: (input: I) => Promise<T>): Tasks<I, T> {
  const useTasks = create<{ readonly byId: Readonly<Record<string, Task<I, T>>> }>()(() => ({ byId: {} }));
  // An answer that comes after a lock belongs to a page that is gone.
  let era = 0;
  let isListening = false;
  const set = (deploymentId: string, task: Task<I, T>): void => useTasks.setState(({ byId }) => ({ byId: { ...byId, [deploymentId]: task } }));

  function forgetAtLock(): void {
    if (isListening) return;
    isListening = true;
    onEvent(({ name }) => {
      if (name !== 'app.locked') return;
      era += 1;
      useTasks.setState({ byId: {} });
    });
  }

  const stateOf = (deploymentId: string): Task<I, T> => useTasks.getState().byId[deploymentId] ?? IDLE;

  return {
    stateOf,
    useTask: (deploymentId) => useTasks(({ byId }) => byId[deploymentId] ?? IDLE),
    async start(deploymentId, input) {
      if (stateOf(deploymentId).running) return false;
      forgetAtLock();
      const startedIn = era;
      set(deploymentId, { running: true, input, result: null, error: null });
      try {
        const result = await perform(input);
        if (era === startedIn) set(deploymentId, { running: false, input, result, error: null });
        return true;
      } catch (error) {
        if (era === startedIn) set(deploymentId, { running: false, input, result: null, error: toClientError(error) });
        return false;
      }
    },
    forget(deploymentId) {
      if (!stateOf(deploymentId).running) set(deploymentId, IDLE);
    },
  };
}
