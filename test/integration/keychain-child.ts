// Runs one keychain operation in a process of its own, whose bus and home the test chose, and prints one JSON line; it decides nothing itself.
import { plantCanary, probeStore } from '#core/credentials/canary.ts';
import { openKeychain } from '#core/credentials/keychain.ts';
import { AppError } from '#shared/errors.ts';

export type Operation =
  | { readonly do: 'probe'; readonly expectCanary: boolean }
  | { readonly do: 'plant' }
  | { readonly do: 'get'; readonly name: string }
  | { readonly do: 'set'; readonly name: string; readonly value: string }
  | { readonly do: 'delete'; readonly name: string };

export interface Reply {
  readonly value?: string | null | undefined;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
  readonly tookMs: number;
}

const { service, timeoutMs, operations } = JSON.parse(process.argv[2] ?? '') as { service: string; timeoutMs: number; operations: Operation[] };
const store = openKeychain(service, { timeoutMs });

async function perform(operation: Operation): Promise<string | null | undefined> {
  switch (operation.do) {
    case 'probe': return await probeStore(store, { expectCanary: operation.expectCanary });
    case 'plant': await plantCanary(store); return undefined;
    case 'get': return await store.get(operation.name);
    case 'set': await store.set(operation.name, operation.value); return undefined;
    case 'delete': await store.delete(operation.name); return undefined;
  }
}

const replies: Reply[] = [];
for (const operation of operations) {
  const started = performance.now();
  try {
    const value = await perform(operation);
    replies.push({ value, tookMs: performance.now() - started });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    replies.push({ error: { code: error.code, message: error.message, hint: error.hint }, tookMs: performance.now() - started });
  }
}
// An exit code that no accident gives, to see that it survives a keychain that hangs.
process.stdout.write(`${JSON.stringify(replies)}\n`, () => process.exit(42));
