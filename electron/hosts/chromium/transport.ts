// Owns the bridge between one page and core over Chromium's own binding. It serves the main frame of our origin and nobody else.
import { randomBytes } from 'node:crypto';
import type { AppEvent } from '#shared/contract.ts';
import { Connection } from '#core/bridge/connection.ts';
import type { Door } from '#core/bridge/connection.ts';
import type { Log } from '#core/ports.ts';
import { ChromiumGone, CommandRefused } from './pipe.ts';
import type { Fields, Pipe, PipeEvent } from './pipe.ts';
import { pageScript } from './page-script.ts';
import { FilePaths } from './file-paths.ts';

export interface TransportOptions {
  readonly pipe: Pipe;
  readonly sessionId: string;
  /** In Chromium the target of a page and its main frame have the same id. */
  readonly mainFrameId: string;
  readonly origin: string;
  readonly door: Door;
  readonly log: Log;
  readonly monotonicMs: () => number;
}

interface World {
  readonly frameId: string;
  readonly origin: string;
  readonly isMain: boolean;
}

interface LoadedPage {
  readonly contextId: number;
  readonly connection: Connection;
  readonly paths: FilePaths;
}

const BINDING = '__holdfastPost';
/** Answers that pile up while one delivery runs travel together, up to this size. */
const MAX_DELIVERY_CHARACTERS = 4_194_304;

export class Transport {
  /** Messages that came from somewhere else than our page. */
  refusedCallers = 0;
  readonly #options: TransportOptions;
  readonly #mark = randomBytes(16).toString('hex');
  readonly #worlds = new Map<number, World>();
  #page: LoadedPage | null = null;

  constructor(options: TransportOptions) {
    this.#options = options;
    options.pipe.onEvent((event) => { if (event.sessionId === options.sessionId) this.#hear(event); });
    void options.pipe.ended.then(() => this.lost());
  }

  /** Prepares the page; no byte of the page may be loaded before this has settled. */
  async install(): Promise<void> {
    await Promise.all([
      this.#send('Runtime.addBinding', { name: BINDING }),
      this.#send('Page.addScriptToEvaluateOnNewDocument', { source: pageScript({ origin: this.#options.origin, binding: BINDING, mark: this.#mark }) }),
      this.#send('Runtime.enable', {}),
    ]);
  }

  /** Passes an event of core on to the page, when one is loaded. */
  tell(event: AppEvent): void {
    this.#page?.connection.tell(event);
  }

  /** The page is gone (closed, reloaded, crashed): its calls are aborted. */
  lost(): void {
    this.#page?.connection.close();
    this.#page?.paths.close();
    this.#page = null;
  }

  #send(method: string, params: Fields): Promise<Fields> {
    return this.#options.pipe.send(method, params, this.#options.sessionId);
  }

  #hear({ method, params }: PipeEvent): void {
    if (method === 'Runtime.bindingCalled') this.#receive(params);
    else if (method === 'Runtime.executionContextCreated') this.#addWorld(params['context'] as Fields);
    else if (method === 'Runtime.executionContextDestroyed') this.#removeWorld(params['executionContextId'] as number);
    else if (method === 'Runtime.executionContextsCleared') this.#clearWorlds();
    else if (method === 'Runtime.consoleAPICalled') this.#welcome(params);
  }

  #receive(params: Fields): void {
    if (params['name'] !== BINDING) return;
    if (this.#page !== null && params['executionContextId'] === this.#page.contextId) {
      const text = String(params['payload']);
      if (!this.#page.paths.receive(text)) this.#page.connection.receive(text);
      return;
    }
    this.refusedCallers += 1;
    // The first, the tenth, the hundredth: a flood of them does not fill the log.
    if (/^10*$/.test(String(this.refusedCallers))) this.#options.log.error('a caller that is not our page was refused', { code: 'caller_refused', count: this.refusedCallers });
  }

  #addWorld(context: Fields): void {
    const aux = (context['auxData'] ?? {}) as { frameId?: string; isDefault?: boolean };
    this.#worlds.set(context['id'] as number, { frameId: aux.frameId ?? '', origin: String(context['origin']), isMain: aux.isDefault === true });
  }

  #removeWorld(contextId: number): void {
    this.#worlds.delete(contextId);
    if (this.#page?.contextId === contextId) this.lost();
  }

  #clearWorlds(): void {
    this.#worlds.clear();
    this.lost();
  }

  /** The script in the page hands over the function that takes our answers; no global is needed for the way back. */
  #welcome(params: Fields): void {
    const [mark, take, fileOf] = params['args'] as readonly [{ value?: unknown }?, { objectId?: string }?, { objectId?: string }?];
    if (mark?.value !== this.#mark || take?.objectId === undefined || fileOf?.objectId === undefined) return;
    const contextId = params['executionContextId'] as number;
    const world = this.#worlds.get(contextId);
    if (world === undefined || !world.isMain || world.frameId !== this.#options.mainFrameId || world.origin !== this.#options.origin || this.#page?.contextId === contextId) return;
    this.lost();
    const { door, log, monotonicMs } = this.#options;
    const send = this.#deliveries(take.objectId);
    this.#page = { contextId, connection: new Connection({ door, log, monotonicMs, send }), paths: new FilePaths({ fileOfId: fileOf.objectId, ask: (method, fields) => this.#send(method, fields), send, monotonicMs }) };
  }

  /** Sends answers in order, one delivery at a time; what comes in the meantime goes together with the next. */
  #deliveries(takeId: string): (text: string) => void {
    const waiting: string[] = [];
    let isBusy = false;
    const deliver = async (): Promise<void> => {
      isBusy = true;
      while (waiting.length > 0) {
        let characters = 0;
        const fits = waiting.findIndex((text) => (characters += text.length) > MAX_DELIVERY_CHARACTERS);
        const batch = waiting.splice(0, fits === -1 ? waiting.length : Math.max(1, fits));
        await this.#send('Runtime.callFunctionOn', { objectId: takeId, functionDeclaration: 'function (text) { this(text); }', arguments: [{ value: `[${batch.join(',')}]` }] });
      }
      isBusy = false;
    };
    return (text) => {
      waiting.push(text);
      if (!isBusy) void deliver().catch((error: unknown) => this.#forgive(error));
    };
  }

  /** The page may go between an answer and its delivery; then nobody is waiting for it. */
  #forgive(error: unknown): void {
    if (!(error instanceof ChromiumGone || error instanceof CommandRefused)) throw error;
  }
}
