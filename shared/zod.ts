// The one place that configures zod: no code generation, because the page's policy forbids it. Import `z` from here, never from zod.
import * as z from 'zod';

z.config({ jitless: true });

export { z };
