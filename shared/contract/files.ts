// Folders on this machine, so that a window can choose where a file goes; names only, never contents.
import { z } from '../zod.ts';
import { call } from './call.ts';

export const filesCalls = {
  /** `path` null: the admin's home. Hidden folders are left out. */
  'files.folders': call({
    effect: 'read', errors: ['file_not_found', 'file_unreadable'], input: z.strictObject({ path: z.string().max(4096).nullable().default(null) }),
    output: z.strictObject({ path: z.string(), parent: z.string().nullable(), separator: z.enum(['/', '\\']), folders: z.array(z.string()), files: z.array(z.string()), isWritable: z.boolean(), places: z.array(z.strictObject({ name: z.string(), path: z.string() })) }),
  }),
} as const;
