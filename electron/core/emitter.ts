// Core's events: checked against the contract and handed to every listener; a listener that throws does not stop the others.
import { events } from '#shared/contract.ts';
import type { AppEvent, EventName, EventPayload } from '#shared/contract.ts';
import type { Log } from './ports.ts';

export type EventListener = (event: AppEvent) => void;

export interface Emitter {
  emit<N extends EventName>(name: N, payload: EventPayload<N>): void;
  /** Returns the function that ends the subscription. */
  listen(listener: EventListener): () => void;
}

export function createEmitter(log: Log): Emitter {
  const listeners = new Set<EventListener>();
  return {
    emit(name, payload) {
      const event = { name, payload: events[name].parse(payload) } as AppEvent;
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          log.error('an event listener failed', { event: name, cause: error instanceof Error ? error.message : String(error) });
        }
      }
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
