// Copying out of the window: the text leaves the clipboard by itself, but only while it is still ours.
import { z } from '../zod.ts';
import { call } from './call.ts';

export const clipboardCalls = {
  'clipboard.copy': call({
    effect: 'read',
    input: z.strictObject({ text: z.string().max(524_288) }),
    output: z.strictObject({ copied: z.boolean(), clearsAfterSeconds: z.int() }),
    errors: ['not_offered'],
  }),
} as const;
